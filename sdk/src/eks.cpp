// xray::eks: HTTPS by OpenSSL, for the eks plugin.
#include <xray/eks.hpp>

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string_view>

#include <xray/impl/http_client.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {
namespace {

struct Free {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  void operator()(SSL* connection) const noexcept { SSL_free(connection); }
  void operator()(BIO* bytes) const noexcept { BIO_free(bytes); }
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

/// OpenSSL tidies up after a thread when that ends, which here is after its end was announced: the
/// process may then be in OpenSSL's exit handler already. So it is told to do so before.
struct ThreadDone {
  ThreadDone() = default;
  ThreadDone(const ThreadDone&) = delete;
  ThreadDone& operator=(const ThreadDone&) = delete;
  ~ThreadDone() { OPENSSL_thread_stop(); }
};

/// Makes the PEM text's certificates the only ones to trust; false if there are none.
bool trust(SSL_CTX* context, std::string_view authority) {
  const std::unique_ptr<BIO, Free> bytes(
      BIO_new_mem_buf(authority.data(), static_cast<int>(authority.size())));
  if (bytes == nullptr) return false;
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  bool any = false;
  // Without this OpenSSL would ask at the terminal for an encrypted block's pass phrase.
  const auto no_pass_phrase = [](char*, int, int, void*) { return -1; };
  while (true) {
    const std::unique_ptr<X509, Free> certificate(
        PEM_read_bio_X509(bytes.get(), nullptr, no_pass_phrase, nullptr));
    if (certificate == nullptr) break;
    any = X509_STORE_add_cert(store, certificate.get()) == 1 || any;
  }
  ERR_clear_error();  // the end of the text is an error, too
  return any;
}

/// The certificate must be for this host: its address, or its name, which is also told.
bool expect_host(SSL* connection, const std::string& host) {
  unsigned char address[16];
  if (::inet_pton(AF_INET, host.c_str(), address) == 1 ||
      ::inet_pton(AF_INET6, host.c_str(), address) == 1) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str()) == 1;
  }
  SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(connection, host.c_str()) == 1 &&
         SSL_set_tlsext_host_name(connection, host.c_str()) == 1;
}

/// Repeats a step of the connection until it is made; its result, or why not.
template <typename Step>
HttpOutcome complete(SSL* connection, const OwnSocket& socket, const HttpWait& wait, int& result,
                     const Step& step) {
  while (true) {
    if (!socket.is_still_there()) return HttpOutcome::broken;
    ERR_clear_error();
    result = step();
    if (result > 0) return HttpOutcome::ok;
    const int error = SSL_get_error(connection, result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      return error == SSL_ERROR_ZERO_RETURN ? HttpOutcome::ok : HttpOutcome::broken;
    }
    const short events = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    const HttpOutcome waited = wait.ready(socket.number(), events);
    if (waited != HttpOutcome::ok) return waited;
  }
}

}  // namespace

void prepare_openssl() noexcept {
  OPENSSL_init_ssl(0, nullptr);
}

/// http_exchange(), within TLS. On a thread with SIGPIPE blocked: OpenSSL writes with write().
HttpOutcome openssl_exchange(const HttpRequest& request, std::string_view authority,
                             HttpReply& reply, const HttpLimits& limits,
                             const std::atomic<bool>* cancelled) {
  const std::string text = http_request_text(request);
  if (text.empty()) return HttpOutcome::bad_request;
  const std::int64_t now = nanoseconds_of(CLOCK_MONOTONIC);
  OwnSocket socket;
  const HttpWait connecting(now + std::min(limits.connect, limits.whole), cancelled);
  HttpOutcome outcome = http_connect(socket, request.host, request.port, connecting);
  if (outcome != HttpOutcome::ok) return outcome;
  const HttpWait wait(now + limits.whole, cancelled);
  if (wait.cancelled()) return HttpOutcome::cancelled;

  const ThreadDone thread_done;
  const std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return HttpOutcome::broken;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (!trust(context.get(), authority)) return HttpOutcome::not_trusted;
  const std::unique_ptr<SSL, Free> connection(SSL_new(context.get()));
  if (connection == nullptr || SSL_set_fd(connection.get(), socket.number()) != 1 ||
      !expect_host(connection.get(), request.host)) {
    return HttpOutcome::broken;
  }
  SSL* const ssl = connection.get();

  int result = 0;
  outcome = complete(ssl, socket, wait, result, [ssl] { return SSL_connect(ssl); });
  if (outcome != HttpOutcome::ok || result <= 0) {
    if (SSL_get_verify_result(ssl) != X509_V_OK) return HttpOutcome::not_trusted;
    return outcome != HttpOutcome::ok ? outcome : HttpOutcome::broken;
  }
  outcome = complete(ssl, socket, wait, result, [ssl, &text] {
    return SSL_write(ssl, text.data(), static_cast<int>(text.size()));
  });
  if (outcome != HttpOutcome::ok || result <= 0) {
    return outcome != HttpOutcome::ok ? outcome : HttpOutcome::broken;
  }

  HttpReplyReader reader(limits.body);
  HttpReplyReader::State state = HttpReplyReader::State::more;
  while (state == HttpReplyReader::State::more) {
    char bytes[4096];
    outcome = complete(ssl, socket, wait, result,
                       [ssl, &bytes] { return SSL_read(ssl, bytes, sizeof bytes); });
    if (outcome != HttpOutcome::ok) return outcome;
    state = result > 0 ? reader.feed({bytes, static_cast<std::size_t>(result)}) : reader.finish();
  }
  if (state == HttpReplyReader::State::broken) return HttpOutcome::broken;
  if (state == HttpReplyReader::State::too_large) return HttpOutcome::too_large;
  reply = std::move(reader.reply());
  return HttpOutcome::ok;
}

}  // namespace detail
XRAY_NAMESPACE_END
