// Any text as the answer to GetSamplingRules: what is taken from it can be used.
#include <xray/impl/sampling/central_rules.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  xray::detail::RulesAnswer answer = xray::detail::parse_sampling_rules(text);
  if (!answer.error.empty() && (!answer.rules.empty() || !answer.next_token.empty())) std::abort();
  for (const auto& rule : answer.rules) {
    if (rule.name.empty() || rule.name.size() > 32) std::abort();
    if (rule.priority < 1 || rule.priority > 10'000) std::abort();
    if (!(rule.fixed_rate >= 0 && rule.fixed_rate <= 1)) std::abort();
    if (rule.max_boost && !(*rule.max_boost >= 0 && *rule.max_boost <= 1)) std::abort();
  }
  for (const auto& reason : answer.skipped) {
    if (reason.size() > 200) std::abort();
  }
  xray::detail::Output request;
  xray::detail::write_rules_request(request, answer.next_token);
  if (!xray::detail::is_json(request.view())) std::abort();

  // The set, and one that takes it over, decide.
  auto again = answer.rules;
  const xray::detail::CentralRules rules(std::move(answer.rules), nullptr, 0);
  const xray::detail::CentralRules next(std::move(again), &rules, 1);
  if (next.rules().size() != rules.rules().size()) std::abort();
  xray::SamplingRequest asked;
  asked.service_name = "shop";
  asked.host = "shop.example";
  asked.method = "GET";
  asked.path = text.substr(0, 64);
  xray::detail::CentralRule* const rule = next.find(asked);
  if (rule != rules.find(asked)) std::abort();
  if (rule == nullptr) return 0;
  for (std::uint64_t i = 0; i < 3; ++i) (void)rule->decide(1'700'000'000, i << 62U);
  rule->collect();
  const xray::detail::RuleCounts counts = rule->snapshot();
  if (counts.requests != 3 || counts.sampled + counts.borrowed > 3) std::abort();
  return 0;
}
