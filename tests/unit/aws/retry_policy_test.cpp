#include "aws/retry_policy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace xrayd::aws {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::system_clock;
using namespace std::chrono_literals;

/// 1994-11-06 08:49:07.250
const system_clock::time_point now = system_clock::time_point(784111747s) + 250ms;

RequestOutcome status(int code, std::string_view error = {}, std::string_view retry_after = {}) {
  return {RequestEnd::answered, code, error, retry_after};
}

RequestOutcome ended(RequestEnd end) {
  return {end, 0, {}, {}};
}

struct Fixture {
  double random = 0.5;
  RetryPolicy policy;

  explicit Fixture(const RetryOptions& options = {})
      : policy(
            options, [] { return now; }, [this] { return random; }) {}
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;
};

TEST(Judging, what_passes_is_tried_again_and_what_is_wrong_is_not) {
  for (const int code : {200, 202, 299}) EXPECT_EQ(judge(status(code)), Verdict::success);
  for (const int code : {408, 500, 502, 503, 504}) EXPECT_EQ(judge(status(code)), Verdict::retry);
  for (const int code : {100, 301, 400, 401, 403, 404, 413, 501, 505}) {
    EXPECT_EQ(judge(status(code)), Verdict::give_up) << code;
  }
  EXPECT_EQ(judge(status(400, "InvalidRequestException")), Verdict::give_up);
  EXPECT_EQ(judge(status(400, "RequestTimeout")), Verdict::retry);
  for (const RequestEnd end : {RequestEnd::refused, RequestEnd::cut, RequestEnd::timed_out,
                               RequestEnd::malformed_answer}) {
    EXPECT_EQ(judge(ended(end)), Verdict::retry);
  }
  EXPECT_EQ(judge(ended(RequestEnd::unknown_host)), Verdict::give_up);
  EXPECT_EQ(judge(ended(RequestEnd::not_trusted)), Verdict::give_up);
}

TEST(Judging, throttling_has_a_status_and_many_names) {
  EXPECT_EQ(judge(status(429)), Verdict::throttled);
  EXPECT_EQ(judge(status(400, "ThrottledException")), Verdict::throttled);
  EXPECT_EQ(judge(status(503, "SlowDown")), Verdict::throttled);
  EXPECT_EQ(judge(status(400, "com.amazonaws.xray#ThrottledException:http://x#y")),
            Verdict::throttled);
  EXPECT_TRUE(is_throttling_code("ThrottlingException"));
  EXPECT_FALSE(is_throttling_code("throttlingexception"));
  EXPECT_FALSE(is_throttling_code(""));
}

TEST(Judging, expired_credentials_and_a_wrong_clock_are_told_apart) {
  EXPECT_EQ(judge(status(403, "ExpiredTokenException")), Verdict::refresh_credentials);
  EXPECT_EQ(judge(status(400, "ExpiredToken")), Verdict::refresh_credentials);
  EXPECT_EQ(judge(status(403, "RequestTimeTooSkewed")), Verdict::correct_clock);
  EXPECT_EQ(judge(status(403, "InvalidSignatureException")), Verdict::correct_clock);
  EXPECT_EQ(judge(status(403, "AccessDeniedException")), Verdict::give_up);
  EXPECT_EQ(judge(status(403, "UnrecognizedClientException")), Verdict::give_up);
}

TEST(Judging, an_error_s_name_is_found_in_every_spelling) {
  EXPECT_EQ(bare_error_code("Name"), "Name");
  EXPECT_EQ(bare_error_code("a.b#Name"), "Name");
  EXPECT_EQ(bare_error_code("Name:http://internal.amazon.com/coral/a.b/"), "Name");
  EXPECT_EQ(bare_error_code(""), "");
  EXPECT_EQ(bare_error_code("#:"), "");
}

TEST(Retrying, ends_with_the_attempts) {
  Fixture fixture;
  EXPECT_TRUE(fixture.policy.next_attempt(status(500), 1).has_value());
  EXPECT_FALSE(fixture.policy.next_attempt(status(500), 2).has_value());
  Fixture many({.attempts = 5});
  EXPECT_TRUE(many.policy.next_attempt(status(500), 4).has_value());
  EXPECT_FALSE(many.policy.next_attempt(status(500), 5).has_value());
  Fixture none({.attempts = 1});
  EXPECT_FALSE(none.policy.next_attempt(status(500), 1).has_value());
}

TEST(Retrying, does_not_happen_to_what_was_right_or_stays_wrong) {
  Fixture fixture;
  EXPECT_FALSE(fixture.policy.next_attempt(status(200), 1).has_value());
  EXPECT_FALSE(fixture.policy.next_attempt(status(400), 1).has_value());
  EXPECT_EQ(fixture.policy.budget().left(), 500);
}

