#include "local/sampling/sampling_targets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

namespace xrayd::local {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

class SamplingTargetsTest : public testing::Test {
 protected:
  void pass(double how_many_seconds) {
    now_ms_ += static_cast<std::int64_t>(how_many_seconds * 1000);
  }

  std::int64_t quota(const std::string& client, std::int64_t reservoir = 10,
                     const std::string& rule = "r") {
    return targets_.report(rule, reservoir, client, {1, 0, 0}).size;
  }

  std::vector<std::int64_t> quotas(const std::vector<std::string>& clients,
                                   std::int64_t reservoir = 10) {
    std::vector<std::int64_t> list;
    list.reserve(clients.size());
    for (const auto& client : clients) list.push_back(quota(client, reservoir));
    return list;
  }

  std::vector<std::string> windows() const {
    std::vector<std::string> list;
    for (const auto& window : targets_.windows()) {
      list.push_back(window.rule + "@" + std::to_string(window.start) + ":" +
                     std::to_string(window.counts.requests) + "/" +
                     std::to_string(window.counts.sampled) + "/" +
                     std::to_string(window.counts.borrowed));
    }
    return list;
  }

  std::int64_t now_ms_ = 1'700'000'000'000;
  SamplingTargets targets_{seconds(10), [this] { return now_ms_; }};
};

TEST_F(SamplingTargetsTest, one_client_has_the_whole_reservoir) {
  EXPECT_EQ(quota("a"), 10);
  pass(10);
  EXPECT_EQ(quota("a"), 10);
}

TEST_F(SamplingTargetsTest, clients_share_it_and_the_remainder_stays_with_those_that_came_first) {
  quotas({"a", "b", "c"});
  for (int round = 0; round < 3; ++round) {
    pass(10);
    EXPECT_THAT(quotas({"c", "a", "b"}), ElementsAre(3, 4, 3));
  }
}

TEST_F(SamplingTargetsTest, shares_add_up_to_the_reservoir_whatever_the_numbers) {
  for (const std::int64_t reservoir : {0, 1, 7, 10, 1000, 2147483647}) {
    for (const int count : {1, 2, 3, 7, 10, 11, 50}) {
      SamplingTargets targets(seconds(10), [] { return std::int64_t{0}; });
      std::vector<std::int64_t> shares;
      for (int round = 0; round < 2; ++round) {
        shares.clear();
        for (int i = 0; i < count; ++i) {
          shares.push_back(targets.report("r", reservoir, std::to_string(i), {}).size);
        }
      }
      EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), std::int64_t{0}), reservoir) << count;
    }
  }
}

TEST_F(SamplingTargetsTest, with_more_clients_than_reservoir_some_have_none) {
  quotas({"a", "b", "c"}, 2);
  EXPECT_THAT(quotas({"a", "b", "c"}, 2), ElementsAre(1, 1, 0));
}

TEST_F(SamplingTargetsTest, a_client_unseen_for_two_intervals_leaves_its_share_to_the_others) {
  quotas({"a", "b"});
  pass(20);
  EXPECT_EQ(quota("b"), 5);
  pass(0.001);
  EXPECT_EQ(quota("b"), 10);
}

