#include <xray/impl/sampling/central_rule.hpp>
#include <xray/impl/sampling/central_rules.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "support/allocations.hpp"

using xray::SamplingAttribute;
using xray::SamplingRequest;
using xray::detail::BoostCounts;
using xray::detail::CentralRule;
using xray::detail::CentralRuleDefinition;
using xray::detail::CentralRules;
using xray::detail::RuleCounts;
using xray::detail::SamplingTarget;

namespace {

constexpr std::int64_t now = 1'700'000'000;
/// Random bits below every rate but 0, and above every rate but 1.
constexpr std::uint64_t lowest = 0;
constexpr std::uint64_t highest = ~std::uint64_t{0};
/// The fraction of all random bits.
constexpr std::uint64_t fraction(double of_one) {
  return static_cast<std::uint64_t>(of_one * 18446744073709551616.0);
}

CentralRuleDefinition definition(std::uint32_t reservoir, double rate,
                                 const std::string& name = "r", std::uint32_t priority = 1) {
  CentralRuleDefinition result;
  result.name = name;
  result.priority = priority;
  result.reservoir_size = reservoir;
  result.fixed_rate = rate;
  return result;
}

SamplingTarget quota(std::uint32_t quota, double ttl) {
  SamplingTarget result;
  result.quota = quota;
  result.quota_ttl = ttl;
  return result;
}

SamplingTarget boost(double rate, double ttl) {
  SamplingTarget result;
  result.boost_rate = rate;
  result.boost_rate_ttl = ttl;
  return result;
}

/// How many of so many requests in one second are sampled, where chance says no to all.
int sampled_of(int requests, CentralRule& rule, std::int64_t second) {
  int sampled = 0;
  for (int i = 0; i < requests; ++i) sampled += rule.decide(second, highest) ? 1 : 0;
  return sampled;
}

void expect_counts(CentralRule& rule, std::uint64_t requests, std::uint64_t sampled,
                   std::uint64_t borrowed) {
  rule.collect();
  const RuleCounts counts = rule.snapshot();
  EXPECT_EQ(counts.requests, requests);
  EXPECT_EQ(counts.sampled, sampled);
  EXPECT_EQ(counts.borrowed, borrowed);
}

SamplingRequest request_for(const char* path) {
  SamplingRequest request;
  request.service_name = "shop";
  request.host = "shop.example";
  request.method = "GET";
  request.path = path;
  return request;
}

std::string match(const CentralRules& rules, const SamplingRequest& request) {
  const CentralRule* const rule = rules.find(request);
  return rule != nullptr ? rule->name().str() : "none";
}

}  // namespace

// Without a quota.

TEST(CentralRule, without_a_quota_one_request_a_second_is_borrowed) {
  CentralRule rule(definition(50, 0));
  EXPECT_EQ(sampled_of(10, rule, now), 1);
  EXPECT_EQ(sampled_of(10, rule, now + 1), 1);
  expect_counts(rule, 20, 0, 2);
}

TEST(CentralRule, nothing_is_borrowed_from_a_reservoir_of_none) {
  CentralRule rule(definition(0, 0));
  EXPECT_EQ(sampled_of(10, rule, now), 0);
  expect_counts(rule, 10, 0, 0);
}

TEST(CentralRule, of_the_others_the_fixed_rate_is_sampled) {
  CentralRule rule(definition(1, 0.25));
  EXPECT_TRUE(rule.decide(now, highest));  // borrowed
  EXPECT_TRUE(rule.decide(now, fraction(0.2499)));
  EXPECT_FALSE(rule.decide(now, fraction(0.2501)));
  expect_counts(rule, 3, 1, 1);
}

TEST(CentralRule, a_rate_of_0_samples_nothing_and_of_1_everything) {
  CentralRule none(definition(0, 0));
  EXPECT_FALSE(none.decide(now, lowest));
  CentralRule all(definition(0, 1));
  EXPECT_TRUE(all.decide(now, highest));
}

TEST(CentralRule, an_expired_quota_is_no_quota) {
  CentralRule rule(definition(50, 0));
  rule.apply(quota(10, now + 5), 0);
  EXPECT_EQ(sampled_of(20, rule, now + 5), 10);
  EXPECT_EQ(sampled_of(20, rule, now + 6), 1);
  expect_counts(rule, 40, 10, 1);
}

// With a quota.

