// Time as the recording path reads it: ticks now, wall time when the document is written.
#pragma once

#include <cstdint>
#include <ctime>

#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

inline std::int64_t nanoseconds_of(clockid_t clock) noexcept {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

/// Set once, before anything is recorded: whether ticks are the processor's counter.
XRAY_PROCESS_WIDE inline bool counter_is_steady = false;

/// Whether the processor's counter runs at one rate on all cores and in all sleep states, and the
/// kernel did not find otherwise.
inline bool detect_steady_counter() noexcept {
#if defined(__x86_64__)
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  constexpr unsigned invariant_tsc = 1U << 8U;
  if (__get_cpuid(0x80000007U, &a, &b, &c, &d) == 0 || (d & invariant_tsc) == 0) return false;
  char source[16] = {};
  const int file = ::open("/sys/devices/system/clocksource/clocksource0/current_clocksource",
                          O_RDONLY | O_CLOEXEC);
  if (file < 0) return true;  // no sysfs in this container: the processor's word stands
  const ssize_t size = ::read(file, source, sizeof source - 1);
  ::close(file);
  // A kernel that distrusts the counter falls back to these.
  return size <= 0 ||
         (std::strncmp(source, "hpet", 4) != 0 && std::strncmp(source, "acpi", 4) != 0 &&
          std::strncmp(source, "jiffies", 7) != 0);
#elif defined(__aarch64__)
  return true;
#else
  return false;
#endif
}

/// The processor's counter. Only where it is steady.
[[gnu::always_inline]] inline std::uint64_t counter_now() noexcept {
#if defined(__x86_64__)
  return __rdtsc();
#elif defined(__aarch64__)
  std::uint64_t ticks = 0;
  asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
#else
  return 0;
#endif
}

inline std::uint64_t ticks_now() noexcept {
  if (__builtin_expect(static_cast<long>(counter_is_steady), 1) != 0) return counter_now();
  return static_cast<std::uint64_t>(nanoseconds_of(CLOCK_MONOTONIC));
}

/// Ticks and steady time read together. The thread may lose the processor between the two reads,
/// and the pair is torn apart: the recording path does not look (see TickRate).
struct ClockPair {
  std::uint64_t ticks;
  std::int64_t steady;

  static ClockPair now() noexcept {
    const std::int64_t steady = nanoseconds_of(CLOCK_MONOTONIC);
    return {ticks_now(), steady};
  }

  /// The closest of a few: for whoever is not in a hurry.
  static ClockPair closest() noexcept {
    ClockPair best{};
    std::uint64_t smallest_gap = ~std::uint64_t{0};
    for (int i = 0; i < 3; ++i) {
      const std::uint64_t before = ticks_now();
      const std::int64_t steady = nanoseconds_of(CLOCK_MONOTONIC);
      const std::uint64_t gap = ticks_now() - before;
      if (gap >= smallest_gap) continue;
      smallest_gap = gap;
      best = {before + gap / 2, steady};
    }
    return best;
  }
};

/// What the sender has found out about the counter's rate, from pairs of its own, to judge by it
/// the pairs of segments. Those are read once each, and a short segment of which one was torn apart
/// by milliseconds would have its times bent out of all proportion.
class TickRate {
 public:
  /// Whether it is time for another pair.
  [[nodiscard]] bool is_due(std::uint64_t ticks) const noexcept {
    return ticks - last_ticks_ > 10'000'000;
  }

  /// A pair that can be trusted, later than the ones before.
  void observe(const ClockPair& now) noexcept {
    last_ticks_ = now.ticks;
    const std::int64_t elapsed = now.steady - first_.steady;
    if (first_.ticks == 0 || elapsed < 0 || now.ticks <= first_.ticks) {
      restart(now);
      return;
    }
    if (elapsed < shortest_base) return;
    const double measured =
        static_cast<double>(elapsed) / static_cast<double>(now.ticks - first_.ticks);
    // Steady time is slewed by at most 0.05 %. More: the machine was stopped, or it is another one.
    if (known_ > 0 && (measured > known_ * 1.001 || measured < known_ * 0.999)) {
      restart(now);
      return;
    }
    known_ = measured;
    // Short enough for the next jump to stand out.
    if (elapsed > longest_base) first_ = now;
  }

  /// Nanoseconds a tick; 0: not known.
  [[nodiscard]] double known() const noexcept { return known_; }

  /// The rate for what lies between two pairs: theirs, if it can be.
  [[nodiscard]] double between(const ClockPair& first, const ClockPair& second) const noexcept {
    if (second.ticks <= first.ticks) return known_;
    const double ticks = static_cast<double>(second.ticks - first.ticks);
    const double elapsed = static_cast<double>(second.steady) - static_cast<double>(first.steady);
    const double expected = ticks * known_;
    const bool plausible = elapsed >= 0 && (known_ <= 0 || std::abs(elapsed - expected) <=
                                                               tolerance + expected * 0.001);
    return plausible ? elapsed / ticks : known_;
  }

 private:
  static constexpr std::int64_t shortest_base = 10'000'000;
  static constexpr std::int64_t longest_base = 1'000'000'000;
  static constexpr double tolerance = 1000;  ///< nanoseconds

  void restart(const ClockPair& now) noexcept {
    first_ = now;
    known_ = 0;
  }

  ClockPair first_{};
  std::uint64_t last_ticks_ = 0;
  double known_ = 0;
};

/// Maps ticks to wall time through two pairs, so that nothing needs calibrating at start-up and a
/// stepped wall clock never bends the times inside one document. Later ticks never become an
/// earlier time.
class ClockMap {
 public:
  /// `wall` is the wall clock at `first`, nanoseconds since the epoch.
  ClockMap(const ClockPair& first, std::int64_t wall, const ClockPair& second,
           const TickRate& rate = {}) noexcept
      : first_ticks_(first.ticks), wall_(wall), rate_(rate.between(first, second)) {}

  /// Microseconds since the epoch.
  [[nodiscard]] std::int64_t microseconds(std::uint64_t ticks) const noexcept {
    // A hundred years; what is further away is nonsense, but nothing overflows.
    constexpr double furthest = 3.2e18;
    const double elapsed =
        static_cast<double>(static_cast<std::int64_t>(ticks - first_ticks_)) * rate_;
    const auto bounded = static_cast<std::int64_t>(std::clamp(elapsed, -furthest, furthest));
    return std::max<std::int64_t>(0, wall_ + bounded) / 1000;
  }

 private:
  std::uint64_t first_ticks_;
  std::int64_t wall_;
  double rate_;
};

}  // namespace detail
XRAY_NAMESPACE_END
