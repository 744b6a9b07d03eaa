// `group.name` and `group.arn`: the filters of others within a filter.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "support/parsed.hpp"
#include "support/record_builder.hpp"

namespace xrayd::local::test {
namespace {

GroupFilters groups(std::map<std::string, std::string, std::less<>> filters) {
  return [filters = std::move(filters)](std::string_view name) -> std::optional<std::string> {
    const auto found = filters.find(name);
    if (found == filters.end()) return std::nullopt;
    return found->second;
  };
}

TraceRecord with_fault(bool fault) {
  RecordBuilder builder;
  builder[builder.segment(builder.node("a"))].outcome.fault = fault;
  return builder.build();
}

TEST(FilterGroups, stand_for_their_filters) {
  const auto known = groups({{"broken", "fault OR error"}, {"arn:x", "fault"}});
  for (const char* expression :
       {"group.name = \"broken\"", "group.arn = \"arn:x\"", "group.name = broken duration > 0",
        "!(group.name != \"broken\")"}) {
    EXPECT_TRUE(parsed(expression, known).matches(with_fault(true))) << expression;
    EXPECT_FALSE(parsed(expression, known).matches(with_fault(false))) << expression;
  }
  EXPECT_TRUE(parsed("group.name != \"broken\"", known).matches(with_fault(false)));
  EXPECT_FALSE(parsed("group.name != \"broken\"", known).matches(with_fault(true)));
}

TEST(FilterGroups, an_empty_filter_is_everything) {
  const auto known = groups({{"all", " "}});
  EXPECT_TRUE(parsed("group.name = \"all\"", known).is_everything());
  EXPECT_FALSE(parsed("group.name != \"all\"", known).matches(with_fault(true)));
}

TEST(FilterGroups, unknown_ones_are_errors_that_name_them) {
  EXPECT_EQ(error_of("ok AND group.name = \"x\"", groups({})), "1:21: group 'x' does not exist");
  EXPECT_EQ(error_of("group.arn = \"x\""), "1:13: group 'x' does not exist");
  EXPECT_EQ(error_of("group.name = 5", groups({})), "1:14: group '5' does not exist");
}

TEST(FilterGroups, none_stands_for_itself) {
  const auto known = groups({{"a", "group.name = \"b\""},
                             {"b", "ok AND group.arn = \"arn:a\""},
                             {"arn:a", "group.name = \"b\""},
                             {"self", "group.name = self"}});
  EXPECT_EQ(error_of("group.name = \"self\"", known),
            "1:14: group 'self' has a wrong filter: line 1, position 14: group 'self' stands for "
            "itself");
  EXPECT_NE(error_of("group.name = \"a\"", known).find("group 'b' stands for itself"),
            std::string::npos);
}

TEST(FilterGroups, one_may_stand_there_twice) {
  EXPECT_EQ(error_of("group.name = a OR (ok AND group.name = a)", groups({{"a", "fault"}})), "");
}

TEST(FilterGroups, wrong_filters_are_told_with_their_place) {
  EXPECT_EQ(error_of("group.name = \"a\"", groups({{"a", "ok AND x"}})),
            "1:14: group 'a' has a wrong filter: line 1, position 8: there is no keyword 'x'");
}

TEST(FilterGroups, groups_of_groups_end_somewhere) {
  std::map<std::string, std::string, std::less<>> doubling;
  for (int i = 0; i < 25; ++i) {
    const std::string next = "group.name = g" + std::to_string(i + 1);
    doubling["g" + std::to_string(i)] = next + " AND " + next;
  }
  doubling["g25"] = "ok";
  EXPECT_NE(error_of("group.name = g0", groups(doubling)).find("stands for too long a filter"),
            std::string::npos);

  std::map<std::string, std::string, std::less<>> chain;
  for (int i = 0; i < 200; ++i) {
    chain["g" + std::to_string(i)] = "group.name = g" + std::to_string(i + 1);
  }
  EXPECT_NE(error_of("group.name = g0", groups(chain)).find("nested deeper than 100"),
            std::string::npos);
}

TEST(FilterGroups, stand_for_traces_not_for_what_blocks_ask) {
  EXPECT_EQ(error_of("service() { group.name = \"a\" }", groups({{"a", "ok"}})),
            "1:13: 'group.name' can't stand in service(...) { }");
}

}  // namespace
}  // namespace xrayd::local::test
