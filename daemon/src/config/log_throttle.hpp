// Keeps a flood of the same complaint from becoming a flood of log lines.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace xrayd::log {

/// Lets `burst` lines a second through and counts the rest. For use by one thread.
class Throttle {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Throttle(std::uint32_t burst) : burst_(burst) {}

  /// Empty: don't write this line. Otherwise write it; the number is how many lines were left out
  /// since the last one that was let through.
  std::optional<std::uint64_t> admit(Clock::time_point now) {
    if (now - window_start_ >= std::chrono::seconds{1}) {
      window_start_ = now;
      admitted_ = 0;
    }
    if (admitted_ == burst_) {
      ++left_out_;
      return std::nullopt;
    }
    ++admitted_;
    const std::uint64_t left_out = left_out_;
    left_out_ = 0;
    return left_out;
  }

 private:
  std::uint32_t burst_;
  std::uint32_t admitted_ = 0;
  std::uint64_t left_out_ = 0;
  Clock::time_point window_start_{};
};

}  // namespace xrayd::log
