// When traces are too old, seen by clocks that somebody may set.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace xrayd::local {

/// For one thread.
class RetentionClock {
 public:
  explicit RetentionClock(std::chrono::seconds age)
      : age_ms_(std::chrono::milliseconds(age).count()) {}

  struct Verdict {
    /// What arrived before this, in milliseconds since 1970, is too old.
    std::int64_t oldest_ms = 0;
    /// The clock went ahead by more than the age just now.
    bool jumped = false;
    /// It did so not long ago: what the new time makes too old may be of a minute ago, so the
    /// newest of it is to be kept.
    bool spare_newest = false;
  };

  /// To be asked often: what the clock does beyond the time that has really passed is a jump.
  Verdict ask(std::int64_t now_ms, std::chrono::steady_clock::time_point steady);

 private:
  struct Moment {
    std::int64_t now_ms;
    std::chrono::steady_clock::time_point steady;
  };

  std::int64_t age_ms_;
  std::optional<Moment> last_;
  std::optional<std::chrono::steady_clock::time_point> jumped_at_;
};

}  // namespace xrayd::local
