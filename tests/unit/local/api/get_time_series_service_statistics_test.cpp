// GetTimeSeriesServiceStatistics.
#include "questions_fixture.hpp"

namespace xrayd::local::api {
namespace {

using testing::StartsWith;

const std::string ten_minutes = R"("StartTime":1699999800,"EndTime":1700000400)";

class GetTimeSeries : public QuestionsFixture {
 protected:
  /// Ends in the minute after `minute` minutes. 1699999980 is a whole minute.
  void put(std::uint64_t n, int minute, const std::string& more = "") {
    const double start = 20 + 60 * minute;
    traces_.put(segment_document(memory_trace_id(n), 1, "shop", start, start + 2, more));
  }
  [[nodiscard]] std::string series(const std::string& members) {
    return ask(get_time_series_service_statistics, "{" + members + "}");
  }
  [[nodiscard]] std::string refused(const std::string& members) {
    return refusal(get_time_series_service_statistics, "{" + members + "}");
  }
  [[nodiscard]] static std::string row(const std::string& body, int index,
                                       const std::string& path) {
    return at(body, "TimeSeriesServiceStatistics/" + std::to_string(index) + "/" + path);
  }
  [[nodiscard]] static std::size_t rows(const std::string& body) {
    return each(body, "TimeSeriesServiceStatistics", "Timestamp").size();
  }
};

TEST_F(GetTimeSeries, nothing_is_no_rows) {
  EXPECT_EQ(series(ten_minutes),
            R"({"TimeSeriesServiceStatistics":[],"ContainsOldGroupVersions":false,)"
            R"("NextToken":null})");
}

TEST_F(GetTimeSeries, has_a_row_a_minute_newest_first_of_clients_edges) {
  put(1, 0);
  put(2, 0, R"(,"fault":true)");
  put(3, 2);
  const auto body = series(ten_minutes);
  EXPECT_EQ(rows(body), 2U);
  EXPECT_EQ(row(body, 0, "Timestamp"), "1700000160.0");
  EXPECT_EQ(row(body, 0, "EdgeSummaryStatistics/TotalCount"), "1");
  EXPECT_EQ(row(body, 1, "Timestamp"), "1700000040.0");
  EXPECT_EQ(row(body, 1, "EdgeSummaryStatistics/TotalCount"), "2");
  EXPECT_EQ(row(body, 1, "EdgeSummaryStatistics/FaultStatistics/TotalCount"), "1");
  EXPECT_EQ(row(body, 1, "ServiceSummaryStatistics"), "null");
  EXPECT_EQ(row(body, 1, "ServiceForecastStatistics"), "null");
  EXPECT_THAT(row(body, 1, "ResponseTimeHistogram"), StartsWith("["));
}

TEST_F(GetTimeSeries, a_selector_picks_a_service_or_an_edge) {
  put(1, 0, calling_part(2, "bank.example", "remote", 20, 21, R"(,"error":true)"));
  const auto service =
      series(ten_minutes + R"x(,"EntitySelectorExpression":"service(\"bank.example\")")x");
  EXPECT_EQ(row(service, 0, "ServiceSummaryStatistics/ErrorStatistics/TotalCount"), "1");
  EXPECT_EQ(row(service, 0, "EdgeSummaryStatistics"), "null");
  const auto edge =
      series(ten_minutes + R"x(,"EntitySelectorExpression":"edge(\"shop\", \"bank.example\")")x");
  EXPECT_EQ(row(edge, 0, "EdgeSummaryStatistics/TotalResponseTime"), "1.0");
  EXPECT_EQ(rows(series(ten_minutes + R"x(,"EntitySelectorExpression":"service(\"none\")")x")), 0U);
}

TEST_F(GetTimeSeries, longer_periods_add_up_minutes) {
  put(1, 0);
  put(2, 1);
  put(3, 7);
  const auto body = series(R"("StartTime":1699999800,"EndTime":1700000700,"Period":300)");
  EXPECT_EQ(rows(body), 2U);
  EXPECT_EQ(row(body, 1, "Timestamp"), "1700000100.0");
  EXPECT_EQ(row(body, 1, "EdgeSummaryStatistics/TotalCount"), "2");
  EXPECT_EQ(rows(series(ten_minutes + R"(,"Period":120,"ForecastStatistics":true)")), 2U);
}

TEST_F(GetTimeSeries, of_a_group_counts_its_traces) {
  groups_["failed"] = "fault";
  put(1, 0);
  put(2, 0, R"(,"fault":true)");
  put(3, 1, R"(,"fault":true)");
  const auto body = series(ten_minutes + R"(,"GroupName":"failed")");
  EXPECT_EQ(rows(body), 2U);
  EXPECT_EQ(row(body, 1, "EdgeSummaryStatistics/TotalCount"), "1");
  EXPECT_EQ(series(ten_minutes + R"(,"GroupName":"Default")"), series(ten_minutes));
}

TEST_F(GetTimeSeries, long_times_come_in_pages_and_every_row_once) {
  for (int i = 0; i < 5; ++i) put(static_cast<std::uint64_t>(i), i * 1000);
  const std::string members = R"("StartTime":1600000000,"EndTime":1800000000)";
  groups_["ok"] = "ok";
  for (const auto& all : {members, members + R"(,"GroupName":"ok")"}) {
    std::size_t count = 0;
    std::string token = "null";
    std::set<std::string> tokens;
    do {
      const auto body = series(all + R"(,"NextToken":)" + token);
      EXPECT_LE(rows(body), 1440U);
      count += rows(body);
      token = at(body, "NextToken");
      ASSERT_TRUE(tokens.insert(token).second);
      ASSERT_LT(tokens.size(), 50U);
    } while (token != "null" && all == members);
    if (all == members) {
      EXPECT_EQ(count, 5U);
    }
  }
}

TEST_F(GetTimeSeries, a_token_is_good_for_its_query_alone) {
  put(0, 0);
  put(1, 3000);
  const std::string members = R"("StartTime":1699000000,"EndTime":1700180400)";
  const auto token = R"(,"NextToken":)" + at(series(members), "NextToken");
  ASSERT_NE(token, R"(,"NextToken":null)");
  EXPECT_THAT(refused(members + token), StartsWith("200"));
  for (const auto* other : {R"(,"Period":120)", R"(,"GroupName":"Default")",
                            R"x(,"EntitySelectorExpression":"service(\"shop\")")x"}) {
    EXPECT_EQ(refused(members + other + token), invalid("Invalid NextToken for this query"));
  }
  EXPECT_EQ(refused(members + R"(,"NextToken":"x")"), invalid("Invalid NextToken for this query"));
}

TEST_F(GetTimeSeries, refuses_what_makes_no_sense) {
  for (const auto* period : {"0", "-60", "61", "59"}) {
    EXPECT_EQ(refused(ten_minutes + R"(,"Period":)" + period),
              invalid("Time period must be a multiple of 60"));
  }
  EXPECT_THAT(refused(ten_minutes + R"(,"EntitySelectorExpression":"service(")"),
              StartsWith("400 InvalidRequestException: "));
  EXPECT_EQ(refused(ten_minutes + R"(,"EntitySelectorExpression":"")"),
            not_valid("Value '' at 'entitySelectorExpression' failed to satisfy constraint: "
                      "Member must have length greater than or equal to 1"));
  EXPECT_EQ(refused(ten_minutes + R"(,"GroupName":"none")"), invalid("Group not found"));
  EXPECT_EQ(refused(R"("StartTime":2,"EndTime":1)"),
            invalid("End time cannot be earlier than start time"));
  EXPECT_THAT(refused(ten_minutes + R"(,"Period":"60")"),
              StartsWith("400 SerializationException: "));
  EXPECT_THAT(refused(ten_minutes + R"(,"ForecastStatistics":1)"),
              StartsWith("400 SerializationException: "));
}

TEST_F(GetTimeSeries, if_strict_the_services_periods) {
  strict_ = true;
  EXPECT_EQ(refused(ten_minutes + R"(,"Period":120)"),
            invalid("Time period must be one of [60, 300]"));
  EXPECT_THAT(refused(ten_minutes + R"(,"Period":300)"), StartsWith("200"));
  EXPECT_EQ(refused(R"("StartTime":1700000000,"EndTime":1700021601)"),
            invalid("Time range cannot be longer than 6 hours"));
}

TEST_F(GetTimeSeries, of_a_group_goes_on_on_the_next_page_where_time_runs_out) {
  groups_["shops"] = R"(service("shop"))";
  for (int minute = 0; minute < 40; ++minute) put(static_cast<std::uint64_t>(minute), minute);
  time_for_sums_ = {};
  const auto all = pages(get_time_series_service_statistics,
                         R"("StartTime":1699999800,"EndTime":1700003400,"GroupName":"shops")");
  EXPECT_GT(all.size(), 1U);
  std::size_t found = 0;
  for (const auto& page : all) found += rows(page);
  EXPECT_EQ(found, 40U);
  EXPECT_EQ(sums_cut_, 0);
}

TEST_F(GetTimeSeries, of_a_group_whose_single_minutes_take_too_long_is_counted) {
  groups_["shops"] = R"(service("shop"))";
  for (std::uint64_t n = 0; n < 9; ++n) put(n, 0);
  traces_.slow_after = 7;
  time_for_sums_ = {};
  (void)pages(get_time_series_service_statistics,
              R"("StartTime":1699999980,"EndTime":1700000100,"GroupName":"shops")");
  EXPECT_EQ(sums_cut_, 1);
}

TEST_F(GetTimeSeries, of_a_group_long_times_without_traces_are_no_pages) {
  groups_["shops"] = R"(service("shop"))";
  put(1, 0);
  const auto all = pages(get_time_series_service_statistics,
                         R"("StartTime":0,"EndTime":4000000000,"GroupName":"shops")");
  EXPECT_LT(all.size(), 4U);
  std::size_t found = 0;
  for (const auto& page : all) found += rows(page);
  EXPECT_EQ(found, 1U);
}

}  // namespace
}  // namespace xrayd::local::api
