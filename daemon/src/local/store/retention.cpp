#include "local/store/retention.hpp"

namespace xrayd::local {

RetentionClock::Verdict RetentionClock::ask(std::int64_t now_ms,
                                            std::chrono::steady_clock::time_point steady) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  Verdict verdict;
  verdict.oldest_ms = now_ms - age_ms_;
  if (last_) {
    const auto passed = duration_cast<milliseconds>(steady - last_->steady).count();
    verdict.jumped = now_ms - last_->now_ms - passed > age_ms_;
  }
  last_ = {now_ms, steady};
  if (verdict.jumped) jumped_at_ = steady;
  if (jumped_at_ && duration_cast<milliseconds>(steady - *jumped_at_).count() > age_ms_) {
    jumped_at_.reset();
  }
  verdict.spare_newest = jumped_at_.has_value();
  return verdict;
}

}  // namespace xrayd::local
