#include "forward/limiter.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace xrayd::forward {

Limiter::Limiter(const Options& options, Generator generator)
    : options_(options),
      generator_(std::move(generator)),
      limit_(std::min(2, options.most)),
      quick_until_(options.most),
      pause_(options.first_pause) {
}

void Limiter::succeeded(bool wanted) {
  if (failing_) {
    failing_ = false;
    pause_ = options_.first_pause;
    not_before_ = {};
  }
  if (!wanted || limit_ >= options_.most) return;
  if (limit_ < quick_until_ || ++successes_ >= limit_) {
    ++limit_;
    successes_ = 0;
  }
}

void Limiter::slow_down(Clock::time_point begun, Clock::time_point now) {
  if (begun < slowed_) return;
  slowed_ = now;
  limit_ = std::max(1, limit_ / 2);
  quick_until_ = limit_;
  successes_ = 0;
}

void Limiter::failed(Clock::time_point begun, Clock::time_point now) {
  if (begun < failed_) return;
  failed_ = now;
  failing_ = true;
  // At least half of the pause, so that many daemons neither call together nor all the time.
  const double share = 0.5 + generator_() / 2;
  not_before_ = now + std::chrono::milliseconds(
                          static_cast<std::int64_t>(static_cast<double>(pause_.count()) * share));
  pause_ = std::min(pause_ * 2, options_.longest_pause);
}

}  // namespace xrayd::forward
