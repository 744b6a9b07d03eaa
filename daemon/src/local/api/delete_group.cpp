#include "local/api/account_change.hpp"
#include "local/api/answer.hpp"
#include "local/api/group_json.hpp"
#include "local/api/operation.hpp"

namespace xrayd::local::api {

std::string delete_group(Services& services, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto key = read_group_key(members);
  refuse(violations);
  with_account([&] { services.account.delete_group(key); });
  return empty_answer;
}

}  // namespace xrayd::local::api
