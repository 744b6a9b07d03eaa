#include "local/api/account_change.hpp"
#include "local/api/group_json.hpp"
#include "local/api/operation.hpp"

namespace xrayd::local::api {

std::string update_group(Services& services, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto key = read_group_key(members);
  auto change = read_group_change(members, violations);
  refuse(violations);
  change.key = key;
  return group_answer(with_account([&] { return services.account.update_group(change); }));
}

}  // namespace xrayd::local::api
