#include "local/api/group_json.hpp"

#include "local/api/answer.hpp"

namespace xrayd::local::api {
namespace {

constexpr Lengths arn_lengths{1, 400};

}  // namespace

GroupKey read_group_key(Members& members) {
  GroupKey key;
  key.name = members.text("GroupName", Need::optional, group_name_lengths);
  key.arn = members.text("GroupARN", Need::optional, arn_lengths);
  return key;
}

GroupChange read_group_change(Members& members, Violations& violations) {
  constexpr const char* insights = "InsightsConfiguration";
  GroupChange change;
  change.filter = members.text("FilterExpression", Need::optional);
  if (const auto* object = members.object(insights, Need::optional)) {
    Members configuration(*object, members.path(insights), violations);
    change.insights_enabled = configuration.flag("InsightsEnabled", Need::optional);
    change.notifications_enabled = configuration.flag("NotificationsEnabled", Need::optional);
  }
  return change;
}

void write_group(JsonWriter& writer, const Group& group) {
  writer.StartObject();
  write_member(writer, "GroupName", group.name);
  write_member(writer, "GroupARN", group.arn());
  write_if_any(writer, "FilterExpression", group.filter);
  write_key(writer, "InsightsConfiguration");
  writer.StartObject();
  write_key(writer, "InsightsEnabled");
  writer.Bool(group.insights.insights_enabled);
  write_key(writer, "NotificationsEnabled");
  writer.Bool(group.insights.notifications_enabled);
  writer.EndObject();
  writer.EndObject();
}

std::string group_answer(const Group& group) {
  return object_text([&](JsonWriter& writer) {
    write_key(writer, "Group");
    write_group(writer, group);
  });
}

}  // namespace xrayd::local::api
