#include "local/api/answer.hpp"
#include "local/api/group_json.hpp"
#include "local/api/operation.hpp"

namespace xrayd::local::api {

std::string get_groups(Services& services, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto token = members.text("NextToken", Need::optional, {1, 100});
  refuse(violations);
  // As X-Ray says it: all groups fit one page.
  if (token) throw invalid_request("Next Token not supported");
  const auto state = services.account.state();
  return object_text([&](JsonWriter& writer) {
    write_key(writer, "Groups");
    writer.StartArray();
    for (const auto& group : state->groups.all()) write_group(writer, group);
    writer.EndArray();
    write_null(writer, "NextToken");
  });
}

}  // namespace xrayd::local::api
