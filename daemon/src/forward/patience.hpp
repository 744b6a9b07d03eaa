// How long an attempt may take.
#pragma once

#include <chrono>
#include <mutex>

namespace xrayd::forward {

/// Where attempts time out the next ones get more time: a service that takes longer than the
/// setting says, or a line too slow for a large request, would otherwise be sent the same documents
/// again and again, and take them each time. Thread-safe.
class Patience {
 public:
  using Duration = std::chrono::milliseconds;

  explicit Patience(Duration first) : first_(first), present_(first) {}

  /// What an attempt that begins now may take: the setting, up to eight times as long.
  [[nodiscard]] Duration present() const {
    const std::lock_guard lock(mutex_);
    return present_;
  }

  /// An attempt that was given this time was not over. Those that were under way together count
  /// once.
  void timed_out(Duration given) {
    const std::lock_guard lock(mutex_);
    if (given >= present_ && present_ < most * first_) present_ *= 2;
  }

  /// An attempt was answered after this time.
  void answered(std::chrono::steady_clock::duration took) {
    const std::lock_guard lock(mutex_);
    if (present_ > first_ && took < present_ / 4) present_ /= 2;
  }

 private:
  static constexpr int most = 8;

  const Duration first_;
  mutable std::mutex mutex_;
  Duration present_;
};

}  // namespace xrayd::forward
