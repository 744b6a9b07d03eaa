#include "aws/retry_joiner.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using std::chrono::seconds;
using xray::instrumentation::longest_pause_after;
using xray::instrumentation::RecognisedCall;
using xray::instrumentation::RetryJoiner;
using xray::instrumentation::will_be_retried;

namespace {

using Held = std::unique_ptr<std::string>;  // as a subsegment is: to be moved only
using Joiner = RetryJoiner<Held, 3>;

const Joiner::Time start{};

RecognisedCall attempt(const std::string& id, int number, int status, int most = 3) {
  RecognisedCall call;
  call.invocation_id.append(id);
  call.attempt = number;
  call.most_attempts = most;
  call.status = status;
  return call;
}

Held held(const std::string& text) {
  return std::make_unique<std::string>(text);
}

std::vector<std::string> expired(Joiner& joiner, Joiner::Time now) {
  std::vector<std::string> texts;
  joiner.release_expired(now, [&](Held over) { texts.push_back(*over); });
  return texts;
}

}  // namespace

TEST(AwsRetryJoiner, makes_the_attempts_at_one_call_one) {
  Joiner joiner;
  EXPECT_FALSE(joiner.resume("a", start));
  EXPECT_FALSE(joiner.attempt_over(attempt("a", 1, 503), held("the call"), start));
  EXPECT_FALSE(joiner.resume("b", start)) << "another call";
  std::optional<Held> again = joiner.resume("a", start + seconds(1));
  ASSERT_TRUE(again);
  EXPECT_EQ(**again, "the call");
  EXPECT_EQ(joiner.size(), 0U);
  const std::optional<Held> over =
      joiner.attempt_over(attempt("a", 2, 200), std::move(*again), start + seconds(1));
  ASSERT_TRUE(over);
  EXPECT_EQ(**over, "the call");
}

TEST(AwsRetryJoiner, ends_at_once_what_nobody_tries_again) {
  Joiner joiner;
  EXPECT_TRUE(joiner.attempt_over(attempt("a", 1, 200), held("good"), start));
  EXPECT_TRUE(joiner.attempt_over(attempt("a", 1, 400), held("refused"), start));
  EXPECT_TRUE(joiner.attempt_over(attempt("a", 3, 500), held("the last attempt"), start));
  EXPECT_TRUE(joiner.attempt_over(attempt("", 1, 500), held("of no known call"), start));
  EXPECT_TRUE(joiner.attempt_over(attempt("a", 0, 500), held("no attempts told"), start));
  EXPECT_EQ(joiner.size(), 0U);
}

TEST(AwsRetryJoiner, gives_up_on_attempts_that_do_not_come) {
  Joiner joiner;
  EXPECT_FALSE(joiner.attempt_over(attempt("a", 1, 0), held("lost"), start));
  const auto pause = longest_pause_after(1);
  EXPECT_TRUE(expired(joiner, start + pause - seconds(1)).empty());
  EXPECT_FALSE(joiner.resume("a", start + pause)) << "too late to be the same call";
  EXPECT_EQ(expired(joiner, start + pause), std::vector<std::string>{"lost"});
  EXPECT_EQ(joiner.size(), 0U);
}

TEST(AwsRetryJoiner, hands_over_what_would_expire_first_when_there_is_no_room) {
  Joiner joiner;
  EXPECT_FALSE(joiner.attempt_over(attempt("a", 2, 500), held("a"), start));
  EXPECT_FALSE(joiner.attempt_over(attempt("b", 1, 500), held("b"), start));
  EXPECT_FALSE(joiner.attempt_over(attempt("c", 2, 500), held("c"), start));
  const std::optional<Held> displaced = joiner.attempt_over(attempt("d", 2, 500), held("d"), start);
  ASSERT_TRUE(displaced);
  EXPECT_EQ(**displaced, "b");
  EXPECT_EQ(joiner.size(), 3U);
  std::size_t released = 0;
  joiner.release_all([&](Held over) { released += over->size(); });
  EXPECT_EQ(released, 3U);
  EXPECT_EQ(joiner.size(), 0U);
}

TEST(AwsRetryJoiner, knows_what_sdks_try_again) {
  EXPECT_TRUE(will_be_retried(attempt("a", 1, 0)));
  EXPECT_TRUE(will_be_retried(attempt("a", 1, 500)));
  EXPECT_TRUE(will_be_retried(attempt("a", 2, 503)));
  EXPECT_FALSE(will_be_retried(attempt("a", 1, 501)));
  EXPECT_FALSE(will_be_retried(attempt("a", 1, 404)));
  EXPECT_FALSE(will_be_retried(attempt("a", 5, 500, 5)));
  EXPECT_TRUE(will_be_retried(attempt("a", 2, 500, 0)));
  EXPECT_FALSE(will_be_retried(attempt("a", 3, 500, 0)));
  RecognisedCall throttled = attempt("a", 1, 400);
  throttled.throttled = true;
  EXPECT_TRUE(will_be_retried(throttled));
  RecognisedCall slow = attempt("a", 1, 400);
  slow.error_code.append("RequestTimeout");
  EXPECT_TRUE(will_be_retried(slow));
}

TEST(AwsRetryJoiner, waits_longer_each_time_and_never_longer_than_sdks_do) {
  EXPECT_LT(longest_pause_after(1), longest_pause_after(2));
  EXPECT_EQ(longest_pause_after(50), seconds(21));
  EXPECT_GT(longest_pause_after(-3), seconds(0));
}
