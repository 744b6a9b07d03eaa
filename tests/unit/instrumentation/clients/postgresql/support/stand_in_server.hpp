// As much of a PostgreSQL server as libpq needs to be called.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace xray_test {

/// Listens on a free port of loopback and says yes to every statement, by either protocol; to one
/// with "fail" in it, that it has a syntax error at "secret" (SQLSTATE 42601); from one with "hang"
/// on nothing at all. Statements parsed before are not looked at when they are executed.
class StandInServer {
 public:
  /// `conforming` is what it says of standard_conforming_strings.
  explicit StandInServer(std::string conforming = "on");
  StandInServer(const StandInServer&) = delete;
  StandInServer& operator=(const StandInServer&) = delete;
  ~StandInServer();

  /// For PQconnectdb(): database "shop", user "ann".
  [[nodiscard]] std::string conninfo() const;
  [[nodiscard]] int port() const noexcept { return port_; }

 private:
  void accept_all();
  void serve(int socket, int number) const;

  std::string conforming_;
  int listener_;
  int port_;
  std::atomic<bool> is_over_{false};
  std::mutex mutex_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace xray_test
