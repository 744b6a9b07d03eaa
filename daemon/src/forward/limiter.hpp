// How many requests at a time the service gets.
#pragma once

#include <chrono>
#include <functional>

namespace xrayd::forward {

/// Additive increase, multiplicative decrease; one probe at a time with growing pauses while
/// nothing gets through. For one thread at a time; times are given by the caller.
class Limiter {
 public:
  using Clock = std::chrono::steady_clock;
  /// A number from 0 to 1, 1 excluded.
  using Generator = std::function<double()>;

  struct Options {
    /// Requests at a time, at most.
    int most = 8;
    /// The pause before the first probe; each one that fails doubles it.
    std::chrono::milliseconds first_pause{1000};
    std::chrono::milliseconds longest_pause{15'000};
  };

  Limiter(const Options& options, Generator generator);

  /// Requests that may be under way at present, 1 at least.
  [[nodiscard]] int limit() const { return failing_ ? 1 : limit_; }
  /// True from the first failure until something gets through.
  [[nodiscard]] bool failing() const { return failing_; }
  /// No request begins before this.
  [[nodiscard]] Clock::time_point not_before() const { return not_before_; }

  /// A request got through. `wanted`: all that were allowed were under way, and there was more to
  /// send.
  void succeeded(bool wanted);
  /// A request that began at `begun` was throttled or timed out. Those that were under way together
  /// count once.
  void slow_down(Clock::time_point begun, Clock::time_point now);
  /// A request that began at `begun` did not get through, nor will others for now.
  void failed(Clock::time_point begun, Clock::time_point now);

 private:
  Options options_;
  Generator generator_;
  int limit_;
  /// Below this each success is one more at a time, as it is from the start; above, each full turn.
  int quick_until_;
  int successes_ = 0;
  bool failing_ = false;
  std::chrono::milliseconds pause_;
  Clock::time_point slowed_{};
  Clock::time_point failed_{};
  Clock::time_point not_before_{};
};

}  // namespace xrayd::forward
