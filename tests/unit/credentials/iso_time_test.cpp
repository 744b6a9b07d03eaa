#include "credentials/iso_time.hpp"

#include <gtest/gtest.h>

namespace xrayd::credentials {
namespace {

using namespace std::chrono_literals;

// 2026-11-22 15:12:41
constexpr std::chrono::sys_seconds example{std::chrono::seconds(1795360361)};

TEST(IsoTime, is_read_in_the_forms_that_services_and_programs_write) {
  for (const char* text :
       {"2026-11-22T15:12:41Z", "2026-11-22T15:12:41.123Z", "2026-11-22T15:12:41+00:00",
        "2026-11-22T16:12:41+01:00", "2026-11-22T11:42:41-0330", "2026-11-22t15:12:41z"}) {
    EXPECT_EQ(parse_iso_time(text), example) << text;
  }
}

TEST(IsoTime, that_does_not_exist_is_none) {
  for (const char* text :
       {"", "2026-11-22", "2026-11-22T15:12:41", "2026-11-22 15:12:41Z", "2026-13-22T15:12:41Z",
        "2026-02-30T15:12:41Z", "2026-11-22T24:12:41Z", "2026-11-22T15:60:41Z",
        "2026-11-22T15:12:61Z", "2026-11-22T15:12:41Zx", "2026-11-22T15:12:41+24:00",
        "1969-12-31T23:59:59Z", "9999-12-31T23:59:60Z", "9999-12-31T23:59:59-00:01",
        "-026-11-22T15:12:41Z", "1795360361"}) {
    EXPECT_FALSE(parse_iso_time(text)) << text;
  }
}

TEST(IsoTime, is_written_as_it_is_read) {
  EXPECT_EQ(to_iso_time(example), "2026-11-22T15:12:41Z");
  EXPECT_EQ(parse_iso_time(to_iso_time(example + 1234567s)), example + 1234567s);
}

TEST(IsoTime, of_a_service_with_another_clock_is_put_right) {
  // It is 15:12:41 here, 15:02:41 there.
  EXPECT_EQ(by_our_clock(example, "Sun, 22 Nov 2026 15:02:41 GMT", example), example + 10min);
  EXPECT_EQ(by_our_clock(example, "Sun, 22 Nov 2026 15:22:41 GMT", example), example - 10min);
  EXPECT_EQ(by_our_clock(example, "Sun, 22 Nov 2026 15:12:01 GMT", example), example);
  EXPECT_EQ(by_our_clock(example, "", example), example);
  EXPECT_EQ(by_our_clock(example, "yesterday", example), example);
}

}  // namespace
}  // namespace xrayd::credentials
