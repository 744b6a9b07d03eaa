#include "local/account/groups.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "ascii.hpp"
#include "local/account/account_error.hpp"
#include "local/arn.hpp"
#include "local/filter/filter.hpp"

namespace xrayd::local {
namespace {

constexpr std::string_view arn_kind = "group";

AccountError invalid(const std::string& message) {
  return {AccountError::Kind::invalid, message};
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool is_group_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-'; });
}

void check_insights(const InsightsConfiguration& insights) {
  if (insights.notifications_enabled && !insights.insights_enabled) {
    throw invalid("Notifications can only be enabled on a group with insights enabled");
  }
}

}  // namespace

std::string Group::arn() const {
  return arn_of(arn_kind, id.empty() ? name : name + "/" + id);
}

Groups::Groups() {
  Group group;
  group.name = default_group_name;
  put(std::move(group));
}

std::vector<Group> Groups::all() const {
  std::vector<Group> list;
  list.reserve(groups_.size());
  for (const auto& [name, group] : groups_) list.push_back(group);
  std::stable_partition(list.begin(), list.end(),
                        [](const Group& group) { return group.name == default_group_name; });
  return list;
}

const Group* Groups::find_arn(std::string_view arn) const {
  const auto rest = resource_named(arn, arn_kind);
  if (!rest) return nullptr;
  // Without its id an ARN would mean whatever group has the name now.
  const auto found = groups_.find(rest->substr(0, rest->find('/')));
  return found != groups_.end() && found->second.arn() == arn ? &found->second : nullptr;
}

const Group& Groups::named(const GroupKey& key) const {
  if (key.name && key.arn) throw invalid("Specify either GroupName or GroupARN, but not both");
  if (!key.name && !key.arn) throw invalid("Specify either GroupName or GroupARN");
  const Group* group = nullptr;
  if (key.arn) {
    group = find_arn(*key.arn);
  } else if (const auto found = groups_.find(*key.name); found != groups_.end()) {
    group = &found->second;
  }
  if (group == nullptr) throw invalid("Group not found");
  return *group;
}

std::optional<std::string> Groups::filter_of(std::string_view name_or_arn) const {
  const auto found = groups_.find(name_or_arn);
  const Group* group = found == groups_.end() ? find_arn(name_or_arn) : &found->second;
  return group == nullptr ? std::nullopt : std::optional(group->filter);
}

// With the group in its place already, so that a filter that leads back to it is seen.
void Groups::check_filter(const std::string& expression) const {
  if (is_blank(expression)) throw invalid("Filter Expression is empty");
  const auto parsed = Filter::parse(
      expression, [this](std::string_view name_or_arn) { return filter_of(name_or_arn); });
  if (const auto* error = std::get_if<FilterError>(&parsed)) throw invalid(error->message);
}

const Group& Groups::create(Group group) {
  if (group.name == default_group_name) throw invalid("Default is a reserved group name");
  if (!is_group_name(group.name)) {
    throw invalid("Group name may only contain letters, digits and dashes");
  }
  if (groups_.contains(group.name)) throw invalid(group.name + " already exists");
  check_insights(group.insights);
  if (const auto fault = tags_fault(group.tags); !fault.empty()) throw invalid(fault);
  if (groups_.size() >= max_groups) {
    throw invalid("Group limit exceeded: " + std::to_string(max_groups));
  }
  auto name = group.name;
  const Group& created = groups_.emplace(std::move(name), std::move(group)).first->second;
  check_filter(created.filter);
  return created;
}

const Group& Groups::update(const GroupChange& change) {
  Group& group = groups_.find(named(change.key).name)->second;
  if (change.filter) {
    if (group.name == default_group_name) throw invalid("Invalid update request for default group");
    group.filter = *change.filter;
    check_filter(group.filter);
  }
  auto& insights = group.insights;
  insights.insights_enabled = change.insights_enabled.value_or(insights.insights_enabled);
  // Who turns insights off wants no news of them.
  const bool notifications = insights.notifications_enabled && insights.insights_enabled;
  insights.notifications_enabled = change.notifications_enabled.value_or(notifications);
  check_insights(insights);
  return group;
}

Group Groups::remove(const GroupKey& key) {
  Group group = named(key);
  if (group.name == default_group_name) throw invalid("Default group can not be deleted");
  groups_.erase(group.name);
  return group;
}

void Groups::put(Group group) {
  auto name = group.name;
  groups_.insert_or_assign(std::move(name), std::move(group));
}

}  // namespace xrayd::local
