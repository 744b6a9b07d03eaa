#include "local/api/operation.hpp"
#include "local/api/page_token.hpp"
#include "local/api/resource_policy_json.hpp"

namespace xrayd::local::api {

std::string list_resource_policies(Services& services, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto token = members.text("NextToken", Need::optional, {1, 100});
  refuse(violations);
  refuse_token(token);
  const auto state = services.account.state();
  return object_text([&](JsonWriter& writer) {
    write_key(writer, "ResourcePolicies");
    writer.StartArray();
    for (const auto& policy : state->policies.all()) write_policy(writer, policy);
    writer.EndArray();
    write_null(writer, "NextToken");
  });
}

}  // namespace xrayd::local::api
