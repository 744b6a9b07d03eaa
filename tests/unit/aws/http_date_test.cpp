#include "aws/http_date.hpp"

#include <gtest/gtest.h>

namespace xrayd::aws {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

TEST(HttpDate, all_three_forms_of_the_same_moment_are_read) {
  const sys_seconds moment{seconds(784111777)};
  for (const char* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994"}) {
    EXPECT_EQ(parse_http_date(text), moment) << text;
  }
  EXPECT_EQ(parse_http_date("Thu Jan 01 00:00:00 1970"), sys_seconds{});
}

TEST(HttpDate, leap_days_leap_seconds_and_short_years) {
  EXPECT_EQ(parse_http_date("Thu, 29 Feb 2024 23:59:60 GMT"), sys_seconds{seconds(1709251200)});
  EXPECT_EQ(parse_http_date("Wednesday, 01-Jan-75 00:00:00 GMT"),
            parse_http_date("Tue, 01 Jan 2075 00:00:00 GMT"));
  EXPECT_EQ(parse_http_date("Thursday, 01-Jan-76 00:00:00 GMT"),
            parse_http_date("Thu, 01 Jan 1976 00:00:00 GMT"));
}

TEST(HttpDate, what_is_no_date_is_refused) {
  for (const char* text : {"",
                           ",",
                           "Sun",
                           "Sun,",
                           "Sun, 6 Nov 1994 08:49:37 GMT",
                           "Sun, 06 nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 08:49:37",
                           "Sun, 06 Nov 1994 08:49:37 CET",
                           "Sun, 06 Nov 1994 08:49:37 GMT ",
                           "Sun, 06 Nov 1994 24:00:00 GMT",
                           "Sun, 06 Nov 1994 08:60:00 GMT",
                           "Sun, 06 Nov 1994 08:49:61 GMT",
                           "Sun, 31 Feb 1994 08:49:37 GMT",
                           "Sun, 29 Feb 2023 08:49:37 GMT",
                           "Sun, 00 Nov 1994 08:49:37 GMT",
                           "Sun Nov 6 08:49:37 1994",
                           "Sun Nov  6 08:49:37 94",
                           "Sunday, 06-Nov-1994 08:49:37 GMT",
                           "Su",
                           "120",
                           "-1"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace xrayd::aws
