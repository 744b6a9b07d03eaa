// HTTP/1.1 to other machines. Sockets, TLS and the protocol stay behind this; so does their
// library, which is slow to compile.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/endpoints.hpp"
#include "aws/retry_policy.hpp"
#include "aws/sigv4.hpp"

namespace xrayd::net {

struct Header {
  std::string name;
  std::string value;
};

/// Views are valid until send() returns.
struct HttpRequest {
  std::string_view method = "POST";
  /// Path and query as they are sent.
  std::string_view target = "/";
  /// All but Host, Content-Length, Connection and what goes to a proxy: those are the client's.
  std::span<const aws::HeaderView> headers = {};
  std::string_view body = {};
};

struct HttpResponse {
  int status = 0;
  std::vector<Header> headers;
  std::string body;

  /// The first header of that name, in any case; empty if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct HttpResult {
  aws::RequestEnd end = aws::RequestEnd::answered;
  /// Where `end` is answered.
  HttpResponse response = {};
  /// Otherwise one line for the log: what failed, where and why. No header, query or userinfo.
  std::string problem = {};
};

struct ClientSettings {
  /// For the name, the connection, the proxy and TLS together.
  std::chrono::milliseconds connect_timeout{2000};
  /// A connection that was idle for longer is not used again.
  std::chrono::milliseconds keep_alive{20'000};
  /// A longer answer ends as malformed_answer.
  std::size_t longest_body = std::size_t{4} << 20U;
  /// False for addresses on this machine or link (metadata, container credentials).
  bool through_proxy = true;
};

/// One connection at a time, kept between requests. For one thread at a time but for cancel().
class HttpClient {
 public:
  HttpClient() = default;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  virtual ~HttpClient() = default;

  /// Sends one request and reads its answer, all within `timeout`. Redirects are answers. Never
  /// throws. The request is written once at most: a connection that died in the meantime is noticed
  /// beforehand where that can be, and is otherwise a cut.
  [[nodiscard]] virtual HttpResult send(const aws::Endpoint& endpoint, const HttpRequest& request,
                                        std::chrono::milliseconds timeout) noexcept = 0;

  /// From any thread: the request in progress and all later ones end at once, as cut.
  virtual void cancel() noexcept = 0;
};

struct NetworkSettings {
  /// `http://[user:password@]host:port` of a proxy for https endpoints; empty: none. From -p, else
  /// HTTPS_PROXY, else https_proxy.
  std::string proxy = {};
  /// NO_PROXY's list: names (with what ends in them), addresses, CIDR blocks, ports, `*`.
  std::string no_proxy = {};
  /// A PEM file whose certificates are trusted instead of the system's; empty: the system's.
  std::string ca_bundle = {};
  /// NoVerifySSL: any certificate will do.
  bool verify = true;
};

/// What all clients share: TLS with its trusted certificates, the proxy's address. Thread-safe.
/// Outlives its clients.
class Network {
 public:
  /// Throws StartupError naming the proxy's or the file's fault (`Bad proxy URL` for the first),
  /// without userinfo.
  explicit Network(const NetworkSettings& settings);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  ~Network();

  [[nodiscard]] std::unique_ptr<HttpClient> client(const ClientSettings& settings = {}) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Makes clients: Network's, or a test's.
using ClientFactory = std::function<std::unique_ptr<HttpClient>(const ClientSettings&)>;

}  // namespace xrayd::net
