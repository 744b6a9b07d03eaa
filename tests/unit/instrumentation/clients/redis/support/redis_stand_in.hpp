// Speaks Redis' protocol on 127.0.0.1, and says what tests want to hear.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace support {

/// Answers `FAIL words` with that error, `SUBSCRIBE` and `MONITOR` with two messages besides,
/// `GET` with "value", `CLOSE` by closing the connection, `SILENT` not at all, else with OK.
class RedisStandIn {
 public:
  RedisStandIn() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::listen(listener_, 64);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  RedisStandIn(const RedisStandIn&) = delete;
  RedisStandIn& operator=(const RedisStandIn&) = delete;
  ~RedisStandIn() {
    stopping_.store(true);
    thread_.join();
    ::close(listener_);
  }

  [[nodiscard]] int port() const { return port_; }

 private:
  struct Peer {
    int socket;
    std::string received;
  };

  void serve() {
    std::vector<Peer> peers;
    while (!stopping_.load()) {
      std::vector<pollfd> watched{{listener_, POLLIN, 0}};
      for (const Peer& peer : peers) watched.push_back({peer.socket, POLLIN, 0});
      if (::poll(watched.data(), watched.size(), 10) <= 0) continue;
      for (std::size_t i = peers.size(); i-- > 0;) {
        if (watched[i + 1].revents != 0 && !answer(peers[i])) {
          ::close(peers[i].socket);
          peers.erase(peers.begin() + static_cast<std::ptrdiff_t>(i));
        }
      }
      if (watched[0].revents != 0) {
        const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (peer >= 0) peers.push_back({peer, {}});
      }
    }
    for (const Peer& peer : peers) ::close(peer.socket);
  }

  /// False once the connection is over.
  static bool answer(Peer& peer) {
    char bytes[4096];
    const ssize_t size = ::recv(peer.socket, bytes, sizeof bytes, 0);
    if (size <= 0) return false;
    peer.received.append(bytes, static_cast<std::size_t>(size));
    std::string answers;
    bool goes_on = true;
    std::vector<std::string> words;
    while (goes_on && take(peer.received, words)) {
      if (words[0] == "CLOSE") {
        goes_on = false;
      } else {
        answers += answer_to(words);
      }
    }
    if (!answers.empty()) ::send(peer.socket, answers.data(), answers.size(), MSG_NOSIGNAL);
    return goes_on;
  }

  static std::string answer_to(const std::vector<std::string>& words) {
    if (words[0] == "FAIL") return "-" + words.at(1) + "\r\n";
    if (words[0] == "SILENT") return {};
    if (words[0] == "GET") return "$5\r\nvalue\r\n";
    if (words[0] == "MONITOR") return "+OK\r\n+first line\r\n+second line\r\n";
    if (words[0] == "SUBSCRIBE") {
      const std::string message = "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n";
      return "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n" + message + message;
    }
    return "+OK\r\n";
  }

  /// Takes one command, if it is complete.
  static bool take(std::string& text, std::vector<std::string>& words) {
    words.clear();
    std::size_t at = 0;
    const auto number = [&](char mark, std::size_t& value) {
      const std::size_t end = text.find("\r\n", at);
      if (at >= text.size() || text[at] != mark || end == std::string::npos) return false;
      value = std::stoul(text.substr(at + 1, end - at - 1));
      at = end + 2;
      return true;
    };
    std::size_t count = 0;
    if (!number('*', count)) return false;
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t size = 0;
      if (!number('$', size) || at + size + 2 > text.size()) return false;
      words.push_back(text.substr(at, size));
      at += size + 2;
    }
    text.erase(0, at);
    return !words.empty();
  }

  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace support