TEST(CentralRule, a_quota_is_used_from_the_target_on) {  // the bug of Node's sampler
  CentralRule rule(definition(50, 0));
  EXPECT_EQ(sampled_of(20, rule, now), 1);
  rule.apply(quota(10, now + 300.5), 0);
  EXPECT_EQ(sampled_of(20, rule, now + 1), 10);
  EXPECT_EQ(sampled_of(20, rule, now + 300), 10);
  expect_counts(rule, 60, 20, 1);
}

TEST(CentralRule, a_quota_of_0_is_a_quota) {  // another one
  CentralRule rule(definition(50, 0));
  rule.apply(quota(10, now + 300), 0);
  rule.apply(quota(0, now + 300), 0);
  EXPECT_EQ(sampled_of(20, rule, now), 0);
  expect_counts(rule, 20, 0, 0);
}

TEST(CentralRule, beyond_the_quota_the_fixed_rate_is_sampled) {
  CentralRule rule(definition(50, 0.5));
  rule.apply(quota(2, now + 300), 0);
  EXPECT_TRUE(rule.decide(now, highest));
  EXPECT_TRUE(rule.decide(now, highest));
  EXPECT_FALSE(rule.decide(now, highest));
  EXPECT_TRUE(rule.decide(now, fraction(0.49)));
  expect_counts(rule, 4, 3, 0);
}

TEST(CentralRule, a_second_in_which_a_quota_arrives_is_not_sampled_beyond_it) {
  CentralRule rule(definition(50, 0));
  EXPECT_EQ(sampled_of(5, rule, now), 1);
  rule.apply(quota(10, now + 300), 0);
  EXPECT_EQ(sampled_of(50, rule, now), 9);
}

TEST(CentralRule, a_quota_that_ends_within_a_second_lends_nothing_in_it) {
  CentralRule rule(definition(50, 0));
  rule.apply(quota(10, now + 300), 0);
  EXPECT_EQ(sampled_of(50, rule, now), 10);
  rule.apply(quota(10, now - 1), 0);
  EXPECT_EQ(sampled_of(50, rule, now), 0);
}

