#include <utility>

#include "local/api/account_change.hpp"
#include "local/api/group_json.hpp"
#include "local/api/operation.hpp"

namespace xrayd::local::api {

std::string create_group(Services& services, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto name = members.text("GroupName", Need::required, group_name_lengths);
  const auto change = read_group_change(members, violations);
  auto tags = read_tags(members, Need::optional, violations);
  refuse(violations);
  Group group;
  group.name = *name;
  group.filter = change.filter.value_or("");
  group.insights = {change.insights_enabled.value_or(false),
                    change.notifications_enabled.value_or(false)};
  group.tags = std::move(tags);
  return group_answer(
      with_account([&] { return services.account.create_group(std::move(group)); }));
}

}  // namespace xrayd::local::api
