#include "credentials/keeper.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

#include "config/log.hpp"
#include "credentials/chain.hpp"
#include "credentials/iso_time.hpp"
#include "credentials/refresh_plan.hpp"

namespace xrayd::credentials {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Lease = aws::CredentialsLease;

/// How long EC2's credentials stay in use after their end.
constexpr auto outliving = 12h;
/// A place before the one that had some has failed: it may be well again.
constexpr auto second_look = 5min;
constexpr auto role_duration = 900s;
/// Why there are no credentials is said again when it has changed, but no sooner than this.
constexpr auto complaint_pause = 10min;

bool is_same(const Lease& one, const Lease& other) {
  return one.keys == other.keys && one.expires == other.expires && one.origin == other.origin;
}

std::string described(const Lease& lease) {
  return lease.origin + (lease.expires ? ", which expire at " + to_iso_time(*lease.expires)
                                       : ", which do not expire");
}

ChainSettings chain_settings(const KeeperSettings& settings, const WallClock& clock,
                             const std::string& region) {
  ChainSettings result;
  result.sts = {.environment = settings.environment,
                .clock = clock,
                .region = region,
                .fips = settings.fips,
                .dual_stack = settings.dual_stack};
  result.clients = settings.clients;
  result.local_mode = settings.local_mode;
  result.profile = settings.profile;
  result.role = {.arn = settings.role_arn,
                 .session_name = std::string(default_session_name),
                 .external_id = settings.external_id,
                 .duration = role_duration};
  return result;
}

}  // namespace

