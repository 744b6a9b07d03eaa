// Signs of life for the service manager, while we deserve them.
#pragma once

#include <chrono>
#include <optional>

#include "service_manager/notifier.hpp"

namespace xrayd::service_manager {

/// The main loop calls tick() as often as it likes, at least once every interval(), and says
/// whether the threads that matter still turn. While they do, the manager gets a sign of life each
/// interval. Once they do not, it gets none, and restarts us when its patience, which is twice the
/// interval, is at its end. Not thread-safe.
class Watchdog {
 public:
  using Clock = std::chrono::steady_clock;

  /// Without a `timeout` (see watchdog_timeout()) nothing is sent. `notifier` must outlive this.
  Watchdog(Notifier& notifier, std::optional<std::chrono::microseconds> timeout);

  /// Half of the timeout, at least 1 ms; nothing if nobody waits for signs of life.
  [[nodiscard]] std::optional<std::chrono::microseconds> interval() const { return interval_; }

  /// Sends a sign of life if one is due and `all_is_well`.
  void tick(bool all_is_well, Clock::time_point now);

 private:
  Notifier& notifier_;
  std::optional<std::chrono::microseconds> interval_;
  std::optional<Clock::time_point> last_;
};

}  // namespace xrayd::service_manager