TEST(CentralRule, eight_threads_never_take_more_than_the_reservoir_in_one_second) {
  for (const std::uint32_t limit : {1U, 7U, 100U}) {
    CentralRule rule(definition(50, 0));
    rule.apply(quota(limit, now + 300), 0);
    std::atomic<unsigned> ready{0};
    std::atomic<std::int64_t> second{now};
    std::atomic<std::uint64_t> sampled{0};
    std::vector<std::thread> threads;
    threads.reserve(8);
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&] {
        ++ready;
        while (ready.load() < 8) std::this_thread::yield();
        for (int i = 0; i < 1000; ++i) {
          if (rule.decide(second.load(), highest)) ++sampled;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(sampled.load(), limit);
    expect_counts(rule, 8000, limit, 0);
  }
}

// Targets.

TEST(CentralRule, a_target_changes_only_what_it_holds) {  // null quota and interval survived
  CentralRule rule(definition(50, 0));
  SamplingTarget target;
  target.fixed_rate = 1;
  rule.apply(target, 0);
  EXPECT_TRUE(rule.decide(now, highest));  // borrowed: there still is no quota
  EXPECT_TRUE(rule.decide(now, highest));
  expect_counts(rule, 2, 1, 1);

  rule.apply(quota(3, now + 300), 0);
  SamplingTarget nothing;
  rule.apply(nothing, 0);
  target.fixed_rate = 0;
  rule.apply(target, 0);
  EXPECT_EQ(sampled_of(20, rule, now + 1), 3);
}

TEST(CentralRule, a_quota_without_its_end_or_an_end_without_a_quota_is_none) {
  CentralRule rule(definition(50, 0));
  SamplingTarget end;
  end.quota_ttl = now + 300;
  rule.apply(end, 0);
  EXPECT_EQ(sampled_of(20, rule, now), 1);
  CentralRule other(definition(50, 0));
  SamplingTarget amount;
  amount.quota = 10;
  other.apply(amount, 0);
  EXPECT_EQ(sampled_of(20, other, now), 1);
  other.apply(end, 0);
  EXPECT_EQ(sampled_of(20, other, now + 1), 10);
}

TEST(CentralRule, the_interval_that_x_ray_asks_for_is_honoured) {  // which Ruby's sampler ignores
  constexpr std::int64_t second = 1'000'000'000;
  CentralRule rule(definition(1, 0));
  EXPECT_TRUE(rule.is_due(5 * second));
  SamplingTarget target;
  target.interval = 60;
  rule.apply(target, 100 * second);
  EXPECT_FALSE(rule.is_due(110 * second));
  EXPECT_FALSE(rule.is_due(153 * second));
  EXPECT_TRUE(rule.is_due(154 * second));
  target.interval.reset();
  rule.apply(target, 160 * second);
  EXPECT_FALSE(rule.is_due(200 * second));
  EXPECT_TRUE(rule.is_due(214 * second));
}

TEST(CentralRule, with_the_usual_interval_a_rule_is_due_at_every_tick) {
  constexpr std::int64_t second = 1'000'000'000;
  CentralRule rule(definition(1, 0));
  SamplingTarget target;
  target.interval = 10;
  rule.apply(target, 100 * second);
  EXPECT_TRUE(rule.is_due(109 * second));
}

// Refreshes.

TEST(CentralRule, a_targets_rate_survives_a_refresh_that_brings_the_same_rule) {
  CentralRule rule(definition(0, 0.5));
  SamplingTarget target;
  target.fixed_rate = 0;
  rule.apply(target, 0);
  rule.update(definition(0, 0.5));
  EXPECT_FALSE(rule.decide(now, lowest));
}

TEST(CentralRule, a_rate_that_a_refresh_changes_counts_at_once) {
  CentralRule rule(definition(0, 0.5));
  SamplingTarget target;
  target.fixed_rate = 0;
  rule.apply(target, 0);
  rule.update(definition(0, 1));
  EXPECT_TRUE(rule.decide(now, highest));
}

TEST(CentralRule, a_reservoir_that_a_refresh_takes_away_lends_nothing) {
  CentralRule rule(definition(5, 0));
  rule.update(definition(0, 0));
  EXPECT_EQ(sampled_of(5, rule, now), 0);
}

// Statistics.

TEST(CentralRule, a_snapshot_takes_the_counts) {
  CentralRule rule(definition(1, 1));
  for (int i = 0; i < 3; ++i) (void)rule.decide(now, highest);
  rule.collect();
  EXPECT_TRUE(rule.has_requests());
  expect_counts(rule, 3, 2, 1);
  EXPECT_FALSE(rule.has_requests());
  expect_counts(rule, 0, 0, 0);
}

TEST(CentralRule, counts_that_are_put_back_are_in_the_next_snapshot) {  // which nobody else does
  CentralRule rule(definition(1, 1));
  for (int i = 0; i < 3; ++i) (void)rule.decide(now, highest);
  rule.collect();
  const RuleCounts lost = rule.snapshot();
  for (int i = 0; i < 3; ++i) (void)rule.decide(now + 1, highest);
  rule.put_back(lost);
  expect_counts(rule, 6, 4, 2);
}

TEST(CentralRule, counts_add_up_while_threads_decide) {
  CentralRule rule(definition(1, 0.5));
  std::atomic<int> left{4};
  std::atomic<std::uint64_t> decided{0};
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::uint64_t sampled = 0;
      for (unsigned i = 0; i < 20'000; ++i) {
        sampled += rule.decide(now + i / 100, fraction((i + t) % 4 * 0.25)) ? 1U : 0U;
      }
      decided += sampled;
      --left;
    });
  }
  RuleCounts all;
  const auto take = [&rule, &all] {
    rule.collect();
    const RuleCounts counts = rule.snapshot();
    EXPECT_LE(counts.sampled + counts.borrowed, counts.requests);
    all.requests += counts.requests;
    all.sampled += counts.sampled;
    all.borrowed += counts.borrowed;
  };
  while (left.load() != 0) take();
  for (std::thread& thread : threads) thread.join();
  // What was borrowed amid a snapshot has to wait for requests that it can be reported with.
  decided += static_cast<std::uint64_t>(sampled_of(1000, rule, now + 1000));
  take();
  EXPECT_EQ(all.requests, 81'000U);
  EXPECT_EQ(all.sampled + all.borrowed, decided.load());
}

