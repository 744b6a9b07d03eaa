#include "local/api/account_change.hpp"
#include "local/api/group_json.hpp"
#include "local/api/operation.hpp"

namespace xrayd::local::api {

std::string get_group(Services& services, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto key = read_group_key(members);
  refuse(violations);
  const auto state = services.account.state();
  return with_account([&] { return group_answer(state->groups.named(key)); });
}

}  // namespace xrayd::local::api
