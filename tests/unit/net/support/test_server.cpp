#include "support/test_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace xrayd::net {
namespace {

sockaddr_in loopback(std::uint16_t port, const char* host = "127.0.0.1") {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = inet_addr(host);
  return address;
}

std::size_t content_length(std::string_view header) {
  constexpr std::string_view name = "Content-Length: ";
  const std::size_t place = header.find(name);
  if (place == std::string_view::npos) return 0;
  return std::stoul(std::string(header.substr(place + name.size())));
}

/// Bound to a free port, not listening yet.
std::pair<int, std::uint16_t> bound_socket(std::uint16_t port = 0, const char* host = "127.0.0.1") {
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(port, host);
  socklen_t size = sizeof address;
  if (made < 0 || bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      getsockname(made, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no free port");
  }
  return {made, ntohs(address.sin_port)};
}

}  // namespace

ServedConnection::~ServedConnection() {
  if (ssl_) SSL_shutdown(ssl_.get());
  ssl_.reset();
  if (socket_ >= 0) close(socket_);
}

bool ServedConnection::begin_tls(SSL_CTX* context) {
  ssl_.reset(SSL_new(context));
  SSL_set_fd(ssl_.get(), socket_);
  return SSL_accept(ssl_.get()) == 1;
}

std::string ServedConnection::read_some() {
  std::array<char, 16'384> piece{};
  const auto size =
      ssl_
          ? static_cast<ssize_t>(SSL_read(ssl_.get(), piece.data(), static_cast<int>(piece.size())))
          : recv(socket_, piece.data(), piece.size(), 0);
  return {piece.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

std::string ServedConnection::read_request() {
  while (true) {
    const std::size_t end = rest_.find("\r\n\r\n");
    if (end != std::string::npos) {
      const std::size_t size = end + 4 + content_length(std::string_view(rest_).substr(0, end));
      if (rest_.size() >= size) {
        std::string request = rest_.substr(0, size);
        rest_.erase(0, size);
        return request;
      }
    }
    const std::string more = read_some();
    if (more.empty()) return {};
    rest_ += more;
  }
}

void ServedConnection::write(std::string_view text) {
  while (!text.empty()) {
    const auto sent = ssl_ ? static_cast<ssize_t>(
                                 SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())))
                           : send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void ServedConnection::answer(std::string_view body, std::string_view status,
                              std::string_view headers) {
  std::string text = "HTTP/1.1 ";
  text += status;
  text += "\r\n";
  text += headers;
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  text += body;
  write(text);
}

void ServedConnection::hang() {
  std::array<char, 4096> piece{};
  while (recv(socket_, piece.data(), piece.size(), 0) > 0) {
  }
}

void ServedConnection::offer_session() {
  SSL_new_session_ticket(ssl_.get());
  SSL_do_handshake(ssl_.get());
}

void ServedConnection::reset() {
  const linger at_once{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ssl_.reset();
  // A listing server still knows the number: the socket itself goes with this object.
  const sockaddr nowhere{AF_UNSPEC, {}};
  (void)connect(socket_, &nowhere, sizeof nowhere);
}

void ServedConnection::relay_to(std::uint16_t port) {
  const int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (connect(other, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    std::array<pollfd, 2> ready = {pollfd{socket_, POLLIN, 0}, pollfd{other, POLLIN, 0}};
    std::array<char, 16'384> piece{};
    bool open = true;
    while (open && poll(ready.data(), ready.size(), 10'000) > 0) {
      for (std::size_t i = 0; i < 2; ++i) {
        if (ready[i].revents == 0) continue;
        const ssize_t size = recv(ready[i].fd, piece.data(), piece.size(), 0);
        open = open && size > 0 &&
               send(ready[1 - i].fd, piece.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) ==
                   size;
      }
    }
  }
  close(other);
}

TestServer::TestServer(Script script, const Identity* identity) : script_(std::move(script)) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets that may be closed
  if (identity != nullptr) {
    tls_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(tls_.get(), identity->certificate.get());
    SSL_CTX_use_PrivateKey(tls_.get(), identity->key.get());
  }
  std::tie(listener_, port_) = bound_socket();
  listen(listener_, 64);
  acceptor_ = std::thread([this] { accept(); });
}

TestServer::~TestServer() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  {
    const std::lock_guard guard(mutex_);
    for (const int socket : open_) shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
}

void TestServer::accept() {
  while (!stopping_) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const int number = connections_++;
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard guard(mutex_);
    open_.push_back(socket);
    threads_.emplace_back([this, socket, number] { serve(socket, number); });
  }
}

void TestServer::serve(int socket, int number) {
  ServedConnection connection(socket, number);
  if (!tls_ || connection.begin_tls(tls_.get())) script_(connection);
  // Closed under the lock: the number may be another file's afterwards.
  const std::lock_guard guard(mutex_);
  open_.erase(std::find(open_.begin(), open_.end(), socket));
  if (connection.ssl_) SSL_shutdown(connection.ssl_.get());
  connection.ssl_.reset();
  close(connection.socket_);
  connection.socket_ = -1;
}

void echo(ServedConnection& connection) {
  while (true) {
    const std::string request = connection.read_request();
    if (request.empty()) return;
    connection.answer(std::string_view(request).substr(request.find("\r\n\r\n") + 4));
  }
}

ClosedPort::ClosedPort() {
  std::tie(socket_, port_) = bound_socket();
}

ClosedPort::~ClosedPort() {
  close(socket_);
}

DeafPort::DeafPort(std::uint16_t port, const char* host) {
  const auto [listener, got] = bound_socket(port, host);
  port_ = got;
  sockets_.push_back(listener);
  listen(listener, 0);
  const sockaddr_in address = loopback(got, host);
  for (int i = 0; i < 4; ++i) {
    sockets_.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    (void)connect(sockets_.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
}

DeafPort::~DeafPort() {
  for (const int socket : sockets_) close(socket);
}

}  // namespace xrayd::net
