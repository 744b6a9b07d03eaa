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

inline std::uint64_t ticks_now() noexcept {
#if defined(__x86_64__)
  if (__builtin_expect(static_cast<long>(counter_is_steady), 1) != 0) return __rdtsc();
#elif defined(__aarch64__)
  if (__builtin_expect(static_cast<long>(counter_is_steady), 1) != 0) {
    std::uint64_t ticks = 0;
    asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
  }
#endif
  return static_cast<std::uint64_t>(nanoseconds_of(CLOCK_MONOTONIC));
}

/// Ticks and steady time read together.
struct ClockPair {
  std::uint64_t ticks;
  std::int64_t steady;

  static ClockPair now() noexcept {
    const std::int64_t steady = nanoseconds_of(CLOCK_MONOTONIC);
    return {ticks_now(), steady};
  }
};

/// Maps ticks to wall time through two pairs, so that nothing needs calibrating at start-up and a
/// stepped wall clock never bends the times inside one document.
class ClockMap {
 public:
  /// `wall` is the wall clock at `first`, nanoseconds since the epoch.
  ClockMap(const ClockPair& first, std::int64_t wall, const ClockPair& second) noexcept
      : first_ticks_(first.ticks), wall_(wall) {
    const double ticks = static_cast<double>(second.ticks - first.ticks);
    rate_ = second.ticks > first.ticks ? static_cast<double>(second.steady - first.steady) / ticks
                                       : 0.0;
  }

  /// Microseconds since the epoch.
  [[nodiscard]] std::int64_t microseconds(std::uint64_t ticks) const noexcept {
    const double elapsed = static_cast<double>(static_cast<std::int64_t>(ticks - first_ticks_));
    return (wall_ + static_cast<std::int64_t>(elapsed * rate_)) / 1000;
  }

 private:
  std::uint64_t first_ticks_;
  std::int64_t wall_;
  double rate_;
};

}  // namespace detail
XRAY_NAMESPACE_END
