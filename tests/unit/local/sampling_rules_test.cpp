#include "local/sampling/sampling_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace xrayd::local {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = SamplingRuleError::Kind;

SamplingRule rule(std::string name, std::int64_t priority = 100) {
  SamplingRule result;
  result.name = std::move(name);
  result.priority = priority;
  result.fixed_rate = 0.5;
  result.reservoir_size = 5;
  return result;
}

void add(SamplingRules& rules, SamplingRule what, double now = 1000) {
  rules.put(rules.created(std::move(what), now));
}

std::vector<std::string> names(const SamplingRules& rules) {
  std::vector<std::string> list;
  for (const auto& each : rules.all()) list.push_back(each.name);
  return list;
}

template <typename Call>
void expect_refused(Kind kind, const std::string& message, const Call& call) {
  try {
    call();
    ADD_FAILURE() << "it was taken: " << message;
  } catch (const SamplingRuleError& error) {
    EXPECT_EQ(error.kind(), kind);
    EXPECT_THAT(error.what(), HasSubstr(message));
  }
}

SamplingRuleChange change_of(std::string name) {
  SamplingRuleChange change;
  change.key.name = std::move(name);
  return change;
}

TEST(SamplingRules, default_is_there_from_the_beginning_and_samples_everything) {
  const SamplingRules rules;
  ASSERT_THAT(names(rules), ElementsAre("Default"));
  const auto& only = *rules.find("Default");
  EXPECT_EQ(only.arn(), "arn:aws:xray:us-east-1:000000000000:sampling-rule/Default");
  EXPECT_EQ(only.priority, 10000);
  EXPECT_EQ(only.fixed_rate, 1.0);
  EXPECT_EQ(only.reservoir_size, 1);
  EXPECT_EQ(only.created_at, 0);
  EXPECT_EQ(only.modified_at, 0);
  for (const auto& pattern : {only.resource_arn, only.service_name, only.service_type, only.host,
                              only.http_method, only.url_path}) {
    EXPECT_EQ(pattern, "*");
  }
}

TEST(SamplingRules, they_are_listed_by_priority_then_by_name_with_default_last) {
  SamplingRules rules;
  for (const auto& each : {rule("z", 1), rule("b", 9999), rule("c", 2), rule("a", 2)})
    add(rules, each);
  EXPECT_THAT(names(rules), ElementsAre("z", "a", "c", "b", "Default"));
}

TEST(SamplingRules, a_new_rule_has_its_time_and_is_there_once_it_is_put) {
  SamplingRules rules;
  const auto created = rules.created(rule("checkout"), 1234.5);
  EXPECT_EQ(created.created_at, 1234.5);
  EXPECT_EQ(created.modified_at, 1234.5);
  EXPECT_EQ(rules.find("checkout"), nullptr);
  rules.put(created);
  EXPECT_EQ(rules.find("checkout")->reservoir_size, 5);
}

TEST(SamplingRules, names_are_taken_once_and_case_matters) {
  SamplingRules rules;
  add(rules, rule("checkout"));
  expect_refused(Kind::invalid, "checkout already exists",
                 [&] { (void)rules.created(rule("checkout"), 1); });
  expect_refused(Kind::invalid, "reserved", [&] { (void)rules.created(rule("Default"), 1); });
  add(rules, rule("Checkout"));
  add(rules, rule("default"));
  EXPECT_EQ(rules.all().size(), 4U);
}

TEST(SamplingRules, there_are_25_beside_default_and_one_that_goes_makes_room) {
  SamplingRules rules;
  for (int i = 0; i < 25; ++i) add(rules, rule("rule-" + std::to_string(i)));
  expect_refused(Kind::too_many, "limit", [&] { (void)rules.created(rule("one-more"), 1); });
  rules.erase(rules.removed({"rule-7", std::nullopt}).name);
  add(rules, rule("one-more"));
  EXPECT_EQ(rules.all().size(), 26U);
}

TEST(SamplingRules, more_than_50_tags_are_refused) {
  const SamplingRules rules;
  auto tagged = rule("tagged");
  for (int i = 0; i < 50; ++i) tagged.tags["key-" + std::to_string(i)] = "";
  EXPECT_EQ(rules.created(tagged, 1).tags.size(), 50U);
  tagged.tags["one-more"] = "";
  expect_refused(Kind::invalid, "more than 50 user tags", [&] { (void)rules.created(tagged, 1); });
}

