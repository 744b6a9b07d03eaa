#include "local/api/indexing_rule_json.hpp"
#include "local/api/operation.hpp"
#include "local/api/page_token.hpp"

namespace xrayd::local::api {

std::string get_indexing_rules(Services& services, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto token = members.text("NextToken", Need::optional);
  refuse(violations);
  refuse_token(token);
  const auto state = services.account.state();
  return object_text([&](JsonWriter& writer) {
    write_key(writer, "IndexingRules");
    writer.StartArray();
    write_indexing_rule(writer, state->indexing_rule);
    writer.EndArray();
    write_null(writer, "NextToken");
  });
}

}  // namespace xrayd::local::api
