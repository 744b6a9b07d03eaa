// Rules on disk, and what many threads do to them.
#include "local/sampling/sampling.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "startup_error.hpp"
#include "temporary_directory.hpp"

namespace xrayd::local {
namespace {

using testing::ElementsAre;

class SamplingTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return directory_.path() / "sampling.db"; }

  Sampling open(std::optional<double> default_rate = std::nullopt) {
    return Sampling(
        {file(), default_rate, std::chrono::seconds(10), [this] { return now_ms_.load(); }});
  }

  static SamplingRule rule(std::string name) {
    SamplingRule result;
    result.name = std::move(name);
    result.priority = 7;
    result.fixed_rate = 0.125;
    result.reservoir_size = 10;
    result.service_type = "AWS::ECS::Container";
    result.http_method = "P*";
    result.url_path = "/api/?";
    result.attributes = {{"k", "v"}};
    result.boost = SamplingRateBoost{0.5, 3};
    result.tags = {{"team", "shop"}, {"empty", ""}};
    return result;
  }

  static std::vector<std::string> names(const Sampling& sampling) {
    std::vector<std::string> list;
    for (const auto& each : sampling.rules()) list.push_back(each.name);
    return list;
  }

  static SamplingReport report(std::string name, std::string client, SamplingCounts counts = {}) {
    return {std::move(name), std::move(client), counts};
  }

  static void set_default(Sampling& sampling, double rate, std::int64_t reservoir) {
    SamplingRuleChange change;
    change.key.name = "Default";
    change.fixed_rate = rate;
    change.reservoir_size = reservoir;
    sampling.update(change);
  }

  void execute(const std::string& sql) {
    Database database(file(), Database::Mode::existing);
    database.execute(sql);
  }

  TemporaryDirectory directory_;
  std::atomic<std::int64_t> now_ms_ = 1'700'000'000'250;
};

TEST_F(SamplingTest, a_rule_comes_back_as_it_was_put_after_a_restart) {
  const auto name = std::string("quote\" line\n\xC3\xA4 \\");
  { open().create(rule(name)); }
  now_ms_ += 5000;
  const auto sampling = open();
  const auto rules = sampling.rules();
  ASSERT_EQ(rules.size(), 2U);
  const auto& back = rules[0];
  EXPECT_EQ(back.name, name);
  EXPECT_EQ(rule_text(back), [&] {
    auto expected = rule(name);
    expected.created_at = expected.modified_at = 1'700'000'000.25;
    return rule_text(expected);
  }());
  EXPECT_EQ(back.tags, rule("").tags);
}

TEST_F(SamplingTest, changes_and_deletions_survive_a_restart) {
  {
    auto sampling = open();
    sampling.create(rule("goes"));
    sampling.create(rule("changes"));
    sampling.remove({"goes", std::nullopt});
    SamplingRuleChange change;
    change.key.name = "changes";
    change.host = "h";
    EXPECT_EQ(sampling.update(change).host, "h");
  }
  const auto sampling = open();
  EXPECT_THAT(names(sampling), ElementsAre("changes", "Default"));
  EXPECT_EQ(sampling.rules()[0].host, "h");
}

TEST_F(SamplingTest, what_was_set_of_default_survives_and_an_explicit_rate_wins_at_the_start) {
  {
    auto sampling = open();
    EXPECT_EQ(sampling.rules()[0].fixed_rate, 1.0);
    set_default(sampling, 0.25, 4);
  }
  {
    const auto sampling = open();
    EXPECT_EQ(sampling.rules()[0].fixed_rate, 0.25);
    EXPECT_EQ(sampling.rules()[0].reservoir_size, 4);
    EXPECT_EQ(sampling.rules()[0].priority, 10000);
  }
  {
    auto sampling = open(0.5);
    EXPECT_EQ(sampling.rules()[0].fixed_rate, 0.5);
    EXPECT_EQ(sampling.rules()[0].reservoir_size, 4);
    set_default(sampling, 0.75, 2);
    EXPECT_EQ(sampling.rules()[0].fixed_rate, 0.75);
  }
  EXPECT_EQ(open(0.0).rules()[0].fixed_rate, 0.0);
}

