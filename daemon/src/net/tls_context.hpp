// What all TLS connections share: the trusted certificates and the sessions to go on with.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace xrayd::net {

struct SslDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using SslPointer = std::unique_ptr<SSL, SslDeleter>;
using SslSessionPointer = std::unique_ptr<SSL_SESSION, SslDeleter>;

/// Sessions that servers offered, by server. Each is used once (RFC 8446, C.4), the newest first.
/// Thread-safe.
class TlsSessions {
 public:
  static constexpr std::size_t most_of_a_server = 8;
  static constexpr std::size_t most_servers = 16;

  void put(const std::string& server, SslSessionPointer session);
  /// Null if there is none.
  [[nodiscard]] SslSessionPointer take(const std::string& server);

 private:
  std::mutex mutex_;
  std::map<std::string, std::vector<SslSessionPointer>> of_;
};

/// TLS 1.2 and 1.3. Thread-safe; must outlive what open() gives.
class TlsContext {
 public:
  /// `ca_bundle` stands in for the system's certificates unless it is empty. Throws StartupError
  /// that names a file without certificates. All else is done when the first connection is opened:
  /// OpenSSL takes milliseconds to set itself up, and the certificates of a whole system tens of
  /// them.
  TlsContext(const std::string& ca_bundle, bool verify);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  /// A client's side of a connection to `host`, a name or an address without brackets, which the
  /// certificate must be for. Throws std::runtime_error if OpenSSL can't be set up or the bundle
  /// can't be read any more.
  [[nodiscard]] SslPointer open(const std::string& host, std::uint16_t port) const;

 private:
  static int on_session(SSL* ssl, SSL_SESSION* session);
  [[nodiscard]] SSL_CTX* context() const;
  void load_certificates(SSL_CTX* context) const;

  std::string ca_bundle_;
  mutable TlsSessions sessions_;
  bool verify_;
  mutable std::mutex mutex_;
  /// Null until somebody needs it. Not by call_once: what fails here may work the next time.
  mutable std::unique_ptr<SSL_CTX, SslDeleter> context_;
};

}  // namespace xrayd::net
