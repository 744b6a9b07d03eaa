#include "net/tls_context.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include "net/ip_address.hpp"
#include "startup_error.hpp"

namespace xrayd::net {
namespace {

/// Each SSL carries the name of its server, for the session that comes later.
int server_index() {
  static const int index = SSL_get_ex_new_index(
      0, nullptr, nullptr, nullptr, [](void*, void* data, CRYPTO_EX_DATA*, int, long, void*) {
        const std::unique_ptr<std::string> owner(static_cast<std::string*>(data));
      });
  return index;
}

std::string openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason == nullptr ? "no reason given" : reason;
}

/// Its first certificate tells whether it is a bundle at all.
void check_bundle(const std::string& path) {
  ERR_clear_error();
  const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(path.c_str(), "r"), &BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> first(
      file ? PEM_read_bio_X509_AUX(file.get(), nullptr, nullptr, nullptr) : nullptr, &X509_free);
  if (first) return;
  throw StartupError("the CA bundle " + path +
                     " can't be used: " + (file ? "it has no certificate" : openssl_reason()));
}

}  // namespace

void TlsSessions::put(const std::string& server, SslSessionPointer session) {
  const std::lock_guard guard(mutex_);
  auto place = of_.find(server);
  if (place == of_.end()) {
    if (of_.size() >= most_servers) of_.erase(of_.begin());
    place = of_.emplace(server, std::vector<SslSessionPointer>()).first;
  }
  auto& sessions = place->second;
  if (sessions.size() >= most_of_a_server) sessions.erase(sessions.begin());
  sessions.push_back(std::move(session));
}

SslSessionPointer TlsSessions::take(const std::string& server) {
  const std::lock_guard guard(mutex_);
  const auto place = of_.find(server);
  if (place == of_.end() || place->second.empty()) return nullptr;
  SslSessionPointer session = std::move(place->second.back());
  place->second.pop_back();
  return session;
}

TlsContext::TlsContext(const std::string& ca_bundle, bool verify)
    : ca_bundle_(ca_bundle), verify_(verify) {
  if (!ca_bundle.empty()) check_bundle(ca_bundle);
}

TlsContext::~TlsContext() = default;

SSL_CTX* TlsContext::context() const {
  const std::lock_guard guard(mutex_);
  if (context_) return context_.get();
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, SslDeleter> made(SSL_CTX_new(TLS_client_method()));
  if (!made) throw std::runtime_error("TLS can't be set up: " + openssl_reason());
  SSL_CTX* const context = made.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // Nobody compresses, and a server that renegotiates has no business here.
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  constexpr std::array<unsigned char, 9> protocols = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context, protocols.data(), protocols.size());
  SSL_CTX_set_verify(context, verify_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_app_data(context, &sessions_);
  SSL_CTX_sess_set_new_cb(context, &TlsContext::on_session);
  if (verify_) load_certificates(context);
  context_ = std::move(made);
  return context;
}

void TlsContext::load_certificates(SSL_CTX* context) const {
  if (ca_bundle_.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    // Places where there is nothing are no errors of the connection to come.
    ERR_clear_error();
  } else if (SSL_CTX_load_verify_locations(context, ca_bundle_.c_str(), nullptr) != 1) {
    throw std::runtime_error("the CA bundle " + ca_bundle_ + " can't be used: " + openssl_reason());
  }
}

int TlsContext::on_session(SSL* ssl, SSL_SESSION* session) {
  auto* const sessions = static_cast<TlsSessions*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const auto* const server = static_cast<const std::string*>(SSL_get_ex_data(ssl, server_index()));
  if (server == nullptr) return 0;
  SslSessionPointer owner(session);
  try {
    sessions->put(*server, std::move(owner));
  } catch (const std::exception&) {
    // Without memory for it, the next connection begins anew.
  }
  return 1;  // the session is ours
}

SslPointer TlsContext::open(const std::string& host, std::uint16_t port) const {
  SslPointer ssl(SSL_new(context()));
  if (!ssl) throw std::runtime_error("no memory for TLS");
  bool ok = true;
  if (parse_ip(host)) {
    ok = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str()) == 1;
  } else {
    ok = SSL_set1_host(ssl.get(), host.c_str()) == 1 &&
         SSL_set_tlsext_host_name(ssl.get(), host.c_str()) == 1;
  }
  // A name counts where certificates have their names; a subject is a text for people.
  SSL_set_hostflags(ssl.get(),
                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  auto server = std::make_unique<std::string>(host_and_port(host, port));
  const SslSessionPointer session = sessions_.take(*server);
  if (session) SSL_set_session(ssl.get(), session.get());
  if (SSL_set_ex_data(ssl.get(), server_index(), server.get()) == 1) {
    (void)server.release();  // freed with the SSL
  } else {
    ok = false;
  }
  if (!ok) throw std::runtime_error("TLS can't be set up for " + host);
  return ssl;
}

}  // namespace xrayd::net
