// Filters by why a trace failed or was slow.
#include <gtest/gtest.h>

#include <string>

#include "support/parsed.hpp"
#include "support/record_builder.hpp"

namespace xrayd::local::test {
namespace {

// front: handle, call back; back (called "back.internal"): back, deserialize (two exceptions).
// Slow for front's work and its call, which took three quarters. The error began in the table.
TraceRecord record() {
  RecordBuilder builder;
  const auto front = builder.node("front", "AWS::EC2::Instance");
  const auto back = builder.node("back", {}, "222");
  const auto table = builder.node("table", "AWS::DynamoDB::Table", {}, NodeState::unknown);
  const auto front_segment = builder.segment(front);
  const auto back_segment = builder.segment(back);
  builder.call(front_segment, back_segment, "back.internal");
  builder.call(back_segment, builder.segment(table));
  TraceRecord record = builder.build();

  const RootCauseEntity handle = {"handle", {}, 0, false};
  const RootCauseEntity call = {"back", {}, 0, true};
  const RootCauseEntity deserialize = {
      "deserialize", {{"Outer", "denied"}, {"Inner", "Access Denied"}}, 0, false};
  const RootCauseEntity own = {"back", {{"Wrapper", "failed"}}, 0, false};
  record.fault_causes = {
      {{{front, false, {handle, call}}, {back, false, {own, deserialize}}}, true}};
  record.error_causes = {{{{table, true, {{"table", {}, 0, false}}}}, false}};
  record.response_time_causes = {
      {{{front, false, {{"front", {}, 1, false}, {"back", {}, 0.75, true}}}}, false}};
  return record;
}

bool matches(std::string_view expression) {
  return parsed(expression).matches(record(), "111");
}

TEST(RootCauseFilters, parts_of_causes_are_there_or_not) {
  EXPECT_TRUE(matches("rootcause.fault.service AND rootcause.fault.entity"));
  EXPECT_TRUE(matches("rootcause.fault.exception"));
  EXPECT_TRUE(matches("rootcause.error.service AND !rootcause.error.exception"));
  EXPECT_TRUE(matches("rootcause.responsetime.entity AND !rootcause.responsetime.exception"));
  EXPECT_FALSE(parsed("rootcause.fault.service").matches(TraceRecord()));
}

TEST(RootCauseFilters, services_of_a_cause) {
  EXPECT_TRUE(matches("rootcause.fault.service { first AND name = front AND index = 0 AND root }"));
  EXPECT_TRUE(matches("rootcause.fault.service { last AND name = \"back\" AND index = 1 }"));
  EXPECT_FALSE(matches("rootcause.fault.service { name = front AND last }"));
  EXPECT_TRUE(matches("rootcause.error.service { inferred and type = \"AWS::DynamoDB::Table\" }"));
  EXPECT_FALSE(matches("rootcause.fault.service { inferred }"));
  EXPECT_TRUE(matches("rootcause.fault.service { account.id = \"222\" }"));
  EXPECT_TRUE(matches("rootcause.fault.service { account.id = \"111\" AND name = front }"));
  EXPECT_FALSE(matches("rootcause.fault.service { index > 5 }"));
}

TEST(RootCauseFilters, entities_of_each_service) {
  EXPECT_TRUE(matches("rootcause.fault.entity { last and name = \"deserialize\" }"));
  EXPECT_TRUE(matches("rootcause.fault.entity { first and index = 0 and name = \"handle\" }"));
  EXPECT_TRUE(matches("rootcause.fault.entity { last and remote and name = \"back\" }"));
  EXPECT_FALSE(matches("rootcause.fault.entity { name = \"deserialize\" and remote }"));
  EXPECT_FALSE(matches("rootcause.fault.entity { name = \"handle\" and last }"));
  EXPECT_TRUE(matches("rootcause.error.entity { inferred }"));
}

TEST(RootCauseFilters, coverage_of_what_was_slow) {
  EXPECT_TRUE(
      matches("rootcause.responsetime.entity { remote and coverage > 0.7 and name = back }"));
  EXPECT_TRUE(matches("rootcause.responsetime.entity { coverage = 0.75 AND index = 1 }"));
  EXPECT_FALSE(matches("rootcause.responsetime.entity { remote and coverage > 0.75 }"));
}

TEST(RootCauseFilters, exceptions_of_each_entity) {
  EXPECT_TRUE(matches("rootcause.fault.exception { last and message = \"Access Denied\" }"));
  EXPECT_TRUE(matches("rootcause.fault.exception { first and last and name = \"Wrapper\" }"));
  EXPECT_FALSE(matches("rootcause.fault.exception { first and message = \"Access Denied\" }"));
  EXPECT_TRUE(matches("rootcause.fault.exception { index = 1 and name = Inner }"));
}

TEST(RootCauseJson, members_that_are_absent_or_null_match_anything) {
  EXPECT_TRUE(matches("rootcause.json = #[{}]"));
  EXPECT_TRUE(matches("rootcause.json = #[{\"Services\":[{},{}]}]"));
  EXPECT_TRUE(
      matches("rootcause.json = "
              "#[{\"Services\":[{\"Name\":\"front\",\"Type\":null},{\"Name\":\"back\"}]}]"));
  EXPECT_TRUE(matches("json = #{\"ClientImpacting\":true}"));
}

TEST(RootCauseJson, members_that_are_there_match_exactly) {
  EXPECT_TRUE(matches(
      "rootcause.fault.json = #[{\"Services\":["
      "{\"Name\":\"front\",\"Names\":[\"front\"],\"Type\":\"AWS::EC2::Instance\",\"AccountId\":"
      "\"111\",\"Inferred\":false,\"EntityPath\":[{\"Name\":\"handle\",\"Exceptions\":[],"
      "\"Remote\":"
      "false},{\"Name\":\"back\",\"Remote\":true}]},"
      "{\"Name\":\"back\",\"Names\":[\"back\",\"back.internal\"],\"EntityPath\":[{},{"
      "\"Exceptions\":["
      "{\"Name\":\"Outer\"},{\"Message\":\"Access Denied\"}]}]}],\"ClientImpacting\":true}]"));
  for (const char* services :
       {"[{}]", "[{},{},{}]", "[{},{\"Name\":\"front\"}]", "[{\"Names\":[\"back\"]},{}]",
        "[{\"Type\":\"remote\"},{}]", "[{\"AccountId\":\"222\"},{}]", "[{\"Inferred\":true},{}]",
        "[{\"EntityPath\":[]},{}]", "[{\"EntityPath\":[{\"Name\":\"handle\"}]},{}]",
        "[{},{\"EntityPath\":[{},{\"Exceptions\":[{}]}]}]",
        "[{},{\"EntityPath\":[{},{\"Exceptions\":[{},{\"Name\":\"Outer\"}]}]}]",
        "[{\"EntityPath\":[{\"Remote\":true},{}]},{}]"}) {
    EXPECT_FALSE(matches("rootcause.fault.json = #[{\"Services\":" + std::string(services) + "}]"))
        << services;
  }
  EXPECT_FALSE(matches("rootcause.fault.json = #[{\"ClientImpacting\":false}]"));
}

TEST(RootCauseJson, kinds_are_kept_apart) {
  const std::string table = " #[{\"Services\":[{\"Name\":\"table\"}]}]";
  EXPECT_TRUE(matches("rootcause.error.json =" + table));
  EXPECT_FALSE(matches("rootcause.fault.json =" + table));
  EXPECT_TRUE(matches("rootcause.json =" + table));
  EXPECT_TRUE(matches("json =" + table));
  EXPECT_TRUE(
      matches("rootcause.responsetime.json = "
              "#[{\"Services\":[{\"EntityPath\":[{\"Coverage\":1},{\"Coverage\":0.75}]}]}]"));
}

TEST(RootCauseJson, coverage_is_a_number_like_others) {
  const auto with_coverage = [](const std::string& number) {
    return "json = #[{\"Services\":[{\"EntityPath\":[{},{\"Coverage\":" + number + "}]}]}]";
  };
  EXPECT_TRUE(matches(with_coverage("0.75")));
  EXPECT_FALSE(matches(with_coverage("0.5")));
}

TEST(RootCauseJson, marks_within_its_texts_end_nothing) {
  EXPECT_FALSE(matches("json = #[{\"Services\":[{\"Name\":\"a\\\"]}\\\\\"}]}] AND ok"));
  EXPECT_TRUE(matches("json != #[{\"Services\":[{\"Name\":\"a\\\"]}\\\\\"}]}] AND ok"));
}

TEST(RootCauseJson, each_cause_of_the_list_is_found) {
  EXPECT_TRUE(matches("json = #[{\"Services\":[{},{}]},{\"Services\":[{\"Name\":\"table\"}]}]"));
  EXPECT_FALSE(matches("json = #[{\"Services\":[{},{}]},{\"Services\":[{\"Name\":\"x\"}]}]"));
}

TEST(RootCauseJson, another_one_is_not_none) {
  EXPECT_TRUE(matches("json != #[{\"Services\":[{\"Name\":\"x\"}]}]"));
  EXPECT_FALSE(matches("json != #[{}]"));
  EXPECT_FALSE(parsed("json != #[{\"Services\":[]}]").matches(TraceRecord()));
}

}  // namespace
}  // namespace xrayd::local::test
