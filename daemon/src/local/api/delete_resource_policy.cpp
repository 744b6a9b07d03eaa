#include "local/api/account_change.hpp"
#include "local/api/operation.hpp"
#include "local/api/resource_policy_json.hpp"

namespace xrayd::local::api {

std::string delete_resource_policy(Services& services, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto name = read_policy_name(members);
  const auto revision = members.text("PolicyRevisionId", Need::optional);
  refuse(violations);
  with_account([&] { services.account.delete_policy(*name, revision); });
  return empty_answer;
}

}  // namespace xrayd::local::api
