#include "local/api/insight_request.hpp"
#include "local/api/operation.hpp"

namespace xrayd::local::api {

std::string get_insight_events(Services& /*services*/, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  (void)read_insight_id(members);
  (void)members.integer("MaxResults", Need::optional, Range<std::int64_t>{1, 50});
  (void)members.text("NextToken", Need::optional, insight_token_lengths);
  refuse(violations);
  throw insight_not_found();
}

}  // namespace xrayd::local::api
