#include "credentials/keeper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "credentials/iso_time.hpp"
#include "credentials/refresh_plan.hpp"
#include "fake_network.hpp"

namespace xrayd::credentials {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using testing::answer;
using testing::environment_of;
using testing::FakeClock;
using testing::FakeNetwork;
using testing::hang;
using ::testing::HasSubstr;
using testing::no_answer;
using testing::Seen;
using testing::Variables;
using Lease = std::shared_ptr<const aws::CredentialsLease>;

// 2026-11-22 15:12:41
constexpr std::chrono::sys_seconds start_time{std::chrono::seconds(1795360361)};
/// Long enough for any machine; nothing waits for it to pass.
constexpr auto patience = 30s;

std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + patience;
}

class KeeperTest : public ::testing::Test {
 protected:
  KeeperTest() {
    network_.on("PUT http://169.254.169.254/latest/api/token", answer(200, "token"));
    network_.on("GET http://169.254.169.254/latest/meta-data/iam/security-credentials/",
                answer(200, "r"));
  }

  KeeperSettings settings(Variables variables = {}) {
    variables.try_emplace("AWS_CONFIG_FILE", "/nonexistent/config");
    variables.try_emplace("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials");
    KeeperSettings result;
    result.environment = environment_of(std::move(variables));
    result.clients = network_.factory();
    result.timing = {.clock = clock_.reader(),
                     .first_retry = 1ms,
                     .longest_retry = 4ms,
                     .refusal_pause = 1ms,
                     .longest_nap = 1ms};
    return result;
  }

  static constexpr const char* container = "GET http://127.0.0.1/c";
  static Variables with_container() {
    return {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/c"},
            {"AWS_EC2_METADATA_DISABLED", "true"}};
  }
  static constexpr const char* instance =
      "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/r";

  testing::Reply keys(const std::string& id, std::chrono::seconds life) {
    return answer(200, R"({"Code": "Success", "AccessKeyId": ")" + id +
                           R"(", "SecretAccessKey": "s", "Token": "t", "Expiration": ")" +
                           to_iso_time(clock_.now() + life) + "\"}");
  }
  /// Each answer has a key of its own: K1, K2, ...
  void give_new_keys(const char* request, std::chrono::seconds life) {
    network_.on(request,
                [this, life](const Seen&) { return keys("K" + std::to_string(++given_), life); });
  }

  static std::int64_t row(const Keeper& keeper, std::string_view name) {
    CounterRows rows;
    keeper.report(rows);
    for (const CounterRow& each : rows) {
      if (each.name == name) return each.value;
    }
    return -1;
  }

  FakeNetwork network_;
  FakeClock clock_{start_time};
  std::atomic<int> given_{0};
};

TEST_F(KeeperTest, has_nothing_before_it_looks_and_says_so) {
  Keeper keeper(settings());
  EXPECT_EQ(keeper.current(), nullptr);
  EXPECT_EQ(keeper.trouble(), "no AWS credentials: they are being looked for");
  EXPECT_EQ(keeper.newer_than(nullptr, std::chrono::steady_clock::now()), nullptr);
}

TEST_F(KeeperTest, gives_what_it_finds_to_who_waits) {
  Keeper keeper(settings({{"AWS_ACCESS_KEY_ID", "E"}, {"AWS_SECRET_ACCESS_KEY", "e"}}));
  keeper.start("eu-west-1");
  const Lease lease = keeper.newer_than(nullptr, soon());
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->keys.access_key_id, "E");
  EXPECT_EQ(keeper.current(), lease);
  EXPECT_EQ(keeper.trouble(), "");
  EXPECT_EQ(row(keeper, "xrayd_credentials_refreshes_total"), 1);
  EXPECT_EQ(row(keeper, "xrayd_credentials_failures_total"), 0);
  EXPECT_EQ(row(keeper, "xrayd_credentials_expiry_seconds"), -1);
}

TEST_F(KeeperTest, says_why_there_are_none_and_looks_again) {
  std::atomic<bool> is_there = false;
  network_.on(container, [&](const Seen&) {
    return is_there ? keys("C", 1h) : answer(404, R"({"code": "NoTask", "message": "none"})");
  });
  Keeper keeper(settings(with_container()));
  keeper.start("eu-west-1");
  for (auto end = soon(); row(keeper, "xrayd_credentials_failures_total") < 3;) {
    ASSERT_LT(std::chrono::steady_clock::now(), end);
    std::this_thread::yield();
  }
  EXPECT_THAT(keeper.trouble(),
              AllOf(HasSubstr("no AWS credentials: environment: AWS_ACCESS_KEY_ID is not set; "),
                    HasSubstr("container metadata: 127.0.0.1 answered 404: NoTask: none"),
                    HasSubstr("EC2 metadata: AWS_EC2_METADATA_DISABLED is true")));
  EXPECT_EQ(keeper.current(), nullptr);
  is_there = true;
  ASSERT_TRUE(keeper.newer_than(nullptr, soon()));
  EXPECT_EQ(keeper.trouble(), "");
}

