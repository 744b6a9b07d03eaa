#include "web/metrics.hpp"

#include <gtest/gtest.h>

namespace xrayd::web {
namespace {

TEST(Metrics, rows_of_one_name_share_help_and_type) {
  const Response response = metrics({{"xrayd_a_total", "What a is.", "reason=\"x\"", 1, false},
                                     {"xrayd_a_total", "What a is.", "reason=\"y\"", 2, false},
                                     {"xrayd_b", "What b is.", "", -3, true}});
  EXPECT_EQ(response.body,
            "# HELP xrayd_a_total What a is.\n"
            "# TYPE xrayd_a_total counter\n"
            "xrayd_a_total{reason=\"x\"} 1\n"
            "xrayd_a_total{reason=\"y\"} 2\n"
            "# HELP xrayd_b What b is.\n"
            "# TYPE xrayd_b gauge\n"
            "xrayd_b -3\n");
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
}

TEST(CounterRows, rows_that_users_name_are_one_sum_for_people_and_the_others_stay) {
  const CounterRows rows = with_sums({{"xrayd_a_total", "", "reason=\"x\"", 1, false},
                                      {"xrayd_b_total", "", "rule=\"r\"", 2, false, true},
                                      {"xrayd_b_total", "", "rule=\"s\"", 3, false, true},
                                      {"xrayd_a_total", "", "reason=\"y\"", 4, false}});
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].labels, "reason=\"x\"");
  EXPECT_EQ(rows[1].labels, "");
  EXPECT_EQ(rows[1].value, 5);
  EXPECT_EQ(rows[2].value, 4);
}

}  // namespace
}  // namespace xrayd::web
