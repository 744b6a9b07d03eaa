#include <optional>

#include "local/api/account_change.hpp"
#include "local/api/indexing_rule_json.hpp"
#include "local/api/operation.hpp"

namespace xrayd::local::api {
namespace {

// Of the union's kinds there is one.
std::optional<double> read_percentage(Members& members, Violations& violations) {
  const auto* rule = members.object("Rule", Need::required);
  if (rule == nullptr) return std::nullopt;
  Members kinds(*rule, members.path("Rule"), violations);
  const auto* probabilistic = kinds.object("Probabilistic", Need::required);
  if (probabilistic == nullptr) return std::nullopt;
  Members value(*probabilistic, kinds.path("Probabilistic"), violations);
  return value.number("DesiredSamplingPercentage", Need::required);
}

}  // namespace

std::string update_indexing_rule(Services& services, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto name = members.text("Name", Need::required);
  const auto percentage = read_percentage(members, violations);
  refuse(violations);
  const auto rule =
      with_account([&] { return services.account.update_indexing_rule(*name, *percentage); });
  return object_text([&](JsonWriter& writer) {
    write_key(writer, "IndexingRule");
    write_indexing_rule(writer, rule);
  });
}

}  // namespace xrayd::local::api
