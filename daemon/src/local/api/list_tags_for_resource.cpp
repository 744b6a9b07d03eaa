#include "local/api/answer.hpp"
#include "local/api/operation.hpp"
#include "local/api/page_token.hpp"
#include "local/api/tagged_resource.hpp"

namespace xrayd::local::api {

std::string list_tags_for_resource(Services& services, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto arn = members.text("ResourceARN", Need::required, resource_arn_lengths);
  const auto token = members.text("NextToken", Need::optional);
  refuse(violations);
  const Tags tags = tags_of(services, *arn);
  refuse_token(token);
  return object_text([&](JsonWriter& writer) {
    write_key(writer, "Tags");
    write_tags(writer, tags);
    write_null(writer, "NextToken");
  });
}

}  // namespace xrayd::local::api
