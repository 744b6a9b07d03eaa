#include "local/api/answer.hpp"
#include "local/api/operation.hpp"
#include "local/api/tagged_resource.hpp"

namespace xrayd::local::api {
namespace {

constexpr std::size_t max_keys = 200;
constexpr Lengths key_lengths{1, 128};

}  // namespace

std::string untag_resource(Services& services, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto arn = members.text("ResourceARN", Need::required, resource_arn_lengths);
  const auto keys = members.texts("TagKeys", Need::required, max_keys, key_lengths);
  refuse(violations);
  change_tags(services, *arn, [&](Tags all) {
    for (const auto& key : *keys) all.erase(key);
    return all;
  });
  return empty_answer;
}

}  // namespace xrayd::local::api