TEST_F(SamplingTest, the_same_explicit_rate_again_is_no_modification) {
  { open(0.5); }
  now_ms_ += 100'000;
  EXPECT_EQ(open(0.5).rules()[0].modified_at, 1'700'000'000.25);
}

TEST_F(SamplingTest, a_damaged_rule_costs_that_rule_only) {
  {
    auto sampling = open();
    for (const char* name : {"a", "b", "c", "d", "e", "f"}) sampling.create(rule(name));
    set_default(sampling, 0.5, 1);
  }
  execute("UPDATE rule SET body = 'no json' WHERE name = 'a'");
  execute("UPDATE rule SET body = replace(body, '0.125', '1.125') WHERE name = 'b'");
  execute("UPDATE rule SET name = 'other' WHERE name = 'c'");
  execute("UPDATE rule SET body = x'00ff' WHERE name = 'd'");
  execute("UPDATE rule SET body = '{}' WHERE name = 'e'");
  auto sampling = open();
  EXPECT_THAT(names(sampling), ElementsAre("f", "Default"));
  EXPECT_EQ(sampling.rules()[1].fixed_rate, 0.5);
  sampling.create(rule("a"));
  EXPECT_THAT(names(open()), ElementsAre("a", "f", "Default"));

  execute("UPDATE rule SET body = replace(body, '0.5', '5') WHERE name = 'Default'");
  EXPECT_EQ(open().rules().back().fixed_rate, 1.0);
}

TEST_F(SamplingTest, a_damaged_file_is_set_aside_and_another_programs_is_refused) {
  { open().create(rule("a")); }
  std::filesystem::remove(file().string() + "-wal");
  std::ofstream(file(), std::ios::binary | std::ios::trunc) << std::string(20000, 'x');
  EXPECT_THAT(names(open()), ElementsAre("Default"));
  EXPECT_TRUE(std::filesystem::exists(file().string() + ".damaged"));

  execute("PRAGMA user_version = 99");
  EXPECT_THROW(open(), StartupError);
}

TEST_F(SamplingTest, where_the_disk_fails_nothing_changes) {
  auto sampling = open();
  sampling.create(rule("a"));
  // A table that is gone fails as a disk does: when it is written to.
  Database other(file(), Database::Mode::existing);
  other.execute("DROP TABLE rule");
  const auto before = sampling.last_modification();
  now_ms_ += 60'000;
  EXPECT_THROW(sampling.create(rule("b")), SqliteError);
  EXPECT_THROW(sampling.remove({"a", std::nullopt}), SqliteError);
  EXPECT_THROW(set_default(sampling, 0.5, 1), SqliteError);
  EXPECT_THAT(names(sampling), ElementsAre("a", "Default"));
  EXPECT_EQ(sampling.rules()[1].fixed_rate, 1.0);
  EXPECT_EQ(sampling.last_modification(), before);
}

TEST_F(SamplingTest, the_last_modification_is_the_newest_change_or_the_start_in_whole_seconds) {
  auto sampling = open();
  EXPECT_EQ(sampling.last_modification(), 1'700'000'001);
  const auto after = [&](auto change) {
    now_ms_ += 10'000;
    change();
    return sampling.last_modification();
  };
  EXPECT_EQ(after([&] { sampling.create(rule("a")); }), 1'700'000'011);
  EXPECT_EQ(after([&] { set_default(sampling, 0.5, 1); }), 1'700'000'021);
  EXPECT_EQ(after([&] { sampling.remove({"a", std::nullopt}); }), 1'700'000'031);
  EXPECT_EQ(after([&] { sampling.report(report("Default", "c")); }), 1'700'000'031);
}

TEST_F(SamplingTest, changes_within_a_second_have_times_of_their_own) {
  auto sampling = open();
  sampling.create(rule("a"));
  const auto first = sampling.last_modification();
  sampling.create(rule("b"));
  const auto second = sampling.last_modification();
  sampling.remove({"a", std::nullopt});
  EXPECT_LT(first, second);
  EXPECT_LT(second, sampling.last_modification());
}

TEST_F(SamplingTest, a_report_is_answered_by_the_rules_rate_and_a_share) {
  auto sampling = open();
  sampling.create(rule("a"));
  sampling.report(report("a", "one"));
  const auto target = sampling.report(report("a", "two"));
  ASSERT_TRUE(target);
  EXPECT_EQ(target->fixed_rate, 0.125);
  EXPECT_EQ(target->quota.size, 5);
  EXPECT_FALSE(sampling.report(report("nobody", "two")));
  EXPECT_TRUE(sampling.has_rule("a"));
  EXPECT_FALSE(sampling.has_rule("nobody"));
}

TEST_F(SamplingTest, a_deleted_rule_takes_its_statistics_with_it) {
  auto sampling = open();
  sampling.create(rule("a"));
  sampling.report(report("a", "one", {5, 1, 0}));
  sampling.remove({"a", std::nullopt});
  EXPECT_TRUE(sampling.windows().empty());
}

TEST_F(SamplingTest, figures_are_labelled_by_rule_with_escaped_names_and_summed_for_people) {
  auto sampling = open();
  sampling.create(rule("a\"b\\c\nd"));
  sampling.count(SamplingCall::get_rules);
  sampling.report(report("a\"b\\c\nd", "one", {5, 2, 1}));
  sampling.report(report("Default", "one", {50, 20, 10}));
  sampling.report(report("nobody", "one", {1, 1, 1}));
  CounterRows rows;
  sampling.report(rows);
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    if (row.value != 0)
      lines.push_back(row.name + "{" + row.labels + "} " + std::to_string(row.value));
  }
  EXPECT_THAT(lines, ElementsAre(R"(xrayd_sampling_calls_total{operation="GetSamplingRules"} 1)",
                                 R"(xrayd_sampling_unknown_rules_total{} 1)",
                                 R"(xrayd_sampling_requests_total{rule="Default"} 50)",
                                 R"(xrayd_sampling_requests_total{rule="a\"b\\c\nd"} 5)",
                                 R"(xrayd_sampling_sampled_total{rule="Default"} 20)",
                                 R"(xrayd_sampling_sampled_total{rule="a\"b\\c\nd"} 2)",
                                 R"(xrayd_sampling_borrowed_total{rule="Default"} 10)",
                                 R"(xrayd_sampling_borrowed_total{rule="a\"b\\c\nd"} 1)"));
  const auto sums = with_sums(rows);
  const auto total = std::find_if(sums.begin(), sums.end(), [](const CounterRow& row) {
    return row.name == "xrayd_sampling_requests_total";
  });
  ASSERT_NE(total, sums.end());
  EXPECT_EQ(total->value, 55);
  EXPECT_EQ(total->labels, "");
}

TEST_F(SamplingTest, many_threads_change_and_ask_and_everything_adds_up) {
  auto sampling = open();
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const std::string name = "rule-" + std::to_string(t);
      const std::string client = "client-" + std::to_string(t);
      for (int i = 0; i < 25; ++i) {
        sampling.create(rule(name));
        sampling.report(report(name, client, {1, 0, 0}));
        sampling.report(report("Default", client, {1, 1, 0}));
        (void)sampling.rules();
        (void)sampling.windows();
        sampling.tell_news();
        CounterRows rows;
        sampling.report(rows);
        sampling.remove({name, std::nullopt});
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(names(sampling), ElementsAre("Default"));
  const auto windows = sampling.windows();
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_EQ(windows[0].counts.requests, 100);
  EXPECT_THAT(names(open()), ElementsAre("Default"));
}

}  // namespace
}  // namespace xrayd::local
