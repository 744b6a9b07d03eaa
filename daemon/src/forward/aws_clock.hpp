// AWS's time, as far as it is known here.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace xrayd::forward {

/// This machine's clock and what it is wrong by. Signatures are refused where it is off by more
/// than five minutes. Thread-safe.
class AwsClock {
 public:
  using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

  [[nodiscard]] Time now() const noexcept;

  /// Looks at the Date header of an answer that refused a signature made for `signed_for`. True if
  /// the two differ by more than four minutes: now() follows the service from here on, and the
  /// request is worth another signature.
  bool correct(std::string_view date, Time signed_for) noexcept;

 private:
  std::atomic<std::int64_t> offset_seconds_{0};
};

}  // namespace xrayd::forward
