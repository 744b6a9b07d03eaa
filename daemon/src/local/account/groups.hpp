// Groups: filter expressions with names.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "local/json/tags.hpp"

namespace xrayd::local {

/// Stored and given back; nobody looks for insights here.
struct InsightsConfiguration {
  bool insights_enabled = false;
  bool notifications_enabled = false;
};

struct Group {
  std::string name;
  /// Tells apart groups that had the same name one after the other; empty for Default.
  std::string id;
  /// Empty for Default alone, which every trace is in.
  std::string filter;
  InsightsConfiguration insights;
  Tags tags;

  [[nodiscard]] std::string arn() const;
};

inline constexpr std::string_view default_group_name = "Default";

/// Names a group in one of two ways.
struct GroupKey {
  std::optional<std::string> name;
  std::optional<std::string> arn;
};

/// What an update sets; the rest stays.
struct GroupChange {
  GroupKey key;
  std::optional<std::string> filter;
  std::optional<bool> insights_enabled;
  std::optional<bool> notifications_enabled;
};

/// Default and up to 24 others. To be changed in a copy: a change that throws AccountError may be
/// half made. For one thread at a time.
class Groups {
 public:
  /// With Default.
  static constexpr std::size_t max_groups = 25;

  /// Default alone.
  Groups();

  /// Default first, then by name.
  [[nodiscard]] std::vector<Group> all() const;
  /// Throws AccountError where there is none, or the key names none or two.
  [[nodiscard]] const Group& named(const GroupKey& key) const;
  /// Null if there is none.
  [[nodiscard]] const Group* find_arn(std::string_view arn) const;
  /// What the group of this name or ARN stands for; nothing if there is none.
  [[nodiscard]] std::optional<std::string> filter_of(std::string_view name_or_arn) const;

  /// Checks the name, the filter expression and the tags; the id is the caller's.
  const Group& create(Group group);
  const Group& update(const GroupChange& change);
  /// The group that is gone. Others whose filters name it stay, and can't be used until it is back.
  Group remove(const GroupKey& key);

  /// As it was stored, unchecked.
  void put(Group group);

 private:
  void check_filter(const std::string& expression) const;

  std::map<std::string, Group, std::less<>> groups_;
};

}  // namespace xrayd::local
