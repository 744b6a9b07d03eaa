#include "local/graph/time_series.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sample_records.hpp"

namespace xrayd::local {
namespace {

constexpr std::int64_t first_minute = 28'333'335;  // the first one of five

std::string series(const std::vector<GraphOfMinute>& minutes, std::int64_t period,
                   const std::optional<EntitySelector>& selector = std::nullopt) {
  return json_text([&](JsonWriter& writer) {
    write_time_series(writer, minutes, period, selector, "000000000000");
  });
}

std::vector<std::pair<double, int>> rows(const std::string& text, const char* statistics) {
  rapidjson::Document json;
  json.Parse(text.data(), text.size());
  std::vector<std::pair<double, int>> result;
  for (const auto& row : json.GetArray()) {
    result.emplace_back(row["Timestamp"].GetDouble(), row[statistics]["TotalCount"].GetInt());
  }
  return result;
}

EntitySelector service_named(std::string name) {
  EntitySelector selector;
  selector.source.name = std::move(name);
  return selector;
}

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class TimeSeries : public testing::Test {
 protected:
  TimeSeries() {
    one_.add(shop_record());
    two_.add(shop_record());
    two_.add(shop_record());
  }
  GraphSum one_;
  GraphSum two_;
};

TEST_F(TimeSeries, golden_without_a_selector_clients_edges_newest_first) {
  EXPECT_EQ(series({{first_minute, &one_}, {first_minute + 2, &two_}}, 60),
            R"([{"Timestamp":1700000280.0,"EdgeSummaryStatistics":{"OkCount":2,)"
            R"("ErrorStatistics":{"ThrottleCount":0,"OtherCount":0,"TotalCount":0},)"
            R"("FaultStatistics":{"OtherCount":0,"TotalCount":0},)"
            R"("TotalCount":2,"TotalResponseTime":3.0},"ServiceSummaryStatistics":null,)"
            R"("ServiceForecastStatistics":null,)"
            R"("ResponseTimeHistogram":[{"Value":1.501,"Count":2}]},)"
            R"({"Timestamp":1700000160.0,"EdgeSummaryStatistics":{"OkCount":1,)"
            R"("ErrorStatistics":{"ThrottleCount":0,"OtherCount":0,"TotalCount":0},)"
            R"("FaultStatistics":{"OtherCount":0,"TotalCount":0},)"
            R"("TotalCount":1,"TotalResponseTime":1.5},"ServiceSummaryStatistics":null,)"
            R"("ServiceForecastStatistics":null,)"
            R"("ResponseTimeHistogram":[{"Value":1.501,"Count":1}]}])");
}

TEST_F(TimeSeries, minutes_of_one_period_are_one_row_stamped_with_its_end) {
  const std::vector<GraphOfMinute> minutes = {{first_minute, &one_},
                                              {first_minute + 4, &one_},
                                              {first_minute + 5, &two_},
                                              {first_minute + 9, &two_}};
  EXPECT_THAT(rows(series(minutes, 300), "EdgeSummaryStatistics"),
              ElementsAre(Pair((first_minute + 10) * 60, 4), Pair((first_minute + 5) * 60, 2)));
}

TEST_F(TimeSeries, a_selected_service_has_its_own_figures) {
  EXPECT_THAT(rows(series({{first_minute, &two_}}, 60, service_named("orders")),
                   "ServiceSummaryStatistics"),
              ElementsAre(Pair((first_minute + 1) * 60, 2)));
}

TEST_F(TimeSeries, an_account_in_the_selector_is_the_store_s_where_a_node_has_none) {
  EntitySelector selector = service_named("orders");
  selector.source.account = "000000000000";
  EXPECT_THAT(rows(series({{first_minute, &two_}}, 60, selector), "ServiceSummaryStatistics"),
              ElementsAre(Pair((first_minute + 1) * 60, 2)));
  selector.source.account = "111111111111";
  EXPECT_EQ(series({{first_minute, &two_}}, 60, selector), "[]");
}

TEST_F(TimeSeries, a_selected_edge_has_its_caller_s_figures) {
  EntitySelector selector;
  selector.is_edge = true;
  selector.source.name = "shop";
  selector.target.type = "AWS::SNS";
  const auto text = series({{first_minute, &two_}}, 60, selector);
  EXPECT_THAT(rows(text, "EdgeSummaryStatistics"), ElementsAre(Pair((first_minute + 1) * 60, 2)));
  EXPECT_THAT(text, testing::HasSubstr(R"("FaultStatistics":{"OtherCount":2,"TotalCount":2})"));
}

TEST_F(TimeSeries, what_selects_nothing_has_no_rows) {
  EXPECT_EQ(series({{first_minute, &one_}}, 60, service_named("nobody")), "[]");
  EXPECT_EQ(series({}, 60), "[]");
}

TEST_F(TimeSeries, periods_below_a_minute_are_a_minute) {
  for (const std::int64_t period : {-60, 0, 1, 59, 60}) {
    EXPECT_THAT(rows(series({{first_minute, &one_}}, period), "EdgeSummaryStatistics"),
                ElementsAre(Pair((first_minute + 1) * 60, 1)));
  }
}

}  // namespace
}  // namespace xrayd::local
