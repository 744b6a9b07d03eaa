// The signals that steer the daemon.
#pragma once

#include <csignal>
#include <ctime>

#include <chrono>
#include <optional>

namespace xrayd::app {

/// SIGINT, SIGTERM and SIGHUP, blocked before any thread exists so that only wait_for() gets them.
/// SIGPIPE is ignored.
class Signals {
 public:
  Signals() {
    std::signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set_, number);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }

  /// The number of one that came, or nothing within that time.
  [[nodiscard]] std::optional<int> wait_for(std::chrono::milliseconds time) const {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
    const timespec timeout{seconds.count(), std::chrono::nanoseconds(time - seconds).count()};
    const int number = sigtimedwait(&set_, nullptr, &timeout);
    if (number < 0) return std::nullopt;
    return number;
  }

 private:
  sigset_t set_{};
};

}  // namespace xrayd::app
