#include "config/moment.hpp"

#include <gtest/gtest.h>

#include "config/value_readers.hpp"

namespace xrayd::config {
namespace {

constexpr double now = 1'790'000'000;

TEST(Moment, is_a_number_of_seconds_since_1970) {
  EXPECT_EQ(moment("1790158405", now), 1790158405);
  EXPECT_EQ(moment("1790158405.25", now), 1790158405.25);
  EXPECT_EQ(moment("0", now), 0);
}

TEST(Moment, is_a_date_or_a_date_and_a_time_in_utc) {
  EXPECT_EQ(moment("2026-11-22", now), 1795305600);
  EXPECT_EQ(moment("2026-11-22T15:12:41Z", now), 1795305600 + 54761);
  EXPECT_EQ(moment("2026-11-22T15:12:41", now), 1795305600 + 54761);
  EXPECT_EQ(moment("2026-11-22 15:12:41.5Z", now), 1795305600 + 54761.5);
  EXPECT_EQ(moment("2024-02-29", now), 1709164800);
}

TEST(Moment, is_so_long_ago) {
  EXPECT_EQ(moment("15m", now), now - 900);
  EXPECT_EQ(moment("7d", now), now - 604800);
}

TEST(Moment, is_nothing_else) {
  for (const char* text : {"",
                           "x",
                           "-1",
                           "1e9",
                           "nan",
                           "inf",
                           "2026-02-29",
                           "2026-13-01",
                           "2026-1-1",
                           "2026-11-22T",
                           "2026-11-22T24:00:00Z",
                           "2026-11-22T15:60:00Z",
                           "2026-11-22T15:12:60Z",
                           "2026-11-22T15:12Z",
                           "2026-11-22T15:12:41+01:00",
                           "2026-11-22T15:12:4Z",
                           "2026-11-22T15:12:41ZZ",
                           "99999999999999",
                           "100000d",
                           " 5"}) {
    EXPECT_THROW(static_cast<void>(moment(text, now)), BadValue) << text;
  }
}

}  // namespace
}  // namespace xrayd::config
