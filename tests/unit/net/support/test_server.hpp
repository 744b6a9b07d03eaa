// A server on 127.0.0.1 that does what a test wants, with TLS or without.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "net/tls_context.hpp"
#include "support/certificates.hpp"

namespace xrayd::net {

/// A server's side of one connection. Everything blocks, and ends when the server goes.
class ServedConnection {
 public:
  ServedConnection(int socket, int number) : socket_(socket), number_(number) {}
  ServedConnection(const ServedConnection&) = delete;
  ServedConnection& operator=(const ServedConnection&) = delete;
  ~ServedConnection();

  /// 0 for the server's first.
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool resumed() const { return ssl_ && SSL_session_reused(ssl_.get()) == 1; }

  /// False if the handshake fails.
  bool begin_tls(SSL_CTX* context);
  /// One request with the body that Content-Length tells; empty when the client has gone.
  std::string read_request();
  /// One answer with that body.
  void answer(std::string_view body, std::string_view status = "200 OK",
              std::string_view headers = "");
  void write(std::string_view text);
  /// What comes next; empty when the client has gone.
  std::string read_some();
  /// Waits until the client or the server goes.
  void hang();
  /// TLS 1.3: offers another session to the client, after everything else.
  void offer_session();
  /// Ends the connection with a reset instead of in an orderly way.
  void reset();
  /// Sends every byte that comes from here on to that port, and back.
  void relay_to(std::uint16_t port);

 private:
  friend class TestServer;

  int socket_;
  int number_;
  SslPointer ssl_;
  /// What was read beyond a request.
  std::string rest_;
};

class TestServer {
 public:
  using Script = std::function<void(ServedConnection&)>;

  /// Plain.
  explicit TestServer(Script script) : TestServer(std::move(script), nullptr) {}
  /// With TLS before the script begins.
  TestServer(Script script, const Identity& identity) : TestServer(std::move(script), &identity) {}
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  TestServer(Script script, const Identity* identity);
  void accept();
  void serve(int socket, int number);

  Script script_;
  std::unique_ptr<SSL_CTX, SslDeleter> tls_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// Answers every request with its own body.
void echo(ServedConnection& connection);

/// A port of 127.0.0.1 that nobody listens on, nor can while this lives.
class ClosedPort {
 public:
  ClosedPort();
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  ~ClosedPort();
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int socket_ = -1;
  std::uint16_t port_ = 0;
};

/// A port whose queue of connections is full, so that more of them get no answer at all.
class DeafPort {
 public:
  explicit DeafPort(std::uint16_t port = 0, const char* host = "127.0.0.1");
  DeafPort(const DeafPort&) = delete;
  DeafPort& operator=(const DeafPort&) = delete;
  ~DeafPort();
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  std::vector<int> sockets_;
  std::uint16_t port_ = 0;
};

}  // namespace xrayd::net
