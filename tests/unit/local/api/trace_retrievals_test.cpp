// Tokens of retrievals.
#include "local/api/trace_retrievals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace xrayd::local::api {
namespace {

using namespace std::chrono_literals;

class Retrievals : public testing::Test {
 protected:
  std::chrono::steady_clock::time_point now_{};
  TraceRetrievals retrievals_{[this] { return now_; }};
};

TEST_F(Retrievals, a_token_stands_for_the_traces_in_their_order) {
  const std::vector<TraceId> traces = {TraceId{1, 2}, TraceId{1, 1}};
  const auto token = retrievals_.start(traces);
  const auto found = retrievals_.find(token);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->traces, traces);
  EXPECT_FALSE(found->cancelled);
}

TEST_F(Retrievals, tokens_are_all_different) {
  std::set<std::string> tokens;
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(tokens.insert(retrievals_.start({})).second);
}

TEST_F(Retrievals, other_tokens_stand_for_nothing) {
  const auto token = retrievals_.start({});
  EXPECT_FALSE(retrievals_.find(""));
  EXPECT_FALSE(retrievals_.find(token + "0"));
  EXPECT_FALSE(retrievals_.cancel("0"));
}

TEST_F(Retrievals, a_cancelled_one_is_known_and_empty) {
  const auto token = retrievals_.start({TraceId{1, 1}});
  EXPECT_TRUE(retrievals_.cancel(token));
  EXPECT_TRUE(retrievals_.cancel(token));
  const auto found = retrievals_.find(token);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->cancelled);
  EXPECT_TRUE(found->traces.empty());
}

TEST_F(Retrievals, a_token_is_forgotten_after_an_hour) {
  const auto token = retrievals_.start({});
  now_ += 1h;
  const auto younger = retrievals_.start({});
  EXPECT_TRUE(retrievals_.find(token));
  now_ += 1s;
  EXPECT_FALSE(retrievals_.find(token));
  EXPECT_TRUE(retrievals_.find(younger));
}

TEST_F(Retrievals, the_oldest_make_room) {
  const auto first = retrievals_.start({});
  const auto second = retrievals_.start({});
  for (std::size_t i = 2; i < TraceRetrievals::max_kept; ++i) (void)retrievals_.start({});
  EXPECT_TRUE(retrievals_.find(first));
  (void)retrievals_.start({});
  EXPECT_FALSE(retrievals_.find(first));
  EXPECT_TRUE(retrievals_.find(second));
}

}  // namespace
}  // namespace xrayd::local::api
