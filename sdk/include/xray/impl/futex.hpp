// Sleeping on a word of memory.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <ctime>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// A word that changes when there is something to do. wait() returns when it no longer holds
/// `seen`, after `nanoseconds`, or for no reason.
class WakeWord {
 public:
  [[nodiscard]] std::uint32_t read() const noexcept { return word_.load(); }

  void wait(std::uint32_t seen, std::int64_t nanoseconds) noexcept {
    if (nanoseconds <= 0) return;
    timespec time{static_cast<time_t>(nanoseconds / 1'000'000'000),
                  static_cast<long>(nanoseconds % 1'000'000'000)};
    ::syscall(SYS_futex, &word_, FUTEX_WAIT_PRIVATE, seen, &time, nullptr, 0);
  }

  void wake() noexcept {
    word_.fetch_add(1);
    ::syscall(SYS_futex, &word_, FUTEX_WAKE_PRIVATE, 1 << 30, nullptr, nullptr, 0);
  }

 private:
  std::atomic<std::uint32_t> word_{0};
};
static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

}  // namespace detail
XRAY_NAMESPACE_END
