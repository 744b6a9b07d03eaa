// One of X-Ray's sampling rules: what it allows now, and what it has decided.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <xray/fixed_text.hpp>
#include <xray/impl/sampling/central_messages.hpp>
#include <xray/impl/sampling/reservoir.hpp>
#include <xray/impl/sampling/sampling_rate.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

struct RuleCounts {
  std::uint64_t requests = 0;
  std::uint64_t sampled = 0;   ///< without those that were borrowed, as every SDK counts
  std::uint64_t borrowed = 0;  ///< never more than requests and sampled leave room for
};

struct BoostCounts {
  std::uint64_t total = 0;
  std::uint64_t anomalies = 0;
  std::uint64_t sampled_anomalies = 0;
};

/// Shared by successive rule sets, by name, so that a refresh loses neither quota nor statistics.
/// Requests decide, from any threads, without a lock; one other thread, the poller, does the rest.
class alignas(64) CentralRule {
 public:
  explicit CentralRule(const CentralRuleDefinition& definition) noexcept {
    name_.append(definition.name);
    fixed_rate_ = definition.fixed_rate;
    threshold_.store(rate_threshold(fixed_rate_), std::memory_order_relaxed);
    update(definition);
  }
  CentralRule(const CentralRule&) = delete;
  CentralRule& operator=(const CentralRule&) = delete;
  ~CentralRule() = default;

  [[nodiscard]] const FixedText<longest_rule_name>& name() const noexcept { return name_; }

  // Of requests.

  /// While there is a quota, so many requests of each second, and of the others the fixed share.
  /// Without one, a single request a second is borrowed from what other processes may have got.
  bool decide(std::int64_t epoch_second, std::uint64_t random_bits) noexcept {
    const auto now = static_cast<std::uint32_t>(epoch_second);
    const std::uint64_t quota = quota_.load(std::memory_order_relaxed);
    bool sampled = false;
    // Both draw on one count a second: where a quota comes or goes in the middle of one, what was
    // used of it stays used.
    if (upto(quota) >= now) {
      sampled = reservoir_.take(epoch_second, upper(quota));
    } else if (reservoir_size_.load(std::memory_order_relaxed) != 0 &&
               reservoir_.take(epoch_second, 1)) {
      counts_.fetch_add(1, std::memory_order_relaxed);
      borrowed_.fetch_add(1, std::memory_order_release);  // after its request: see collect()
      return true;
    }
    if (!sampled) sampled = is_below(random_bits, threshold(now));
    counts_.fetch_add(1U | (static_cast<std::uint64_t>(sampled) << 32U), std::memory_order_relaxed);
    return sampled;
  }

  /// Whether X-Ray wants to know how segments end.
  [[nodiscard]] bool is_observed() const noexcept {
    return observed_.load(std::memory_order_relaxed);
  }

  /// A segment of this rule has ended. Of a process with several services, the first to report
  /// here gives the name for all.
  void observe(std::string_view service_name, bool sampled, bool fault) noexcept {
    total_.fetch_add(1, std::memory_order_relaxed);
    if (fault) anomalies_.fetch_add(1, std::memory_order_relaxed);
    if (fault && sampled) sampled_anomalies_.fetch_add(1, std::memory_order_relaxed);
    Name expected = Name::none;
    if (service_name_state_.load(std::memory_order_relaxed) != Name::none ||
        !service_name_state_.compare_exchange_strong(expected, Name::being_written)) {
      return;
    }
    service_name_.append(service_name);
    service_name_state_.store(Name::there, std::memory_order_release);
  }

  // Of the poller.

  /// Takes over what a refresh says of the rule. A rate that came with a target stays, unless the
  /// rule's own has changed.
  void update(const CentralRuleDefinition& definition) noexcept {
    reservoir_size_.store(definition.reservoir_size, std::memory_order_relaxed);
    if (definition.fixed_rate != fixed_rate_) {
      fixed_rate_ = definition.fixed_rate;
      threshold_.store(rate_threshold(fixed_rate_), std::memory_order_relaxed);
    }
    max_boost_ = definition.max_boost;
    observed_.store(max_boost_.has_value(), std::memory_order_relaxed);
    apply_boost();
  }

