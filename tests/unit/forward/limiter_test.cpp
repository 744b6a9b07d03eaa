#include "forward/limiter.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace xrayd::forward {
namespace {

using namespace std::chrono_literals;

const Limiter::Clock::time_point start{1h};

Limiter limiter(int most, double share = 0.0) {
  Limiter::Options options;
  options.most = most;
  options.first_pause = 1s;
  options.longest_pause = 15s;
  return {options, [share] { return share; }};
}

TEST(Limiter, grows_to_its_most_while_there_is_more_to_send_than_is_allowed) {
  Limiter limits = limiter(8);
  EXPECT_EQ(limits.limit(), 2);
  for (int i = 0; i < 20; ++i) limits.succeeded(true);
  EXPECT_EQ(limits.limit(), 8);
}

TEST(Limiter, does_not_grow_without_need) {
  Limiter limits = limiter(8);
  for (int i = 0; i < 20; ++i) limits.succeeded(false);
  EXPECT_EQ(limits.limit(), 2);
}

TEST(Limiter, never_allows_more_than_one_where_one_is_the_most) {
  Limiter limits = limiter(1);
  for (int i = 0; i < 20; ++i) limits.succeeded(true);
  EXPECT_EQ(limits.limit(), 1);
}

TEST(Limiter, halves_once_for_requests_that_were_under_way_together) {
  Limiter limits = limiter(8);
  for (int i = 0; i < 20; ++i) limits.succeeded(true);
  limits.slow_down(start, start + 1s);
  limits.slow_down(start + 100ms, start + 1s);
  EXPECT_EQ(limits.limit(), 4);
  limits.slow_down(start + 2s, start + 3s);
  EXPECT_EQ(limits.limit(), 2);
}

TEST(Limiter, grows_slowly_beyond_where_it_was_slowed_down) {
  Limiter limits = limiter(8);
  for (int i = 0; i < 20; ++i) limits.succeeded(true);
  limits.slow_down(start, start + 1s);
  for (int i = 0; i < 3; ++i) limits.succeeded(true);
  EXPECT_EQ(limits.limit(), 4);
  limits.succeeded(true);
  EXPECT_EQ(limits.limit(), 5);
}

TEST(Limiter, is_never_below_one) {
  Limiter limits = limiter(8);
  for (int i = 0; i < 5; ++i) limits.slow_down(start + i * 10s, start + i * 10s + 1s);
  EXPECT_EQ(limits.limit(), 1);
}

TEST(Limiter, probes_with_pauses_that_double_up_to_a_ceiling) {
  Limiter limits = limiter(8, 0.999999);
  auto now = start;
  const auto pauses = {1s, 2s, 4s, 8s, 15s, 15s};
  for (const auto pause : pauses) {
    limits.failed(now, now);
    EXPECT_TRUE(limits.failing());
    EXPECT_EQ(limits.limit(), 1);
    EXPECT_NEAR(std::chrono::duration<double>(limits.not_before() - now).count(),
                std::chrono::duration<double>(pause).count(), 0.01);
    now = limits.not_before() + 1ms;
  }
}

TEST(Limiter, pauses_for_half_of_the_time_at_least) {
  Limiter limits = limiter(8, 0.0);
  limits.failed(start, start);
  EXPECT_EQ(limits.not_before(), start + 500ms);
}

TEST(Limiter, counts_failures_of_requests_under_way_together_once) {
  Limiter limits = limiter(8, 0.0);
  limits.failed(start, start + 1s);
  const auto first = limits.not_before();
  limits.failed(start + 500ms, start + 1100ms);
  EXPECT_EQ(limits.not_before(), first);
}

TEST(Limiter, is_at_full_speed_after_the_first_success) {
  Limiter limits = limiter(8, 0.0);
  for (int i = 0; i < 20; ++i) limits.succeeded(true);
  limits.failed(start, start);
  limits.failed(start + 10s, start + 10s);
  limits.succeeded(false);
  EXPECT_FALSE(limits.failing());
  EXPECT_EQ(limits.limit(), 8);
  // And a later failure begins with the short pause.
  limits.failed(start + 20s, start + 20s);
  EXPECT_EQ(limits.not_before(), start + 20s + 500ms);
}

}  // namespace
}  // namespace xrayd::forward