TEST_F(SamplingTargetsTest, quotas_last_as_long_as_their_client_is_remembered) {
  const auto quota = targets_.report("r", 10, "a", {});
  EXPECT_EQ(quota.expires_ms, now_ms_ + 20'000);
}

TEST_F(SamplingTargetsTest, no_quota_lasts_longer_than_five_minutes) {
  SamplingTargets slow(seconds(300), [this] { return now_ms_; });
  EXPECT_EQ(slow.report("r", 10, "a", {}).expires_ms, now_ms_ + 300'000);
}

TEST_F(SamplingTargetsTest, a_short_interval_shortens_quotas_and_memory) {
  SamplingTargets fast(seconds(1), [this] { return now_ms_; });
  EXPECT_EQ(fast.report("r", 10, "a", {}).expires_ms, now_ms_ + 2'000);
  pass(2.001);
  EXPECT_EQ(fast.report("r", 10, "b", {}).size, 10);
}

TEST_F(SamplingTargetsTest, each_rule_has_clients_of_its_own) {
  EXPECT_EQ(quota("a", 10, "one"), 10);
  EXPECT_EQ(quota("b", 10, "two"), 10);
}

TEST_F(SamplingTargetsTest, a_changed_reservoir_counts_from_the_next_report) {
  quotas({"a", "b"});
  EXPECT_THAT(quotas({"a", "b"}, 4), ElementsAre(2, 2));
}

TEST_F(SamplingTargetsTest, clients_beyond_the_bound_get_none_until_there_is_room) {
  for (std::size_t i = 0; i < SamplingTargets::max_clients; ++i) {
    quota(std::to_string(i), 5000);
  }
  EXPECT_EQ(quota("late", 5000), 0);
  EXPECT_EQ(quota("7", 5000), 5);
  pass(20);
  EXPECT_EQ(quota("7", 5000), 5);
  pass(0.001);
  EXPECT_EQ(quota("late", 5000), 2500);
}

TEST_F(SamplingTargetsTest, a_clock_that_is_set_back_does_not_keep_clients) {
  quota("a");
  pass(-3600);
  EXPECT_EQ(quota("b"), 5);
  pass(20.001);
  EXPECT_EQ(quota("b"), 10);
}

TEST_F(SamplingTargetsTest, reports_of_ten_seconds_make_one_window_and_the_newest_comes_first) {
  targets_.report("b", 1, "x", {5, 2, 1});
  targets_.report("b", 1, "y", {1, 1, 0});
  targets_.report("a", 1, "x", {3, 0, 0});
  pass(9.999);
  targets_.report("a", 1, "x", {1, 0, 0});
  pass(0.001);
  targets_.report("b", 1, "x", {7, 7, 0});
  EXPECT_THAT(windows(),
              ElementsAre("b@1700000010:7/7/0", "a@1700000000:4/0/0", "b@1700000000:6/3/1"));
}

TEST_F(SamplingTargetsTest, windows_are_kept_for_half_an_hour) {
  targets_.report("a", 1, "x", {1, 0, 0});
  pass(1800);
  EXPECT_THAT(windows(), ElementsAre("a@1700000000:1/0/0"));
  pass(1);
  EXPECT_THAT(windows(), ElementsAre());
}

TEST_F(SamplingTargetsTest, windows_are_bounded_even_if_the_clock_runs_wild) {
  for (int i = 0; i < 1000; ++i) {
    targets_.report("a", 1, "x", {1, 0, 0});
    pass(i % 2 == 0 ? -1000 : 990);
  }
  EXPECT_LE(windows().size(), 181U);
}

TEST_F(SamplingTargetsTest, a_clock_set_by_a_year_leaves_quotas_and_windows_as_good_as_before) {
  constexpr double year = 365 * 86400;
  for (const double jump : {-year, 2 * year, -year}) {
    // As many windows as are kept, then some in the other year.
    for (int i = 0; i < 181; ++i) {
      targets_.report("a", 1, "x", {1, 0, 0});
      pass(10);
    }
    pass(jump);
    for (int i = 0; i < 3; ++i) {
      const auto quota = targets_.report("a", 7, "x", {100, 0, 0});
      EXPECT_EQ(quota.size, 7);
      EXPECT_EQ(quota.expires_ms, now_ms_ + 20'000);
      const auto now = now_ms_ / 1000 - now_ms_ / 1000 % 10;
      EXPECT_THAT(windows(), testing::Contains("a@" + std::to_string(now) + ":100/0/0"));
      EXPECT_LE(windows().size(), 181U);
      pass(10);
    }
  }
}

TEST_F(SamplingTargetsTest, totals_add_up_and_news_are_told_once) {
  targets_.report("a", 1, "x", {5, 2, 1});
  targets_.report("a", 1, "y", {6, 3, 1});
  targets_.report("quiet", 1, "y", {});
  auto news = targets_.take_news();
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(news[0].rule, "a");
  EXPECT_EQ(news[0].counts.requests, 11);
  EXPECT_EQ(news[0].counts.sampled, 5);
  EXPECT_EQ(news[0].counts.borrowed, 2);
  EXPECT_TRUE(targets_.take_news().empty());
  const auto totals = targets_.totals();
  ASSERT_EQ(totals.size(), 2U);
  EXPECT_EQ(totals[0].counts.requests, 11);
}

TEST_F(SamplingTargetsTest, nothing_is_left_of_a_rule_that_is_forgotten) {
  quotas({"a", "b"});
  targets_.forget("r");
  EXPECT_TRUE(targets_.windows().empty());
  EXPECT_TRUE(targets_.totals().empty());
  EXPECT_TRUE(targets_.take_news().empty());
  EXPECT_EQ(quota("c"), 10);
}

}  // namespace
}  // namespace xrayd::local
