#include <utility>

#include "local/api/account_change.hpp"
#include "local/api/operation.hpp"
#include "local/api/resource_policy_json.hpp"

namespace xrayd::local::api {

std::string put_resource_policy(Services& services, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  auto name = read_policy_name(members);
  auto document = members.text("PolicyDocument", Need::required);
  auto revision = members.text("PolicyRevisionId", Need::optional);
  const auto bypass = members.flag("BypassPolicyLockoutCheck", Need::optional);
  refuse(violations);
  PolicyChange change{*std::move(name), *std::move(document), std::move(revision),
                      bypass.value_or(false)};
  const auto policy = with_account([&] { return services.account.put_policy(std::move(change)); });
  return object_text([&](JsonWriter& writer) {
    write_key(writer, "ResourcePolicy");
    write_policy(writer, policy);
  });
}

}  // namespace xrayd::local::api