TEST_F(KeeperTest, renews_before_the_end) {
  give_new_keys(container, 1h);
  Keeper keeper(settings(with_container()));
  keeper.start("eu-west-1");
  const Lease first = keeper.newer_than(nullptr, soon());
  ASSERT_TRUE(first);
  EXPECT_EQ(row(keeper, "xrayd_credentials_expiry_seconds"),
            (start_time + 1h).time_since_epoch().count());
  clock_.advance(56min);
  const Lease second = keeper.newer_than(first.get(), soon());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->keys.access_key_id, "K2");
  EXPECT_EQ(given_, 2);
}

TEST_F(KeeperTest, keeps_what_it_has_while_it_cannot_be_renewed_and_drops_it_at_its_end) {
  std::atomic<bool> is_there = true;
  network_.on(container, [&](const Seen&) { return is_there ? keys("C", 1h) : answer(500, ""); });
  Keeper keeper(settings(with_container()));
  keeper.start("eu-west-1");
  const Lease lease = keeper.newer_than(nullptr, soon());
  ASSERT_TRUE(lease);
  is_there = false;
  clock_.advance(59min);
  for (auto end = soon(); row(keeper, "xrayd_credentials_failures_total") < 1;) {
    ASSERT_LT(std::chrono::steady_clock::now(), end);
    std::this_thread::yield();
  }
  EXPECT_EQ(keeper.current(), lease);
  EXPECT_EQ(keeper.trouble(), "");
  clock_.advance(2min);
  EXPECT_EQ(keeper.current(), nullptr);
  EXPECT_THAT(keeper.trouble(), HasSubstr("those of container metadata have expired; "));
  is_there = true;
  EXPECT_TRUE(keeper.newer_than(lease.get(), soon()));
}

TEST_F(KeeperTest, ec2_s_credentials_outlive_their_end_for_some_hours) {
  std::atomic<bool> is_there = true;
  network_.on(instance, [&](const Seen&) {
    return is_there ? keys("I", 1h) : no_answer(aws::RequestEnd::timed_out, "timed out");
  });
  Keeper keeper(settings());
  keeper.start("eu-west-1");
  const Lease lease = keeper.newer_than(nullptr, soon());
  ASSERT_TRUE(lease);
  is_there = false;
  clock_.advance(6h);
  EXPECT_EQ(keeper.current(), lease);
  clock_.advance(12h);
  EXPECT_EQ(keeper.current(), nullptr);
}

TEST_F(KeeperTest, expired_credentials_of_ec2_are_better_than_none) {
  network_.on(instance, [this](const Seen&) { return keys("OLD", -10min); });
  Keeper keeper(settings());
  keeper.start("eu-west-1");
  const Lease lease = keeper.newer_than(nullptr, soon());
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->keys.access_key_id, "OLD");
  network_.on(instance, [this](const Seen&) { return keys("NEW", 1h); });
  const Lease next = keeper.newer_than(lease.get(), soon());
  ASSERT_TRUE(next);
  EXPECT_EQ(next->keys.access_key_id, "NEW");
}

TEST_F(KeeperTest, a_refusal_makes_it_look_again) {
  give_new_keys(container, 1h);
  Keeper keeper(settings(with_container()));
  keeper.start("eu-west-1");
  const Lease first = keeper.newer_than(nullptr, soon());
  ASSERT_TRUE(first);
  keeper.refused(*first);
  const Lease second = keeper.newer_than(first.get(), soon());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->keys.access_key_id, "K2");
  // Of a lease that is no longer the current one, nobody needs to hear.
  keeper.refused(*first);
  keeper.stop();
  EXPECT_EQ(given_, 2);
  EXPECT_EQ(keeper.current(), second);
}

TEST_F(KeeperTest, refusals_do_not_make_it_look_more_often_than_the_pause) {
  give_new_keys(container, 1h);
  KeeperSettings with = settings(with_container());
  with.timing.refusal_pause = 1h;
  Keeper keeper(std::move(with));
  keeper.start("eu-west-1");
  const Lease first = keeper.newer_than(nullptr, soon());
  ASSERT_TRUE(first);
  keeper.refused(*first);
  EXPECT_EQ(keeper.newer_than(first.get(), std::chrono::steady_clock::now() + 50ms), nullptr);
  EXPECT_EQ(keeper.current(), first);
  EXPECT_EQ(given_, 1);
}

TEST_F(KeeperTest, the_same_keys_again_are_no_newer_ones) {
  network_.on(container, [this](const Seen&) {
    ++given_;
    return answer(200, R"({"AccessKeyId": "A", "SecretAccessKey": "s", "Token": "t",)"
                       R"( "Expiration": "2026-11-22T16:00:00Z"})");
  });
  Keeper keeper(settings(with_container()));
  keeper.start("eu-west-1");
  const Lease first = keeper.newer_than(nullptr, soon());
  ASSERT_TRUE(first);
  keeper.refused(*first);
  for (auto end = soon(); row(keeper, "xrayd_credentials_refreshes_total") < 2;) {
    ASSERT_LT(std::chrono::steady_clock::now(), end);
    std::this_thread::yield();
  }
  EXPECT_EQ(keeper.current(), first);
}

