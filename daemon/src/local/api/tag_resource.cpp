#include "local/api/answer.hpp"
#include "local/api/operation.hpp"
#include "local/api/tagged_resource.hpp"

namespace xrayd::local::api {

std::string tag_resource(Services& services, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto arn = members.text("ResourceARN", Need::required, resource_arn_lengths);
  const auto tags = read_tags(members, Need::required, violations);
  refuse(violations);
  change_tags(services, *arn, [&](Tags all) {
    for (const auto& [key, value] : tags) all.insert_or_assign(key, value);
    return all;
  });
  return empty_answer;
}

}  // namespace xrayd::local::api