TEST(SamplingRules, a_change_sets_what_it_names_and_nothing_else) {
  SamplingRules rules;
  auto before = rule("checkout");
  before.host = "shop.example";
  before.attributes = {{"a", "1"}};
  before.boost = SamplingRateBoost{0.25, 5};
  before.tags = {{"team", "shop"}};
  add(rules, before, 1000);

  auto change = change_of("checkout");
  change.fixed_rate = 0.0;
  auto after = rules.changed(change, 2000);
  EXPECT_EQ(after.fixed_rate, 0.0);
  EXPECT_EQ(after.reservoir_size, 5);
  EXPECT_EQ(after.host, "shop.example");
  EXPECT_EQ(after.attributes, before.attributes);
  EXPECT_EQ(after.tags, before.tags);
  ASSERT_TRUE(after.boost);
  EXPECT_EQ(after.boost->max_rate, 0.25);
  EXPECT_EQ(after.created_at, 1000);
  EXPECT_EQ(after.modified_at, 2000);

  change = change_of("checkout");
  change.resource_arn = "arn";
  change.priority = 1;
  change.reservoir_size = 0;
  change.service_name = "s";
  change.service_type = "t";
  change.host = "";
  change.http_method = "GET";
  change.url_path = "/x";
  change.attributes.emplace();
  change.boost = SamplingRateBoost{1, 0};
  after = rules.changed(change, 2000);
  EXPECT_EQ(after.resource_arn, "arn");
  EXPECT_EQ(after.priority, 1);
  EXPECT_EQ(after.reservoir_size, 0);
  EXPECT_EQ(after.service_name, "s");
  EXPECT_EQ(after.service_type, "t");
  EXPECT_EQ(after.host, "");
  EXPECT_EQ(after.http_method, "GET");
  EXPECT_EQ(after.url_path, "/x");
  EXPECT_TRUE(after.attributes.empty());
  EXPECT_EQ(after.boost->max_rate, 1);
  EXPECT_EQ(after.fixed_rate, 0.5);
}

TEST(SamplingRules, a_change_out_of_range_is_refused) {
  SamplingRules rules;
  add(rules, rule("checkout"));
  for (const std::int64_t priority : {0, -1, 10000}) {
    auto change = change_of("checkout");
    change.priority = priority;
    expect_refused(Kind::invalid, "Priority", [&] { (void)rules.changed(change, 1); });
  }
  for (const double rate : {-0.01, 1.01}) {
    auto change = change_of("checkout");
    change.fixed_rate = rate;
    expect_refused(Kind::invalid, "FixedRate", [&] { (void)rules.changed(change, 1); });
  }
  auto change = change_of("checkout");
  change.reservoir_size = -1;
  expect_refused(Kind::invalid, "ReservoirSize", [&] { (void)rules.changed(change, 1); });
}

TEST(SamplingRules, a_rule_is_named_by_name_or_by_arn) {
  SamplingRules rules;
  add(rules, rule("a/b"));
  const auto arn = rules.find("a/b")->arn();
  EXPECT_EQ(rules.removed({std::nullopt, arn}).name, "a/b");
  EXPECT_EQ(rules.removed({"a/b", std::nullopt}).name, "a/b");
  SamplingRuleChange change;
  change.key.arn = arn;
  EXPECT_EQ(rules.changed(change, 1).name, "a/b");

  expect_refused(Kind::invalid, "not both", [&] { (void)rules.removed({"a/b", arn}); });
  expect_refused(Kind::invalid, "either", [&] { (void)rules.removed({}); });
  for (const RuleKey& key :
       {RuleKey{"nobody", {}}, RuleKey{"A/B", {}}, RuleKey{"", {}}, RuleKey{{}, ""},
        RuleKey{{}, "a/b"}, RuleKey{{}, "arn:aws:xray:eu-west-1:1:sampling-rule/a/b"}}) {
    expect_refused(Kind::invalid, "not found", [&] { (void)rules.removed(key); });
  }
}

TEST(SamplingRules, of_default_rate_and_reservoir_may_change_and_nothing_else) {
  SamplingRules rules;
  auto change = change_of("Default");
  change.fixed_rate = 0.05;
  change.reservoir_size = 0;
  const auto after = rules.changed(change, 77);
  EXPECT_EQ(after.fixed_rate, 0.05);
  EXPECT_EQ(after.reservoir_size, 0);
  EXPECT_EQ(after.modified_at, 77);

  std::vector<SamplingRuleChange> others(9, change);
  others[0].resource_arn = "*";
  others[1].priority = 10000;
  others[2].host = "*";
  others[3].service_name = "*";
  others[4].service_type = "*";
  others[5].http_method = "*";
  others[6].url_path = "*";
  others[7].attributes.emplace();
  others[8].boost.emplace();
  for (const auto& other : others) {
    expect_refused(Kind::invalid, "Invalid update request for default sampling rule",
                   [&] { (void)rules.changed(other, 1); });
  }
  expect_refused(Kind::invalid, "can not be deleted", [&] {
    (void)rules.removed({"Default", std::nullopt});
  });
}

}  // namespace
}  // namespace xrayd::local
