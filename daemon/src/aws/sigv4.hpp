// Signature Version 4: what AWS asks of every request.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/secret.hpp"

namespace xrayd::aws {

/// SHA-256 of a text that comes in pieces.
class Sha256 {
 public:
  Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256();

  void update(std::string_view piece);
  /// The digest of all pieces as 64 lower-case hexadecimal digits. Once, then the object is spent.
  [[nodiscard]] std::string hex();

 private:
  void* context_;
};

[[nodiscard]] std::string sha256_hex(std::string_view text);

/// A header as the caller has it: views, valid while sign() runs.
struct HeaderView {
  std::string_view name;
  std::string_view value;
};

struct RequestToSign {
  std::string_view method = "POST";
  /// What the Host header says: lower case, with the port unless it is the scheme's own.
  std::string_view host = {};
  /// The path as it is sent; empty means `/`.
  std::string_view path = "/";
  /// The query as it is sent, percent-encoded by its writer, without the question mark.
  std::string_view query = {};
  /// The headers that the request has besides Host. Those that is_signature_header() names are not
  /// looked at and must not be sent: they come from sign().
  std::span<const HeaderView> headers = {};
  /// sha256_hex() of the body.
  std::string_view body_sha256 = {};
};

struct SigningScope {
  std::string_view region;
  std::string_view service;
};

struct SignatureHeader {
  std::string name;
  /// The token's is a secret: not for logs.
  std::string value;
};

/// The headers to add to a request: X-Amz-Date, X-Amz-Security-Token where the credentials have a
/// token, Authorization. `time` is AWS's: corrected by the caller where the clock here is wrong.
/// Thread-safe. Throws std::runtime_error if OpenSSL refuses to work, with no text of the request
/// or of the credentials in it.
[[nodiscard]] std::vector<SignatureHeader> sign(const RequestToSign& request,
                                                const Credentials& credentials,
                                                const SigningScope& scope,
                                                std::chrono::sys_seconds time);

/// Whether a header belongs to a signature (in any case): one that a client's request has already
/// is to be removed before the request is signed again.
[[nodiscard]] bool is_signature_header(std::string_view name);

}  // namespace xrayd::aws
