#include "local/api/rule_change.hpp"

namespace xrayd::local::api {

std::string delete_sampling_rule(Services& services, const rapidjson::Value& request) {
  services.sampling.count(SamplingCall::remove);
  Violations violations;
  const auto key = read_rule_key(request, violations);
  refuse(violations);
  return changed_rule([&] { return services.sampling.remove(key); });
}

}  // namespace xrayd::local::api