TEST(CentralRule, counts_that_a_report_does_not_hold_are_reported_by_the_next_ones) {
  constexpr std::uint64_t most = 0x7fffffff;  // of the API's integers
  CentralRule rule(definition(0, 0));
  for (int i = 0; i < 3; ++i) rule.put_back(RuleCounts{1'500'000'000U, 800'000'000U, 500'000'000U});
  (void)rule.decide(now, highest);
  expect_counts(rule, most, most, 0);
  expect_counts(rule, most, 2'400'000'000U - most, 1'500'000'000U);
  expect_counts(rule, 4'500'000'001U - 2 * most, 0, 0);

  BoostCounts boosts;
  boosts.total = boosts.anomalies = boosts.sampled_anomalies = most + 5;
  rule.put_back(boosts);
  EXPECT_EQ(rule.boost_snapshot().sampled_anomalies, most);
  EXPECT_EQ(rule.boost_snapshot().total, 5U);
}

// Boosts.

TEST(CentralRule, a_boosted_rate_applies_until_its_end) {
  CentralRuleDefinition boosted = definition(0, 0.1);
  boosted.max_boost = 0.9;
  CentralRule rule(boosted);
  EXPECT_FALSE(rule.decide(now, fraction(0.7)));
  rule.apply(boost(0.8, now + 60), 0);
  EXPECT_TRUE(rule.decide(now, fraction(0.7)));
  EXPECT_FALSE(rule.decide(now, fraction(0.81)));
  EXPECT_TRUE(rule.decide(now + 60, fraction(0.7)));
  EXPECT_FALSE(rule.decide(now + 61, fraction(0.7)));
  EXPECT_TRUE(rule.decide(now + 61, fraction(0.09)));
}

TEST(CentralRule, a_boost_goes_no_further_than_the_rule_allows_and_never_lowers_the_rate) {
  CentralRuleDefinition boosted = definition(0, 0.3);
  boosted.max_boost = 0.5;
  CentralRule rule(boosted);
  rule.apply(boost(1, now + 60), 0);
  EXPECT_TRUE(rule.decide(now, fraction(0.49)));
  EXPECT_FALSE(rule.decide(now, fraction(0.51)));
  rule.apply(boost(0.1, now + 60), 0);
  EXPECT_TRUE(rule.decide(now, fraction(0.29)));
  boosted.max_boost = 1;
  rule.update(boosted);
  rule.apply(boost(1, now + 60), 0);
  EXPECT_TRUE(rule.decide(now, highest));
  boosted.max_boost.reset();
  rule.update(boosted);
  EXPECT_FALSE(rule.decide(now, highest));
}

TEST(CentralRule, a_rule_that_may_not_be_boosted_is_not_and_observes_nothing) {
  CentralRule rule(definition(0, 0));
  rule.apply(boost(1, now + 60), 0);
  EXPECT_FALSE(rule.decide(now, lowest));
  EXPECT_FALSE(rule.is_observed());
}

TEST(CentralRule, what_was_observed_is_counted_for_boosts) {
  CentralRuleDefinition boosted = definition(0, 0);
  boosted.max_boost = 0.5;
  CentralRule rule(boosted);
  EXPECT_TRUE(rule.is_observed());
  rule.observe("shop", true, false);
  rule.observe("shop", true, true);
  rule.observe("other", false, true);
  rule.collect();
  ASSERT_TRUE(rule.has_observations());
  EXPECT_EQ(rule.service_name(), "shop");
  const BoostCounts counts = rule.boost_snapshot();
  EXPECT_EQ(counts.total, 3U);
  EXPECT_EQ(counts.anomalies, 2U);
  EXPECT_EQ(counts.sampled_anomalies, 1U);
  EXPECT_FALSE(rule.has_observations());
  rule.put_back(counts);
  EXPECT_EQ(rule.boost_snapshot().total, 3U);
}

// Fork.

TEST(CentralRule, a_child_has_neither_its_parents_statistics_nor_its_quota) {
  CentralRuleDefinition boosted = definition(5, 0);
  boosted.max_boost = 0.5;
  CentralRule rule(boosted);
  rule.apply(quota(10, now + 300), 0);
  EXPECT_EQ(sampled_of(20, rule, now), 10);
  rule.observe("shop", true, true);
  rule.begin_in_child();
  EXPECT_EQ(sampled_of(20, rule, now + 1), 1);
  expect_counts(rule, 20, 0, 1);
  EXPECT_FALSE(rule.has_observations());
  rule.observe("child", true, true);
  rule.collect();
  EXPECT_EQ(rule.service_name(), "child");
  EXPECT_EQ(rule.boost_snapshot().total, 1U);
}

// Sets of rules.

TEST(CentralRules, are_asked_by_priority_then_name_and_the_default_last) {
  auto by_path = [](std::uint32_t priority, const char* name, const char* path) {
    CentralRuleDefinition result = definition(0, 0, name, priority);
    result.patterns.path = path;
    return result;
  };
  CentralRuleDefinition last = by_path(10'000, "Default", "/never");
  const CentralRules rules({last, by_path(9999, "z", "/z*"), by_path(2, "b", "/*a"),
                            by_path(2, "a", "/a*"), by_path(1, "first", "/first")},
                           nullptr, 0);
  EXPECT_EQ(match(rules, request_for("/first")), "first");
  EXPECT_EQ(match(rules, request_for("/aa")), "a");
  EXPECT_EQ(match(rules, request_for("/ba")), "b");
  EXPECT_EQ(match(rules, request_for("/zz")), "z");
  EXPECT_EQ(match(rules, request_for("/else")), "Default");
  SamplingRequest bare;
  EXPECT_EQ(match(rules, bare), "first");
}

TEST(CentralRules, without_a_default_a_request_may_match_none) {
  CentralRuleDefinition only = definition(0, 0);
  only.patterns.path = "/only";
  const CentralRules rules({only}, nullptr, 0);
  EXPECT_EQ(match(rules, request_for("/only")), "r");
  EXPECT_EQ(match(rules, request_for("/else")), "none");
  EXPECT_EQ(match(CentralRules({}, nullptr, 0), request_for("/only")), "none");
}

TEST(CentralRules, match_a_resource_and_attributes_where_they_ask_for_them) {
  CentralRuleDefinition resource = definition(0, 0, "resource", 1);
  resource.patterns.resource_arn = "arn:aws:ecs:*";
  CentralRuleDefinition gold = definition(0, 0, "gold", 2);
  gold.patterns.attributes = {{"tier", "g*"}};
  const CentralRules rules({resource, gold, definition(0, 0, "Default", 10'000)}, nullptr, 0);
  SamplingRequest request = request_for("/");
  EXPECT_EQ(match(rules, request), "Default");
  const SamplingAttribute attributes[] = {{"other", "gold"}, {"tier", "gold"}};
  request.attributes = attributes;
  request.attribute_count = 1;
  EXPECT_EQ(match(rules, request), "Default");
  request.attribute_count = 2;
  EXPECT_EQ(match(rules, request), "gold");
  request.resource_arn = "arn:aws:ecs:eu-west-1:1:task/x";
  EXPECT_EQ(match(rules, request), "resource");
}

TEST(CentralRules, all_new_rules_of_an_answer_count_wherever_they_stand) {  // Java's bug
  const CentralRules before({definition(0, 0, "old", 5)}, nullptr, 0);
  const CentralRules after(
      {definition(0, 0, "new-1", 1), definition(0, 0, "new-2", 2), definition(0, 0, "old", 5)},
      &before, 0);
  ASSERT_EQ(after.rules().size(), 3U);
  EXPECT_EQ(match(after, request_for("/")), "new-1");
  EXPECT_NE(after.rule_named("new-2"), nullptr);
}

TEST(CentralRules, a_refresh_keeps_quota_and_statistics_of_rules_of_the_same_name) {
  const CentralRules before({definition(5, 0, "kept", 1), definition(5, 0, "gone", 2)}, nullptr, 0);
  CentralRule* const kept = before.rule_named("kept");
  kept->apply(quota(10, now + 300), 0);
  EXPECT_EQ(sampled_of(3, *kept, now), 3);
  const CentralRules after({definition(7, 0.5, "kept", 9), definition(5, 0, "added", 1)}, &before,
                           0);
  EXPECT_EQ(after.rule_named("kept"), kept);
  EXPECT_EQ(after.rule_named("gone"), nullptr);
  EXPECT_EQ(sampled_of(20, *kept, now), 7);
  expect_counts(*kept, 23, 10, 0);
}

TEST(CentralRules, of_two_rules_with_one_name_the_first_in_order_is_taken) {
  const CentralRules rules({definition(0, 1, "twice", 2), definition(0, 0, "twice", 1)}, nullptr,
                           0);
  ASSERT_EQ(rules.rules().size(), 1U);
  EXPECT_FALSE(rules.find(request_for("/"))->decide(now, lowest));
}

TEST(CentralRules, a_decision_asks_for_no_memory) {
  std::vector<CentralRuleDefinition> definitions;
  for (std::uint32_t i = 1; i <= 20; ++i) {
    definitions.push_back(definition(1, 0.5, "rule-" + std::to_string(i), i));
    definitions.back().patterns.path = "/service/" + std::to_string(i) + "/*";
  }
  const CentralRules rules(definitions, nullptr, 0);
  const SamplingRequest request = request_for("/service/20/x");
  const std::uint64_t before = support::allocations();
  for (std::uint64_t i = 0; i < 100; ++i) {
    CentralRule* const rule = rules.find(request);
    if (rule != nullptr) (void)rule->decide(now, i);
  }
  EXPECT_EQ(support::allocations(), before);
  EXPECT_EQ(match(rules, request), "rule-20");
}
