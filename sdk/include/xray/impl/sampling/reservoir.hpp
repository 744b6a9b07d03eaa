// So many requests of each second.
#pragma once

#include <atomic>
#include <cstdint>
#include <ctime>

#include <xray/impl/clock.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// The epoch second, quickly: the kernel's last tick, at most some milliseconds old, and the same
/// for all threads.
inline std::int64_t epoch_second() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return static_cast<std::int64_t>(now.tv_sec);
}

/// Hands out a number of places a second, from any threads, never more.
class Reservoir {
 public:
  /// Takes one of `limit` places of the second, if one is left.
  bool take(std::int64_t epoch_second, std::uint32_t limit) noexcept {
    if (limit == 0) return false;
    auto second = static_cast<std::uint32_t>(epoch_second);
    std::uint64_t before = state_.load(std::memory_order_relaxed);
    while (true) {
      const auto newest = static_cast<std::uint32_t>(before >> 32U);
      std::uint32_t used = 0;
      if (newest == second) {
        used = static_cast<std::uint32_t>(before);
        if (used >= limit) return false;
      } else if (newest - second <= longest_delay) {
        // This thread was held up since it read the clock. A clock that was set back by more than
        // that begins anew.
        second = newest;
        continue;
      }
      const std::uint64_t after = (static_cast<std::uint64_t>(second) << 32U) | (used + 1);
      if (state_.compare_exchange_weak(before, after, std::memory_order_relaxed)) return true;
    }
  }

 private:
  static constexpr std::uint32_t longest_delay = 5;

  std::atomic<std::uint64_t> state_{0};  ///< the newest second seen, and the places taken in it
};

}  // namespace detail
XRAY_NAMESPACE_END
