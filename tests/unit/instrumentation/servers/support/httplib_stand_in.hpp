// A server of cpp-httplib that runs.
#pragma once

#include <httplib.h>

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace support {

/// Lets a server listen on a free port, on a thread of its own, as long as it lives.
class Listening {
 public:
  explicit Listening(httplib::Server& server)
      : server_(server), port_(server.bind_to_any_port("127.0.0.1")) {
    EXPECT_GT(port_, 0);
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  ~Listening() { stop(); }

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }

  /// Returns when every request is answered and its thread has ended.
  void stop() {
    if (!thread_.joinable()) return;
    server_.stop();
    thread_.join();
  }

 private:
  httplib::Server& server_;
  int port_;
  std::thread thread_;
};

}  // namespace support
