#include "forward/aws_clock.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <string>

namespace xrayd::forward {
namespace {

using namespace std::chrono_literals;

/// A Date header's text, so far from this machine's time.
std::string date_in(std::chrono::seconds offset) {
  const std::time_t time =
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + offset);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

double offset_of(const AwsClock& clock) {
  return std::chrono::duration<double>(clock.now() - std::chrono::system_clock::now()).count();
}

TEST(AwsClock, is_this_machines_until_it_is_corrected) {
  const AwsClock clock;
  EXPECT_NEAR(offset_of(clock), 0, 1);
}

TEST(AwsClock, follows_a_date_that_is_far_from_the_signatures_time) {
  AwsClock clock;
  EXPECT_TRUE(clock.correct(date_in(1h), clock.now()));
  EXPECT_NEAR(offset_of(clock), 3600, 2);
  EXPECT_TRUE(clock.correct(date_in(-1h), clock.now()));
  EXPECT_NEAR(offset_of(clock), -3600, 2);
}

TEST(AwsClock, stays_where_the_date_is_close_to_the_signatures_time) {
  AwsClock clock;
  EXPECT_FALSE(clock.correct(date_in(3min), clock.now()));
  EXPECT_FALSE(clock.correct(date_in(-3min), clock.now()));
  EXPECT_NEAR(offset_of(clock), 0, 1);
}

TEST(AwsClock, has_requests_signed_again_that_another_thread_corrected_it_for) {
  AwsClock clock;
  const auto signed_for = clock.now();
  ASSERT_TRUE(clock.correct(date_in(1h), signed_for));
  EXPECT_TRUE(clock.correct(date_in(1h), signed_for));
  EXPECT_FALSE(clock.correct(date_in(1h), clock.now()));
}

TEST(AwsClock, ignores_what_is_no_date_and_dates_of_other_centuries) {
  AwsClock clock;
  for (const char* text : {"", "soon", "Fri, 31 Dec 9999 23:59:59 GMT"}) {
    EXPECT_FALSE(clock.correct(text, clock.now())) << text;
  }
  EXPECT_NEAR(offset_of(clock), 0, 1);
}

}  // namespace
}  // namespace xrayd::forward
