// Decides by rules that don't change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <xray/impl/random.hpp>
#include <xray/impl/sampling/local_rules.hpp>
#include <xray/impl/sampling/reservoir.hpp>
#include <xray/impl/sampling/rule_matcher.hpp>
#include <xray/impl/sampling/sampling_rate.hpp>
#include <xray/sampler.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

class LocalSampler final : public Sampler {
 public:
  explicit LocalSampler(const LocalRules& rules) : quotas_(rules.rules.size() + 1) {
    for (std::size_t i = 0; i < rules.rules.size(); ++i) {
      matcher_.add(rules.rules[i].patterns);
      quotas_[i].set(rules.rules[i]);
    }
    quotas_.back().set(rules.otherwise);
  }

  SamplingDecision decide(const SamplingRequest& request) noexcept override {
    return decide_at(request, epoch_second(), random_bits(thread_state));
  }

  /// The same with time and chance from outside.
  SamplingDecision decide_at(const SamplingRequest& request, std::int64_t second,
                             std::uint64_t random) noexcept {
    const std::size_t matched = matcher_.find(request);
    Quota& quota = matched != RuleMatcher::none ? quotas_[matched] : quotas_.back();
    SamplingDecision decision;
    decision.sampled =
        quota.reservoir.take(second, quota.fixed_target) || is_below(random, quota.threshold);
    return decision;
  }

 private:
  /// Each on a cache line of its own: threads that use different rules don't disturb each other.
  struct alignas(64) Quota {
    Reservoir reservoir;
    std::uint32_t fixed_target = 0;
    RateThreshold threshold = 0;

    void set(const LocalRule& rule) noexcept {
      fixed_target = rule.fixed_target;
      threshold = rate_threshold(rule.rate);
    }
  };

  RuleMatcher matcher_;
  std::vector<Quota> quotas_;  ///< of the rules in their order, and the default's
};

}  // namespace detail
XRAY_NAMESPACE_END
