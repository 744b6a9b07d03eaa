#include "local/api/insight_request.hpp"
#include "local/api/operation.hpp"

namespace xrayd::local::api {

std::string get_insight_impact_graph(Services& /*services*/, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  (void)read_insight_id(members);
  const auto start = members.number("StartTime", Need::required);
  const auto end = members.number("EndTime", Need::required);
  (void)members.text("NextToken", Need::optional, insight_token_lengths);
  refuse(violations);
  check_times(*start, *end);
  throw insight_not_found();
}

}  // namespace xrayd::local::api
