#include "local/api/insight_request.hpp"
#include "local/api/operation.hpp"

namespace xrayd::local::api {

std::string get_insight(Services& /*services*/, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  (void)read_insight_id(members);
  refuse(violations);
  throw insight_not_found();
}

}  // namespace xrayd::local::api
