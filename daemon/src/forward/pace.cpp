#include "forward/pace.hpp"

#include <algorithm>
#include <utility>

namespace xrayd::forward {
namespace {

using namespace std::chrono_literals;

/// Credentials are often found a moment after the start; until then nothing is wrong.
constexpr auto credentials_patience = 2s;
/// While the daemon stops, probes come at least this often.
constexpr auto hurried_pause = 250ms;
/// A service that asks for more by Retry-After is asked again after this.
constexpr std::chrono::milliseconds longest_asked = 60s;
/// While the daemon stops there is not so much time: what is not sent may be lost.
constexpr std::chrono::milliseconds longest_asked_at_the_end = 1s;

}  // namespace

Pace::Pace(const Limiter::Options& options, Limiter::Generator generator, backlog::Backlog& backlog,
           UploadLog& log)
    : backlog_(backlog), log_(log), limiter_(options, std::move(generator)) {
}

bool Pace::await_turn() {
  std::unique_lock lock(mutex_);
  ++waiting_;
  while (!ended_) {
    if (taken_ || in_flight_ >= limiter_.limit()) {
      turn_.wait(lock);
      continue;
    }
    if (!limiter_.failing()) break;
    auto begin = limiter_.not_before();
    if (closing_) begin = std::min(begin, failed_at_ + hurried_pause);
    begin = std::max(begin, asked_until_);
    if (Clock::now() >= begin) break;
    turn_.wait_until(lock, begin);
  }
  --waiting_;
  if (ended_) return false;
  taken_ = true;
  return true;
}

bool Pace::end_turn(bool has_batch) {
  const std::lock_guard lock(mutex_);
  taken_ = false;
  // Who found nothing asks again, as does who finishes a batch: they need not be woken.
  if (!has_batch) return false;
  ++in_flight_;
  if (in_flight_ >= limiter_.limit() || limiter_.failing()) return false;
  if (waiting_ == 0) return true;
  turn_.notify_one();
  return false;
}

void Pace::finished() {
  const std::lock_guard lock(mutex_);
  --in_flight_;
  ++finished_;
  changed_.notify_all();
}

bool Pace::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  const bool was_closing = closing_;
  changed_.wait_for(lock, time, [&] { return ended_ || closing_ != was_closing; });
  return !ended_;
}

void Pace::await_change() {
  std::unique_lock lock(mutex_);
  const std::uint64_t before = finished_;
  changed_.wait(lock, [&] { return ended_ || finished_ != before; });
}

void Pace::got_through() {
  const std::lock_guard lock(mutex_);
  if (limiter_.failing()) log_.recovered(Clock::now() - failing_since_, backlog_.waiting());
  const auto under_way = static_cast<std::uint64_t>(in_flight_) * backlog::most_documents;
  limiter_.succeeded(in_flight_ >= limiter_.limit() && backlog_.waiting() > under_way);
  trouble_.clear();
  tell_backlog();
}

void Pace::slow_down(Clock::time_point begun) {
  const std::lock_guard lock(mutex_);
  limiter_.slow_down(begun, Clock::now());
}

void Pace::failed(Clock::time_point begun, const std::string& why,
                  std::chrono::milliseconds asked) {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  if (!limiter_.failing()) failing_since_ = now;
  limiter_.failed(begun, now);
  ++failures_;
  failed_at_ = now;
  asked_until_ = std::max(
      asked_until_, now + std::min(asked, closing_ ? longest_asked_at_the_end : longest_asked));
  trouble_ = why;
  log_.failing(why, backlog_.waiting());
  tell_backlog();
  turn_.notify_all();
  changed_.notify_all();
}

bool Pace::failing() const {
  const std::lock_guard lock(mutex_);
  return limiter_.failing();
}

void Pace::credentials(bool present) {
  const std::lock_guard lock(mutex_);
  if (!present && !without_credentials_) without_credentials_since_ = Clock::now();
  if (std::exchange(without_credentials_, !present) == present) changed_.notify_all();
  tell_backlog();
}

/// With the lock held, so that the backlog hears of it in the right order.
void Pace::tell_backlog() {
  const bool fails =
      limiter_.failing() ||
      (without_credentials_ && Clock::now() - without_credentials_since_ > credentials_patience);
  if (std::exchange(backlog_knows_, fails) != fails) backlog_.upstream_fails(fails);
}

bool Pace::closing() const {
  const std::lock_guard lock(mutex_);
  return closing_;
}

void Pace::close() {
  const std::lock_guard lock(mutex_);
  closing_ = true;
  asked_until_ = {};
  turn_.notify_all();
  changed_.notify_all();
}

void Pace::await_empty(Clock::time_point deadline, bool impatient) {
  std::unique_lock lock(mutex_);
  const std::uint64_t failures = failures_;
  // Credentials that are not there have a second to come.
  const auto patience = Clock::now() + 1s;
  while (!ended_ && backlog_.waiting() > 0) {
    if (impatient && limiter_.failing() && failures_ != failures) return;
    auto until = deadline;
    if (impatient && without_credentials_) {
      if (Clock::now() >= patience) return;
      until = std::min(until, patience);
    }
    if (changed_.wait_until(lock, until) == std::cv_status::timeout && Clock::now() >= deadline) {
      return;
    }
  }
}

void Pace::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  turn_.notify_all();
  changed_.notify_all();
}

bool Pace::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

int Pace::in_flight() const {
  const std::lock_guard lock(mutex_);
  return in_flight_;
}

int Pace::limit() const {
  const std::lock_guard lock(mutex_);
  return limiter_.limit();
}

std::string Pace::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

}  // namespace xrayd::forward
