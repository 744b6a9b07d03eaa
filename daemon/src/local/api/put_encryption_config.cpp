#include <array>
#include <string_view>

#include "local/api/account_change.hpp"
#include "local/api/encryption_json.hpp"
#include "local/api/operation.hpp"

namespace xrayd::local::api {

std::string put_encryption_config(Services& services, const rapidjson::Value& request) {
  constexpr std::array<std::string_view, 2> types = {"NONE", "KMS"};
  Violations violations;
  Members members(request, "", violations);
  auto key = members.text("KeyId", Need::optional, {1, 3000});
  const auto type = members.choice("Type", Need::required, types);
  refuse(violations);
  if (type == "KMS" && !key) throw invalid_request("KeyId must be given for the type KMS");
  // X-Ray's model says of a key without encryption to leave it out, not that it is refused.
  if (type == "NONE") key = "";
  with_account([&] { services.account.set_encryption_key(*key); });
  // Whoever waits for ACTIVE asks again, as at the service.
  return encryption_answer(*key, "UPDATING");
}

}  // namespace xrayd::local::api
