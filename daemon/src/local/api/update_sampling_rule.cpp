#include "local/api/rule_change.hpp"

namespace xrayd::local::api {

std::string update_sampling_rule(Services& services, const rapidjson::Value& request) {
  services.sampling.count(SamplingCall::update);
  Violations violations;
  const auto change = read_rule_change(request, violations);
  refuse(violations);
  return changed_rule([&] { return services.sampling.update(change); });
}

}  // namespace xrayd::local::api