  /// Takes over what there is of a target, at a time that is due_after()'s.
  void apply(const SamplingTarget& target, std::int64_t now) noexcept {
    if (target.fixed_rate) {
      threshold_.store(rate_threshold(*target.fixed_rate), std::memory_order_relaxed);
    }
    if (target.quota) known_quota_ = target.quota;
    if (target.quota_ttl) quota_ttl_ = seconds(*target.quota_ttl);
    if (known_quota_) {
      quota_.store(pack(*known_quota_, quota_ttl_), std::memory_order_relaxed);
    }
    if (target.boost_rate && target.boost_rate_ttl) {
      boost_rate_ = *target.boost_rate;
      boost_ttl_ = seconds(*target.boost_rate_ttl);
      apply_boost();
    }
    if (target.interval) {
      interval_ = std::min(*target.interval, longest_interval) * 1'000'000'000;
    }
    refreshed_at_ = now;
  }

  /// Whether X-Ray wants a report again. It said in how many seconds; a tenth less will do, for
  /// ticks come a little early, and one that just misses it would wait for the next.
  [[nodiscard]] bool is_due(std::int64_t now) const noexcept {
    return !refreshed_at_ || now >= *refreshed_at_ + interval_ - interval_ / 10;
  }

  /// Adds up what requests have counted. Often enough that 32 bits don't overflow.
  void collect() noexcept {
    // Borrowed ones first: their requests have been counted before.
    pending_.borrowed += borrowed_.exchange(0, std::memory_order_acquire);
    const std::uint64_t counts = counts_.exchange(0, std::memory_order_relaxed);
    pending_.requests += static_cast<std::uint32_t>(counts);
    pending_.sampled += counts >> 32U;
    pending_boost_.sampled_anomalies += sampled_anomalies_.exchange(0, std::memory_order_relaxed);
    pending_boost_.anomalies += anomalies_.exchange(0, std::memory_order_relaxed);
    pending_boost_.total += total_.exchange(0, std::memory_order_relaxed);
  }

  /// What was collected since the last snapshot.
  [[nodiscard]] bool has_requests() const noexcept { return pending_.requests != 0; }
  [[nodiscard]] bool has_observations() const noexcept {
    return pending_boost_.total != 0 &&
           service_name_state_.load(std::memory_order_acquire) == Name::there;
  }

  /// Takes the counts, for a report: no more than a report holds, the rest comes with the next one.
  RuleCounts snapshot() noexcept {
    RuleCounts counts;
    counts.requests = std::min(pending_.requests, most_in_a_report);
    counts.sampled = std::min(pending_.sampled, counts.requests);
    // A request that was being counted just now is reported whole, next time.
    counts.borrowed = std::min(pending_.borrowed, counts.requests - counts.sampled);
    pending_.requests -= counts.requests;
    pending_.sampled -= counts.sampled;
    pending_.borrowed -= counts.borrowed;
    return counts;
  }
  BoostCounts boost_snapshot() noexcept {
    BoostCounts counts;
    counts.total = std::min(pending_boost_.total, most_in_a_report);
    counts.anomalies = std::min(pending_boost_.anomalies, counts.total);
    counts.sampled_anomalies = std::min(pending_boost_.sampled_anomalies, counts.anomalies);
    pending_boost_.total -= counts.total;
    pending_boost_.anomalies -= counts.anomalies;
    pending_boost_.sampled_anomalies -= counts.sampled_anomalies;
    return counts;
  }

  /// The report did not arrive.
  void put_back(const RuleCounts& counts) noexcept {
    pending_.requests += counts.requests;
    pending_.sampled += counts.sampled;
    pending_.borrowed += counts.borrowed;
  }
  void put_back(const BoostCounts& counts) noexcept {
    pending_boost_.total += counts.total;
    pending_boost_.anomalies += counts.anomalies;
    pending_boost_.sampled_anomalies += counts.sampled_anomalies;
  }

  /// Once has_observations().
  [[nodiscard]] std::string_view service_name() const noexcept { return service_name_; }

