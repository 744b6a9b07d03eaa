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
      } else if (before != 0 && is_before(second, newest)) {
        // Either this thread was held up since it read the clock...
        if (newest - second <= longest_delay || !was_set_back(second)) {
          second = newest;
          continue;
        }
        // ... or the clock was set back, and seconds begin anew.
      }
      const std::uint64_t after = (static_cast<std::uint64_t>(second) << 32U) | (used + 1);
      if (state_.compare_exchange_weak(before, after, std::memory_order_relaxed)) {
        if (used == 0) forget_older();
        return true;
      }
    }
  }

 private:
  /// Of a thread that lost the processor, and of an adjustment that is waited for to pass.
  static constexpr std::uint32_t longest_delay = 5;

  static bool is_before(std::uint32_t second, std::uint32_t other) noexcept {
    return static_cast<std::int32_t>(second - other) < 0;
  }

  /// Whether the clock runs on from a time long before the newest second. One reading does not
  /// tell: when a stopped process or machine goes on, each of its threads may come with an old one.
  /// But two that are seconds apart do, with none of a new second between them.
  bool was_set_back(std::uint32_t second) noexcept {
    const std::uint64_t older = older_.load(std::memory_order_relaxed);
    const auto first = static_cast<std::uint32_t>(older);
    if (older != 0 && !is_before(second, first)) return second - first >= 2;
    older_.store(older_is_known | second, std::memory_order_relaxed);
    return false;
  }
  void forget_older() noexcept {
    if (older_.load(std::memory_order_relaxed) != 0) older_.store(0, std::memory_order_relaxed);
  }

  static constexpr std::uint64_t older_is_known = std::uint64_t{1} << 32U;

  std::atomic<std::uint64_t> state_{0};  ///< the newest second seen, and the places taken in it
  std::atomic<std::uint64_t> older_{0};  ///< an old second that was read since; 0: none
};

}  // namespace detail
XRAY_NAMESPACE_END
