#include "local/api/rule_change.hpp"

namespace xrayd::local::api {

std::string create_sampling_rule(Services& services, const rapidjson::Value& request) {
  services.sampling.count(SamplingCall::create);
  Violations violations;
  auto rule = read_new_rule(request, violations);
  refuse(violations);
  // The name makes the ARN, and a rule is named by one of them.
  if (member(*member(request, "SamplingRule"), "RuleARN") != nullptr) {
    throw invalid_request("Specify either RuleName or RuleARN, but not both");
  }
  return changed_rule([&] { return services.sampling.create(std::move(rule)); });
}

}  // namespace xrayd::local::api