  /// In a forked child, before it decides: statistics and quota are the parent's, which goes on
  /// reporting the ones and using the other. Whatever the parent's threads were just writing is
  /// written anew.
  void begin_in_child() noexcept {
    quota_.store(0, std::memory_order_relaxed);
    known_quota_.reset();
    quota_ttl_ = 0;
    counts_.store(0, std::memory_order_relaxed);
    borrowed_.store(0, std::memory_order_relaxed);
    total_.store(0, std::memory_order_relaxed);
    anomalies_.store(0, std::memory_order_relaxed);
    sampled_anomalies_.store(0, std::memory_order_relaxed);
    pending_ = RuleCounts();
    pending_boost_ = BoostCounts();
    refreshed_at_.reset();
    interval_ = 0;
    service_name_ = FixedText<longest_service_name>();
    service_name_state_.store(Name::none, std::memory_order_release);
  }

 private:
  enum class Name : std::uint8_t { none, being_written, there };

  /// X-Ray's integers are of 32 bits; what is larger makes it refuse the whole call.
  static constexpr std::uint64_t most_in_a_report = 0x7fffffff;

  /// The longest that X-Ray takes.
  static constexpr std::size_t longest_service_name = 64;
  /// A service that asks for less than a report an hour is not believed.
  static constexpr std::int64_t longest_interval = 3600;

  /// Two numbers that belong together, in one that is read and written at once: one of 32 bits,
  /// and the last second in which it holds. 0 holds in none.
  static std::uint64_t pack(std::uint32_t value, std::uint32_t upto) noexcept {
    return (static_cast<std::uint64_t>(value) << 32U) | upto;
  }
  static std::uint32_t upto(std::uint64_t packed) noexcept {
    return static_cast<std::uint32_t>(packed);
  }
  static std::uint32_t upper(std::uint64_t packed) noexcept {
    return static_cast<std::uint32_t>(packed >> 32U);
  }

  /// The second that a time in seconds is in.
  static std::uint32_t seconds(double time) noexcept {
    return static_cast<std::uint32_t>(std::clamp(std::floor(time), 0.0, 4294967295.0));
  }

  [[nodiscard]] RateThreshold threshold(std::uint32_t now) const noexcept {
    const RateThreshold fixed = threshold_.load(std::memory_order_relaxed);
    const std::uint64_t boost = boost_.load(std::memory_order_relaxed);
    if (__builtin_expect(static_cast<long>(upto(boost) >= now), 0) == 0) return fixed;
    const std::uint32_t upper_half = upper(boost);
    return std::max(fixed, upper_half == 0xffffffffU
                               ? always_threshold
                               : static_cast<RateThreshold>(upper_half) << 32U);
  }

  void apply_boost() noexcept {
    const double rate = std::min(boost_rate_, max_boost_.value_or(0));
    const auto upper_half = static_cast<std::uint32_t>(rate_threshold(rate) >> 32U);
    boost_.store(pack(upper_half, max_boost_ ? boost_ttl_ : 0), std::memory_order_relaxed);
  }

  // Read by requests, written now and then.
  FixedText<longest_rule_name> name_;
  std::atomic<std::uint64_t> quota_{0};  ///< packed; without a quota 0
  std::atomic<std::uint64_t> boost_{0};  ///< packed, the upper half of its threshold
  std::atomic<RateThreshold> threshold_{0};
  std::atomic<std::uint32_t> reservoir_size_{0};
  std::atomic<bool> observed_{false};

  // Written by requests.
  alignas(64) Reservoir reservoir_;
  std::atomic<std::uint64_t> counts_{0};  ///< requests, and from bit 32 on those sampled
  std::atomic<std::uint64_t> borrowed_{0};
  std::atomic<std::uint64_t> total_{0};
  std::atomic<std::uint64_t> anomalies_{0};
  std::atomic<std::uint64_t> sampled_anomalies_{0};
  std::atomic<Name> service_name_state_{Name::none};

  // The poller's.
  alignas(64) FixedText<longest_service_name> service_name_;  ///< once its state says `there`
  double fixed_rate_ = 0;                                     ///< of the rule itself
  std::optional<double> max_boost_;
  double boost_rate_ = 0;
  std::uint32_t boost_ttl_ = 0;
  std::optional<std::uint32_t> known_quota_;
  std::uint32_t quota_ttl_ = 0;
  RuleCounts pending_;
  BoostCounts pending_boost_;
  std::optional<std::int64_t> refreshed_at_;  ///< nanoseconds of a steady clock
  std::int64_t interval_ = 0;                 ///< nanoseconds
};

}  // namespace detail
XRAY_NAMESPACE_END
