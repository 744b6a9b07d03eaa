#include <xray/impl/sampling/central_schedule.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>

using xray::detail::CentralSchedule;

namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t start = 5'000 * second;

/// No shortening: random bits of 0.
CentralSchedule begun() {
  CentralSchedule schedule(300 * second, 10 * second);
  schedule.begin(start, 0);
  return schedule;
}

CentralSchedule with_rules(double newest_modification = 0) {
  CentralSchedule schedule = begun();
  schedule.rules_came(start, 0, newest_modification);
  return schedule;
}

/// When rules are due, to the second; the furthest is an hour away.
std::int64_t rules_due_in(const CentralSchedule& schedule, std::int64_t from = start) {
  for (std::int64_t after = 0; after < 3600; ++after) {
    if (schedule.rules_are_due(from + after * second)) return after;
  }
  return -1;
}

std::int64_t targets_due_in(const CentralSchedule& schedule, std::int64_t from = start) {
  for (std::int64_t after = 0; after < 3600; ++after) {
    if (schedule.targets_are_due(from + after * second)) return after;
  }
  return -1;
}

}  // namespace

TEST(CentralSchedule, rules_are_wanted_at_once_and_targets_an_interval_later) {
  const CentralSchedule schedule = begun();
  EXPECT_EQ(rules_due_in(schedule), 0);
  EXPECT_EQ(targets_due_in(schedule), 10);
  EXPECT_EQ(schedule.next(), start);
}

TEST(CentralSchedule, rules_are_wanted_again_an_interval_after_they_came) {
  CentralSchedule schedule = with_rules();
  EXPECT_EQ(rules_due_in(schedule), 300);
  schedule.targets_done(start + second, 0);
  EXPECT_EQ(targets_due_in(schedule), 11);
  EXPECT_EQ(schedule.next(), start + 11 * second);
}

TEST(CentralSchedule, waits_are_shortened_at_random_by_up_to_a_tenth) {  // Node's are milliseconds
  std::mt19937_64 random(7);
  std::set<std::int64_t> rules;
  std::set<std::int64_t> targets;
  for (int i = 0; i < 1000; ++i) {
    CentralSchedule schedule(300 * second, 10 * second);
    schedule.begin(start, random());
    schedule.rules_came(start, random(), 0);
    targets.insert(schedule.next() - start);
    schedule.targets_done(start + 1000 * second, random());
    rules.insert(schedule.next() - start);
  }
  EXPECT_GE(*rules.begin(), 270 * second);
  EXPECT_LE(*rules.rbegin(), 300 * second);
  EXPECT_GE(*targets.begin(), 9 * second);
  EXPECT_LE(*targets.rbegin(), 10 * second);
  // All of that room is used: a thousand that agree with these by chance are rarer than 1 in 10^40.
  EXPECT_LT(*rules.begin(), 273 * second);
  EXPECT_GT(*rules.rbegin(), 297 * second);
  EXPECT_GT(rules.size(), 900U);
  EXPECT_GT(targets.size(), 900U);
}

TEST(CentralSchedule, after_a_failure_rules_are_tried_again_sooner_and_then_each_ten_seconds) {
  CentralSchedule schedule = begun();
  for (const std::int64_t wait : {1, 2, 4, 8, 10, 10, 10}) {
    schedule.rules_failed(start);
    EXPECT_EQ(rules_due_in(schedule), wait);
  }
  schedule.rules_came(start, 0, 0);
  EXPECT_EQ(rules_due_in(schedule), 300);
  schedule.rules_failed(start);
  EXPECT_EQ(rules_due_in(schedule), 1);
}

TEST(CentralSchedule,
     rules_that_were_modified_are_fetched_at_once) {  // which Java's sampler never does
  CentralSchedule schedule = with_rules(100);
  schedule.rules_were_modified(start, 100);
  EXPECT_EQ(rules_due_in(schedule), 300);
  schedule.rules_were_modified(start, 101);
  EXPECT_EQ(rules_due_in(schedule), 0);
}

TEST(CentralSchedule, the_first_modification_seen_counts_if_it_is_newer_than_the_rules) {
  CentralSchedule older = with_rules(100.5);
  older.rules_were_modified(start, 99);
  EXPECT_EQ(rules_due_in(older), 300);
  CentralSchedule newer = with_rules(100.5);
  newer.rules_were_modified(start, 100.75);
  EXPECT_EQ(rules_due_in(newer), 0);
}

TEST(CentralSchedule, once_rules_came_the_same_modification_fetches_nothing) {
  CentralSchedule schedule = with_rules(100);
  schedule.rules_were_modified(start, 200);
  // Its rules are older than that: what was modified is that one is gone.
  schedule.rules_came(start, 0, 100);
  schedule.rules_were_modified(start, 200);
  EXPECT_EQ(rules_due_in(schedule), 300);
  schedule.rules_were_modified(start, 150);  // any other will do
  EXPECT_EQ(rules_due_in(schedule), 0);
}

TEST(CentralSchedule, a_modification_whose_rules_did_not_come_is_not_forgotten) {
  CentralSchedule schedule = with_rules(100);
  schedule.rules_were_modified(start, 200);
  schedule.rules_failed(start);
  EXPECT_EQ(rules_due_in(schedule), 1);
  schedule.rules_were_modified(start, 200);
  schedule.rules_were_modified(start, 300);
  EXPECT_EQ(rules_due_in(schedule), 1) << "which an answer does not hurry";
  schedule.rules_came(start, 0, 100);
  schedule.rules_were_modified(start, 300);
  EXPECT_EQ(rules_due_in(schedule), 300);
}

TEST(CentralSchedule, statistics_of_unknown_rules_fetch_rules_but_not_again_and_again) {
  CentralSchedule schedule = with_rules();
  schedule.rules_were_refused(start);
  EXPECT_EQ(rules_due_in(schedule), 0);
  schedule.rules_came(start, 0, 0);
  schedule.rules_were_refused(start + 10 * second);
  EXPECT_EQ(rules_due_in(schedule), 300);
  schedule.rules_were_refused(start + 30 * second);
  EXPECT_EQ(rules_due_in(schedule), 30);
}
