#include "local/api/encryption_json.hpp"
#include "local/api/operation.hpp"

namespace xrayd::local::api {

std::string get_encryption_config(Services& services, const rapidjson::Value& /*request*/) {
  return encryption_answer(services.account.state()->encryption_key, "ACTIVE");
}

}  // namespace xrayd::local::api