class Keeper::Impl {
 public:
  explicit Impl(KeeperSettings settings) : settings_(std::move(settings)) {
    clock_ = settings_.timing.clock ? settings_.timing.clock : [] {
      return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    };
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { stop(); }

  void start(const std::string& region) {
    if (chain_) throw std::logic_error("a keeper starts once");
    chain_ = std::make_unique<Chain>(chain_settings(settings_, clock_, region));
    thread_ = std::thread([this] { run(); });
  }

  void stop() noexcept {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    if (chain_) chain_->call_off();
    if (thread_.joinable()) thread_.join();
  }

  std::shared_ptr<const Lease> current() const noexcept {
    const std::lock_guard lock(mutex_);
    return usable();
  }

  std::shared_ptr<const Lease> newer_than(const Lease* stale, Clock::time_point deadline) noexcept {
    std::unique_lock lock(mutex_);
    while (true) {
      auto lease = usable();
      if (lease && lease.get() != stale) return lease;
      if (stopping_ || Clock::now() >= deadline) return nullptr;
      changed_.wait_until(lock, deadline);
    }
  }

  void refused(const Lease& lease) noexcept {
    {
      const std::lock_guard lock(mutex_);
      if (current_.get() != &lease) return;
      refused_ = true;
    }
    changed_.notify_all();
  }

  std::string trouble() const {
    const std::lock_guard lock(mutex_);
    if (usable()) return {};
    std::string expired;
    if (current_) expired = "those of " + current_->origin + " have expired; ";
    return "no AWS credentials: " +
           (trouble_.empty() ? "they are being looked for" : expired + trouble_);
  }

  void report(CounterRows& rows) const {
    const std::lock_guard lock(mutex_);
    rows.push_back({.name = "xrayd_credentials_refreshes_total",
                    .help = "Look-ups that found AWS credentials.",
                    .labels = {},
                    .value = refreshes_});
    rows.push_back(
        {.name = "xrayd_credentials_failures_total",
         .help = "Look-ups that found no AWS credentials, or none that could be renewed.",
         .labels = {},
         .value = failures_});
    if (current_ && current_->expires) {
      rows.push_back({.name = "xrayd_credentials_expiry_seconds",
                      .help = "When the AWS credentials in use expire, in seconds since 1970.",
                      .labels = {},
                      .value = current_->expires->time_since_epoch().count(),
                      .gauge = true});
    }
  }

 private:
  void run() noexcept {
    std::unique_lock lock(mutex_);
    while (wait_until_due(lock)) {
      last_begin_ = Clock::now();
      lock.unlock();
      Finding finding = look();
      lock.lock();
      if (stopping_) break;
      if (finding.lease && !is_worse(finding)) {
        take(std::move(finding));
      } else {
        regret(finding.trouble);
      }
      changed_.notify_all();
    }
  }

  Finding look() noexcept {
    Finding finding;
    try {
      finding = chain_->find();
    } catch (const std::exception& problem) {
      finding.lease.reset();
      finding.trouble = problem.what();
    }
    return finding;
  }

  /// False when it is time to end.
  bool wait_until_due(std::unique_lock<std::mutex>& lock) {
    while (!stopping_) {
      const auto left = time_left();
      if (left <= 0ms) return true;
      changed_.wait_for(lock,
                        std::min<std::chrono::milliseconds>(left, settings_.timing.longest_nap));
    }
    return false;
  }

  /// Until the next look-up.
  std::chrono::milliseconds time_left() const {
    using std::chrono::ceil;
    using std::chrono::milliseconds;
    if (!last_begin_) return 0ms;
    const auto now = Clock::now();
    milliseconds left = milliseconds::max();
    if (refused_) {
      left = ceil<milliseconds>(*last_begin_ + settings_.timing.refusal_pause - now);
    }
    if (retry_at_) left = std::min(left, ceil<milliseconds>(*retry_at_ - now));
    if (renew_at_) left = std::min(left, ceil<milliseconds>(*renew_at_ - clock_()));
    return left;
  }

  std::shared_ptr<const Lease> usable() const {
    if (!current_ || !current_->expires) return current_;
    const auto end = outlives_ ? *current_->expires + outliving : *current_->expires;
    return clock_() < end ? current_ : nullptr;
  }

  /// A place further down the list stands in for one that failed only when the latter's
  /// credentials are used up: they may allow quite different things.
  bool is_worse(const Finding& finding) const {
    return finding.rank > rank_ && !finding.trouble.empty() && usable();
  }

  void take(Finding finding) {
    ++refreshes_;
    const bool was_in_trouble = failures_in_a_row_ > 0 || !current_;
    failures_in_a_row_ = 0;
    said_none_ = false;
    trouble_.clear();
    retry_at_.reset();
    renew_at_.reset();
    const auto now = clock_();
    const bool is_stale = finding.lease->expires && *finding.lease->expires <= now;
    if (finding.lease->expires && !is_stale) {
      renew_at_ = now + renewal_after(*finding.lease->expires - now, random());
    }
    if (is_stale) retry_in(settings_.timing.longest_retry);
    if (!finding.trouble.empty())
      retry_in(
          std::min<std::chrono::milliseconds>(second_look, settings_.timing.longest_retry * 5));

    if (current_ && is_same(*current_, *finding.lease)) {
      if (refused_)
        log::warn("the AWS credentials of " + current_->origin +
                  " were refused, and there are no others");
    } else {
      say_found(*finding.lease, was_in_trouble);
      current_ = std::make_shared<const Lease>(std::move(*finding.lease));
    }
    refused_ = false;
    outlives_ = finding.outlives_expiry;
    rank_ = finding.rank;
    if (is_stale && !said_stale_) {
      log::warn("the AWS credentials of " + current_->origin + " expired at " +
                to_iso_time(*current_->expires) +
                ", and there are no newer ones yet; they stay in use");
    }
    said_stale_ = is_stale;
    if (finding.trouble != said_passed_over_ && !finding.trouble.empty()) {
      log::warn("AWS credentials of " + current_->origin +
                " are used because of trouble before: " + finding.trouble);
    }
    said_passed_over_ = std::move(finding.trouble);
  }

  void say_found(const Lease& lease, bool was_in_trouble) const {
    const bool is_news = was_in_trouble || !current_ || current_->origin != lease.origin;
    const std::string line = "AWS credentials: " + described(lease);
    if (is_news) {
      log::info(line);
    } else {
      log::debug(line);
    }
  }

  void regret(const std::string& trouble) {
    ++failures_;
    ++failures_in_a_row_;
    refused_ = false;
    trouble_ = trouble;
    renew_at_.reset();
    retry_in(retry_after(failures_in_a_row_, settings_.timing.first_retry,
                         settings_.timing.longest_retry, random()));
    const auto now = Clock::now();
    const bool is_first = failures_in_a_row_ == 1;
    const bool has_changed = trouble != said_trouble_ && now - said_at_ >= complaint_pause;
    const auto lease = usable();
    // The first failure with credentials in hand may be over in a second.
    if (!lease && (!said_none_ || has_changed)) {
      log::error("no AWS credentials: " + trouble);
      said_none_ = true;
    } else if (lease && (is_first || has_changed)) {
      log::warn("the AWS credentials of " + described(*lease) +
                ", could not be renewed: " + trouble);
    } else {
      return;
    }
    said_trouble_ = trouble;
    said_at_ = now;
  }

  void retry_in(std::chrono::milliseconds wait) { retry_at_ = Clock::now() + wait; }

  double random() { return std::uniform_real_distribution<double>(0, 1)(generator_); }

  const KeeperSettings settings_;
  WallClock clock_;
  std::unique_ptr<Chain> chain_;
  std::thread thread_;
  std::minstd_rand generator_{std::random_device{}()};

  mutable std::mutex mutex_;
  /// A lease has come, or a refusal, or the end.
  std::condition_variable changed_;
  bool stopping_ = false;
  bool refused_ = false;
  std::shared_ptr<const Lease> current_;
  bool outlives_ = false;
  std::size_t rank_ = 0;
  /// Why the last look-up failed; empty if it did not.
  std::string trouble_;
  std::int64_t refreshes_ = 0;
  std::int64_t failures_ = 0;

  // Of the thread only, all under the mutex.
  std::optional<Clock::time_point> last_begin_;
  std::optional<Clock::time_point> retry_at_;
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> renew_at_;
  int failures_in_a_row_ = 0;
  bool said_none_ = false;
  bool said_stale_ = false;
  std::string said_trouble_;
  Clock::time_point said_at_{};
  std::string said_passed_over_;
};

Keeper::Keeper(KeeperSettings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {
}
Keeper::~Keeper() = default;

void Keeper::start(const std::string& region) {
  impl_->start(region);
}
void Keeper::stop() noexcept {
  impl_->stop();
}
std::shared_ptr<const Lease> Keeper::current() const noexcept {
  return impl_->current();
}
std::shared_ptr<const Lease> Keeper::newer_than(const Lease* stale,
                                                Clock::time_point deadline) noexcept {
  return impl_->newer_than(stale, deadline);
}
void Keeper::refused(const Lease& lease) noexcept {
  impl_->refused(lease);
}
std::string Keeper::trouble() const {
  return impl_->trouble();
}
void Keeper::report(CounterRows& rows) const {
  impl_->report(rows);
}

}  // namespace xrayd::credentials
