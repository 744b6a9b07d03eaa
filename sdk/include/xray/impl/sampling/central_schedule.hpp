// When the central sampler asks X-Ray for what.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include <xray/impl/clock.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Knows no clock: times are nanoseconds of a steady one, and brought. Chance is 64 random bits.
class CentralSchedule {
 public:
  CentralSchedule(std::int64_t rules_interval, std::int64_t targets_interval) noexcept
      : rules_interval_(rules_interval), targets_interval_(targets_interval) {}

  /// Rules are wanted at once, and targets for the first time when there is something to report.
  void begin(std::int64_t now, std::uint64_t random) noexcept {
    rules_at_ = now;
    targets_at_ = now + shortened(targets_interval_, random);
  }

  [[nodiscard]] bool rules_are_due(std::int64_t now) const noexcept { return now >= rules_at_; }
  [[nodiscard]] bool targets_are_due(std::int64_t now) const noexcept { return now >= targets_at_; }
  [[nodiscard]] std::int64_t next() const noexcept { return std::min(rules_at_, targets_at_); }

  /// Rules came, of which the newest was modified at that epoch time.
  void rules_came(std::int64_t now, std::uint64_t random, double newest_modification) noexcept {
    rules_at_ = now + shortened(rules_interval_, random);
    retry_after_ = first_retry;
    newest_modification_ = newest_modification;
    if (announced_) known_modification_ = announced_;
    announced_.reset();
    failed_ = false;
  }

  /// None came: the next attempts follow after 1, 2, 4, 8, and then each 10 seconds.
  void rules_failed(std::int64_t now) noexcept {
    rules_at_ = now + std::min(retry_after_, rules_interval_);
    retry_after_ = std::min(retry_after_ * 2, longest_retry);
    failed_ = true;
  }

  /// Reports were made, or there was nothing to report, or it failed.
  void targets_done(std::int64_t now, std::uint64_t random) noexcept {
    targets_at_ = now + shortened(targets_interval_, random);
  }

  /// An answer's LastRuleModification, in X-Ray's epoch seconds. Compared with other times of its
  /// clock only: ours may be wrong.
  void rules_were_modified(std::int64_t now, double modification) noexcept {
    if (announced_ == modification || known_modification_ == modification) return;
    if (!known_modification_ && modification <= newest_modification_) {
      known_modification_ = modification;
      return;
    }
    announced_ = modification;
    if (!failed_) rules_at_ = now;  // else an attempt is on its way
  }

  /// X-Ray knows other rules than these: they are fetched anew, but not again and again should that
  /// not help.
  void rules_were_refused(std::int64_t now) noexcept {
    if (failed_ || (refused_at_ && now < *refused_at_ + rules_interval_ / 10)) return;
    refused_at_ = now;
    rules_at_ = now;
  }

 private:
  static constexpr std::int64_t first_retry = 1'000'000'000;
  static constexpr std::int64_t longest_retry = 10'000'000'000;

  /// By up to a tenth, so that processes that began together don't ask together.
  static std::int64_t shortened(std::int64_t interval, std::uint64_t random) noexcept {
    const auto most = static_cast<std::uint64_t>(interval / 10);
    return interval - static_cast<std::int64_t>(most == 0 ? 0 : random % (most + 1));
  }

  std::int64_t rules_interval_;
  std::int64_t targets_interval_;
  std::int64_t rules_at_ = 0;
  std::int64_t targets_at_ = 0;
  std::int64_t retry_after_ = first_retry;
  bool failed_ = false;  ///< the last attempt at rules
  double newest_modification_ = 0;
  std::optional<double> known_modification_;  ///< the last LastRuleModification whose rules we have
  std::optional<double> announced_;           ///< one whose rules we want
  std::optional<std::int64_t> refused_at_;
};

}  // namespace detail
XRAY_NAMESPACE_END
