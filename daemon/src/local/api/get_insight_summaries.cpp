#include <array>
#include <string_view>

#include "local/api/account_change.hpp"
#include "local/api/answer.hpp"
#include "local/api/group_json.hpp"
#include "local/api/insight_request.hpp"
#include "local/api/operation.hpp"

namespace xrayd::local::api {

std::string get_insight_summaries(Services& services, const rapidjson::Value& request) {
  constexpr std::array<std::string_view, 2> states = {"ACTIVE", "CLOSED"};
  Violations violations;
  Members members(request, "", violations);
  (void)members.choices("States", Need::optional, 1, states);
  const auto key = read_group_key(members);
  const auto start = members.number("StartTime", Need::required);
  const auto end = members.number("EndTime", Need::required);
  (void)members.integer("MaxResults", Need::optional, Range<std::int64_t>{1, 100});
  const auto token = members.text("NextToken", Need::optional, insight_token_lengths);
  refuse(violations);
  const auto state = services.account.state();
  with_account([&] { (void)state->groups.named(key); });
  check_times(*start, *end);
  // There is one page, so no token of ours is about.
  if (token) throw invalid_request("Invalid NextToken for this query");
  return object_text([](JsonWriter& writer) {
    write_key(writer, "InsightSummaries");
    writer.StartArray();
    writer.EndArray();
    write_null(writer, "NextToken");
  });
}

}  // namespace xrayd::local::api
