// Any text as the answer to GetSamplingTargets: what is taken from it can be applied.
#include <xray/impl/sampling/central_rule.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const xray::detail::TargetsAnswer answer = xray::detail::parse_sampling_targets(text);
  if (!answer.error.empty() && !answer.targets.empty()) std::abort();

  xray::detail::CentralRuleDefinition definition;
  definition.name = "r";
  definition.reservoir_size = 10;
  definition.fixed_rate = 0.5;
  definition.max_boost = 0.75;
  xray::detail::CentralRule rule(definition);
  std::int64_t now = 1'000'000'000;
  for (const auto& target : answer.targets) {
    if (target.rule_name.empty()) std::abort();
    if (target.fixed_rate && !(*target.fixed_rate >= 0 && *target.fixed_rate <= 1)) std::abort();
    if (target.interval && *target.interval <= 0) std::abort();
    rule.apply(target, now);
    // However long X-Ray does not want to hear of it, it does within the hour.
    if (!rule.is_due(now + 3'600'000'000'000)) std::abort();
    const bool quota_of_none = target.quota == 0U && target.quota_ttl &&
                               *target.quota_ttl > 2'000'000'000 && target.fixed_rate == 0.0 &&
                               !target.boost_rate;
    const bool sampled = rule.decide(1'700'000'000, ~std::uint64_t{0} >> 1U);
    if (quota_of_none && answer.targets.size() == 1 && sampled) std::abort();
    now += 1'000'000'000;
  }
  rule.update(definition);
  rule.collect();
  if (rule.snapshot().requests != answer.targets.size()) std::abort();
  return 0;
}
