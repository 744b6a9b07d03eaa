// The daemon's end of the wire, for tests of sending.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string>
#include <vector>

namespace support {

/// The descriptors of this process, from its making on.
class Descriptors {
 public:
  Descriptors() : numbers_(now()) {}

  /// The one that has come since; -1 if it is not one.
  [[nodiscard]] int newcomer() const {
    std::vector<int> come;
    const std::vector<int> all = now();
    std::set_difference(all.begin(), all.end(), numbers_.begin(), numbers_.end(),
                        std::back_inserter(come));
    return come.size() == 1 ? come.front() : -1;
  }

 private:
  static std::vector<int> now() {
    std::vector<int> numbers;
    for (int number = 0; number < 1024; ++number) {
      if (::fcntl(number, F_GETFD) >= 0) numbers.push_back(number);
    }
    return numbers;
  }

  std::vector<int> numbers_;
};

/// A bound UDP socket. Waits up to ten seconds for a datagram.
class UdpDaemon {
 public:
  /// `host` is an address in numbers; port 0 is any.
  explicit UdpDaemon(const std::string& host = "127.0.0.1", int port = 0) : host_(host) {
    sockaddr_storage storage{};
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    const bool is_v6 = host.find(':') != std::string::npos;
    socklen_t size = is_v6 ? sizeof v6 : sizeof v4;
    storage.ss_family = is_v6 ? AF_INET6 : AF_INET;
    (is_v6 ? v6.sin6_port : v4.sin_port) = htons(static_cast<std::uint16_t>(port));
    EXPECT_EQ(::inet_pton(storage.ss_family, host.c_str(),
                          is_v6 ? static_cast<void*>(&v6.sin6_addr) : &v4.sin_addr),
              1);
    socket_ = ::socket(storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&storage), size), 0)
        << host << ": " << std::strerror(errno);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&storage), &size), 0);
    port_ = ntohs(is_v6 ? v6.sin6_port : v4.sin_port);
    const timeval wait{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  }
  UdpDaemon(const UdpDaemon&) = delete;
  UdpDaemon& operator=(const UdpDaemon&) = delete;
  ~UdpDaemon() { ::close(socket_); }

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] std::string receive() const { return receive(0); }
  [[nodiscard]] bool is_empty() const { return receive(MSG_DONTWAIT).empty(); }

 private:
  [[nodiscard]] std::string receive(int flags) const {
    std::string buffer(65'536, '\0');
    const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), flags);
    buffer.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return buffer;
  }

  std::string host_;
  int socket_ = -1;
  int port_ = 0;
};

/// A directory for a socket, gone afterwards.
class SocketPath {
 public:
  SocketPath() {
    char name[] = "/tmp/xray-socket-XXXXXX";
    directory_ = ::mkdtemp(name);
  }
  SocketPath(const SocketPath&) = delete;
  SocketPath& operator=(const SocketPath&) = delete;
  ~SocketPath() {
    ::unlink(path().c_str());
    ::rmdir(directory_.c_str());
  }
  [[nodiscard]] std::string path() const { return directory_ + "/s"; }

 private:
  std::string directory_;
};

/// One connection to a UnixDaemon, read frame by frame.
class Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}
  Connection(Connection&& other) noexcept : socket_(other.socket_) { other.socket_ = -1; }
  Connection& operator=(Connection&&) = delete;
  ~Connection() {
    if (socket_ >= 0) ::close(socket_);
  }

  /// Exactly so many bytes; fewer where the connection ends or nothing comes for ten seconds.
  std::string read(std::size_t size) {
    std::string result;
    while (socket_ >= 0 && result.size() < size) {
      pollfd watched{socket_, POLLIN, 0};
      if (::poll(&watched, 1, 10'000) != 1) break;
      char buffer[4096];
      const ssize_t got = ::recv(socket_, buffer, std::min(sizeof buffer, size - result.size()), 0);
      if (got <= 0) break;
      result.append(buffer, static_cast<std::size_t>(got));
    }
    return result;
  }

  /// A frame without its length; empty at the end.
  std::string frame() {
    const std::string prefix = read(4);
    if (prefix.size() < 4) return {};
    std::size_t size = 0;
    for (const char c : prefix) size = (size << 8U) | static_cast<unsigned char>(c);
    return read(size);
  }

  /// From here on writes to it fail; what was written before stays.
  void stop_reading() { ::shutdown(socket_, SHUT_RD); }

  [[nodiscard]] bool is_open() const { return socket_ >= 0; }

 private:
  int socket_;
};

/// A listening stream socket.
class UnixDaemon {
 public:
  explicit UnixDaemon(const std::string& path)
      : path_(path), socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(socket_, 8), 0);
  }
  UnixDaemon(const UnixDaemon&) = delete;
  UnixDaemon& operator=(const UnixDaemon&) = delete;
  ~UnixDaemon() {
    ::close(socket_);
    ::unlink(path_.c_str());
  }

  /// The next connection, waiting up to ten seconds for it.
  [[nodiscard]] Connection accept() const {
    pollfd watched{socket_, POLLIN, 0};
    return Connection(
        ::poll(&watched, 1, 10'000) == 1 ? ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC) : -1);
  }

 private:
  std::string path_;
  int socket_;
};

}  // namespace support