TEST(Retrying, waits_a_random_part_of_a_time_that_doubles_up_to_its_ceiling) {
  Fixture fixture({.attempts = 1000});
  const auto wait = [&fixture](int made, double random) {
    fixture.random = random;
    const auto result = fixture.policy.next_attempt(status(503), made);
    fixture.policy.succeeded(status(503));  // so that the budget does not end
    return result;
  };
  EXPECT_EQ(wait(1, 0.0), 0ms);
  EXPECT_EQ(wait(1, 0.5), 1000ms);
  EXPECT_EQ(wait(2, 0.5), 2000ms);
  EXPECT_EQ(wait(3, 0.5), 4000ms);
  EXPECT_EQ(wait(4, 0.5), 8000ms);
  EXPECT_EQ(wait(5, 0.5), 10000ms);
  EXPECT_EQ(wait(900, 0.5), 10000ms);
  EXPECT_EQ(wait(5, 0.9999999), 19999ms);
}

TEST(Retrying, spreads_evenly_with_a_real_generator) {
  std::mt19937_64 engine(1);
  std::uniform_real_distribution<double> part(0, 1);
  RetryPolicy policy(
      {.budget = 1 << 30}, [] { return now; }, [&] { return part(engine); });
  std::vector<int> quarters(4);
  for (int i = 0; i < 4000; ++i) {
    const auto wait = policy.next_attempt(status(500), 1);
    ASSERT_TRUE(wait && *wait >= 0ms && *wait < 2000ms);
    ++quarters[static_cast<std::size_t>(wait->count() / 500)];
  }
  EXPECT_GT(*std::min_element(quarters.begin(), quarters.end()), 900);
}

TEST(Retrying, waits_as_long_as_the_service_asks_up_to_a_ceiling) {
  Fixture fixture;
  fixture.random = 0.5;
  const auto wait = [&fixture](std::string_view header) {
    return fixture.policy.next_attempt(status(429, {}, header), 1);
  };
  EXPECT_EQ(wait("7"), 7s);
  EXPECT_EQ(wait(" 7 "), 7s);
  EXPECT_EQ(wait("0"), 1s);  // the back-off is longer
  EXPECT_EQ(wait("61"), 60s);
  EXPECT_EQ(wait("99999999999999999999999"), 60s);
  EXPECT_EQ(wait("Sun, 06 Nov 1994 08:49:37 GMT"), 29750ms);
  EXPECT_EQ(wait("Sun, 06 Nov 1994 08:49:07 GMT"), 1s);
  EXPECT_EQ(wait("Fri, 31 Dec 9999 23:59:59 GMT"), 60s);
  EXPECT_EQ(wait("Sat, 01 Jan 0000 00:00:00 GMT"), 1s);
  for (const char* nonsense : {"", "soon", "-5", "1.5", "1e3", "+1"}) {
    EXPECT_EQ(wait(nonsense), 1s) << nonsense;
  }
}

TEST(Retrying, what_was_put_right_here_is_sent_again_at_once) {
  Fixture fixture;
  EXPECT_EQ(fixture.policy.next_attempt(status(403, "ExpiredTokenException"), 1), 0ms);
  EXPECT_EQ(fixture.policy.next_attempt(status(403, "RequestTimeTooSkewed"), 1), 0ms);
  EXPECT_FALSE(fixture.policy.next_attempt(status(403, "ExpiredTokenException"), 2).has_value());
}

TEST(Budget, a_long_outage_spends_it_and_success_fills_it_again) {
  Fixture fixture;
  int retries = 0;
  while (fixture.policy.next_attempt(status(500), 1)) ++retries;
  EXPECT_EQ(retries, 100);
  for (int i = 0; i < 4; ++i) fixture.policy.succeeded();
  EXPECT_FALSE(fixture.policy.next_attempt(status(500), 1).has_value());
  fixture.policy.succeeded();
  EXPECT_TRUE(fixture.policy.next_attempt(status(500), 1).has_value());
  EXPECT_EQ(fixture.policy.budget().left(), 0);
}

TEST(Budget, timeouts_cost_more_and_a_retry_that_succeeds_costs_nothing) {
  Fixture fixture;
  const RequestOutcome timeout = ended(RequestEnd::timed_out);
  ASSERT_TRUE(fixture.policy.next_attempt(timeout, 1).has_value());
  EXPECT_EQ(fixture.policy.budget().left(), 490);
  fixture.policy.succeeded(timeout);
  EXPECT_EQ(fixture.policy.budget().left(), 500);
  fixture.policy.succeeded();
  EXPECT_EQ(fixture.policy.budget().left(), 500);  // never more than it holds
}

TEST(Budget, holds_no_less_than_nothing_and_no_more_than_everything) {
  RetryBudget budget(10);
  EXPECT_FALSE(budget.take(11));
  EXPECT_TRUE(budget.take(10));
  EXPECT_FALSE(budget.take(1));
  budget.put_back(1 << 30);
  EXPECT_EQ(budget.left(), 10);
}

}  // namespace
}  // namespace xrayd::aws