TEST_F(KeeperTest, a_place_further_down_stands_in_only_when_the_credentials_are_used_up) {
  std::atomic<bool> is_there = true;
  network_.on(container,
              [&](const Seen&) { return is_there ? keys("CONTAINER", 1h) : answer(500, ""); });
  network_.on(instance, [this](const Seen&) { return keys("NODE", 6h); });
  Variables variables = with_container();
  variables.erase("AWS_EC2_METADATA_DISABLED");
  Keeper keeper(settings(variables));
  keeper.start("eu-west-1");
  const Lease first = keeper.newer_than(nullptr, soon());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->keys.access_key_id, "CONTAINER");
  is_there = false;
  clock_.advance(58min);
  for (auto end = soon(); row(keeper, "xrayd_credentials_failures_total") < 2;) {
    ASSERT_LT(std::chrono::steady_clock::now(), end);
    std::this_thread::yield();
  }
  EXPECT_EQ(keeper.current(), first);
  clock_.advance(3min);
  const Lease second = keeper.newer_than(first.get(), soon());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->keys.access_key_id, "NODE");
  // And gives way again.
  is_there = true;
  const Lease third = keeper.newer_than(second.get(), soon());
  ASSERT_TRUE(third);
  EXPECT_EQ(third->keys.access_key_id, "CONTAINER");
}

TEST_F(KeeperTest, credentials_may_last_until_the_end_of_days) {
  network_.on(container, answer(200, R"({"AccessKeyId": "A", "SecretAccessKey": "s",)"
                                     R"( "Token": "t", "Expiration": "9999-12-31T23:59:59Z"})"));
  Keeper keeper(settings(with_container()));
  keeper.start("eu-west-1");
  EXPECT_TRUE(keeper.newer_than(nullptr, soon()));
  EXPECT_GT(row(keeper, "xrayd_credentials_expiry_seconds"), std::int64_t{250'000'000'000});
}

TEST_F(KeeperTest, stops_in_the_middle_of_a_question) {
  std::promise<void> asked;
  network_.on(container, [&](const Seen&) {
    asked.set_value();
    return hang();
  });
  Keeper keeper(settings(with_container()));
  keeper.start("eu-west-1");
  asked.get_future().wait();
  std::thread waiting([&] { EXPECT_EQ(keeper.newer_than(nullptr, soon()), nullptr); });
  keeper.stop();
  waiting.join();
  EXPECT_EQ(keeper.current(), nullptr);
}

TEST_F(KeeperTest, takes_the_role_that_is_asked_for) {
  network_.on("POST https://sts.eu-west-1.amazonaws.com/",
              answer(200,
                     "<R><Credentials><AccessKeyId>ROLE</AccessKeyId><SecretAccessKey>s"
                     "</SecretAccessKey><SessionToken>t</SessionToken><Expiration>"
                     "2026-11-22T15:27:41Z</Expiration></Credentials></R>"));
  KeeperSettings with = settings({{"AWS_ACCESS_KEY_ID", "E"}, {"AWS_SECRET_ACCESS_KEY", "e"}});
  with.role_arn = "arn:aws:iam::1:role/x";
  with.external_id = "ext";
  Keeper keeper(std::move(with));
  keeper.start("eu-west-1");
  const Lease lease = keeper.newer_than(nullptr, soon());
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->keys.access_key_id, "ROLE");
  EXPECT_EQ(lease->origin, "role arn:aws:iam::1:role/x by way of environment");
  EXPECT_THAT(network_.seen()[0].body,
              AllOf(HasSubstr("RoleSessionName=xray-daemon&DurationSeconds=900"),
                    HasSubstr("ExternalId=ext")));
}

TEST(RefreshPlan, renews_five_minutes_before_the_end_or_a_quarter_of_a_short_life) {
  EXPECT_EQ(renewal_after(6h, 0), 6h - 5min);
  EXPECT_EQ(renewal_after(6h, 1), 6h - 5min - 150s);
  EXPECT_EQ(renewal_after(15min, 0), 15min - 225s);
  EXPECT_EQ(renewal_after(4min, 0), 3min);
  EXPECT_EQ(renewal_after(0ms, 0), 1s);
}

TEST(RefreshPlan, retries_double_up_to_the_longest) {
  EXPECT_EQ(retry_after(1, 1s, 60s, 0), 1s);
  EXPECT_EQ(retry_after(2, 1s, 60s, 0), 2s);
  EXPECT_EQ(retry_after(6, 1s, 60s, 0), 32s);
  EXPECT_EQ(retry_after(7, 1s, 60s, 0), 60s);
  EXPECT_EQ(retry_after(1000, 1s, 60s, 0), 60s);
  EXPECT_EQ(retry_after(7, 1s, 60s, 1), 30s);
}

}  // namespace
}  // namespace xrayd::credentials
