#pragma once

#include <memory>

#include <xray/impl/random.hpp>
#include <xray/impl/sampling/reservoir.hpp>
#include <xray/impl/sampling/sampling_rate.hpp>
#include <xray/samplers.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

class DefaultRules : public Sampler {
 public:
  SamplingDecision decide(const SamplingRequest& /*request*/) noexcept override {
    SamplingDecision decision;
    decision.sampled = reservoir_.take(epoch_second(), 1) ||
                       is_below(random_bits(thread_state), rate_threshold(0.05));
    return decision;
  }

 private:
  Reservoir reservoir_;
};

}  // namespace detail

XRAY_DECL std::shared_ptr<Sampler> samplers::default_rules() {
  return std::make_shared<detail::DefaultRules>();
}

XRAY_NAMESPACE_END
