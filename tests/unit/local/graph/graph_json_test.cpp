#include "local/graph/graph_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "local/graph/statistics_json.hpp"
#include "sample_records.hpp"

namespace xrayd::local {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string services(const GraphSum& graph, GraphTimes times = GraphTimes::bounds) {
  return json_text(
      [&](JsonWriter& writer) { write_services(writer, graph, "000000000000", times); });
}

rapidjson::Document parsed(const std::string& text) {
  rapidjson::Document json;
  json.Parse(text.data(), text.size());
  EXPECT_FALSE(json.HasParseError()) << text;
  return json;
}

TEST(GraphJson, golden_a_shop_with_a_table_and_a_topic) {
  GraphSum graph;
  graph.add(shop_record());
  graph.add(shop_record(3.25));
  EXPECT_EQ(
      services(graph),
      R"([{"ReferenceId":0,"Name":"arn:aws:sns:eu-1:1:sold","Names":["arn:aws:sns:eu-1:1:sold"],)"
      R"("Root":null,"AccountId":"000000000000","Type":"AWS::SNS","State":"unknown",)"
      R"("StartTime":1700000000.0,"EndTime":1700000004.0,"Edges":[],)"
      R"("SummaryStatistics":{"OkCount":0,)"
      R"("ErrorStatistics":{"ThrottleCount":0,"OtherCount":0,"TotalCount":0},)"
      R"("FaultStatistics":{"OtherCount":2,"TotalCount":2},"TotalCount":2,"TotalResponseTime":0.5},)"
      R"("DurationHistogram":[{"Value":0.25,"Count":2}],)"
      R"("ResponseTimeHistogram":[{"Value":0.25,"Count":2}]},)"
      R"({"ReferenceId":1,"Name":"orders","Names":["orders"],"Root":null,)"
      R"("AccountId":"000000000000","Type":"AWS::DynamoDB::Table","State":"unknown",)"
      R"("StartTime":1700000000.0,"EndTime":1700000004.0,"Edges":[],)"
      R"("SummaryStatistics":{"OkCount":2,)"
      R"("ErrorStatistics":{"ThrottleCount":0,"OtherCount":0,"TotalCount":0},)"
      R"("FaultStatistics":{"OtherCount":0,"TotalCount":0},"TotalCount":2,"TotalResponseTime":0.5},)"
      R"("DurationHistogram":[{"Value":0.25,"Count":2}],)"
      R"("ResponseTimeHistogram":[{"Value":0.25,"Count":2}]},)"
      R"({"ReferenceId":2,"Name":"shop","Names":["shop"],"Root":true,)"
      R"("AccountId":"000000000000","Type":"AWS::EC2::Instance","State":"active",)"
      R"("StartTime":1700000000.0,"EndTime":1700000004.0,"Edges":[)"
      R"({"ReferenceId":0,"StartTime":1700000000.0,"EndTime":1700000004.0,)"
      R"("SummaryStatistics":{"OkCount":0,)"
      R"("ErrorStatistics":{"ThrottleCount":0,"OtherCount":0,"TotalCount":0},)"
      R"("FaultStatistics":{"OtherCount":2,"TotalCount":2},"TotalCount":2,"TotalResponseTime":0.5},)"
      R"("ResponseTimeHistogram":[{"Value":0.25,"Count":2}],"Aliases":[],"EdgeType":null,)"
      R"("ReceivedEventAgeHistogram":[]},)"
      R"({"ReferenceId":1,"StartTime":1700000000.0,"EndTime":1700000004.0,)"
      R"("SummaryStatistics":{"OkCount":2,)"
      R"("ErrorStatistics":{"ThrottleCount":0,"OtherCount":0,"TotalCount":0},)"
      R"("FaultStatistics":{"OtherCount":0,"TotalCount":0},"TotalCount":2,"TotalResponseTime":0.5},)"
      R"("ResponseTimeHistogram":[{"Value":0.25,"Count":2}],"Aliases":[],"EdgeType":null,)"
      R"("ReceivedEventAgeHistogram":[]}],)"
      R"("SummaryStatistics":{"OkCount":2,)"
      R"("ErrorStatistics":{"ThrottleCount":0,"OtherCount":0,"TotalCount":0},)"
      R"("FaultStatistics":{"OtherCount":0,"TotalCount":0},"TotalCount":2,"TotalResponseTime":3.0},)"
      R"("DurationHistogram":[{"Value":1.973,"Count":2}],)"
      R"("ResponseTimeHistogram":[{"Value":1.501,"Count":2}]},)"
      R"({"ReferenceId":3,"Name":"shop","Names":["shop"],"Root":null,)"
      R"("AccountId":"000000000000","Type":"client","State":"unknown",)"
      R"("StartTime":1700000000.0,"EndTime":1700000004.0,"Edges":[)"
      R"({"ReferenceId":2,"StartTime":1700000000.0,"EndTime":1700000004.0,)"
      R"("SummaryStatistics":{"OkCount":2,)"
      R"("ErrorStatistics":{"ThrottleCount":0,"OtherCount":0,"TotalCount":0},)"
      R"("FaultStatistics":{"OtherCount":0,"TotalCount":0},"TotalCount":2,"TotalResponseTime":3.0},)"
      R"("ResponseTimeHistogram":[{"Value":1.501,"Count":2}],"Aliases":[],"EdgeType":null,)"
      R"("ReceivedEventAgeHistogram":[]}],)"
      R"("SummaryStatistics":null,"DurationHistogram":[],"ResponseTimeHistogram":[]}])");
}

TEST(GraphJson, an_empty_graph_is_an_empty_list) {
  EXPECT_EQ(services(GraphSum()), "[]");
}

TEST(GraphJson, a_trace_s_graph_has_no_bounds) {
  GraphSum graph;
  graph.add(shop_record());
  const auto text = services(graph, GraphTimes::none);
  EXPECT_THAT(text, HasSubstr(R"("StartTime":null,"EndTime":null)"));
  EXPECT_THAT(text, Not(HasSubstr("1700000")));
}

TEST(GraphJson, a_node_s_own_account_and_a_missing_type) {
  TraceRecord record = shop_record();
  record.nodes[0].type = {};
  record.nodes[0].account = "123456789012";
  GraphSum graph;
  graph.add(record);
  EXPECT_THAT(services(graph),
              HasSubstr(R"("Root":true,"AccountId":"123456789012","Type":null,"State":"active")"));
}

TEST(GraphJson, links_say_so_and_have_ages_of_events) {
  TraceRecord record = shop_record();
  record.calls[1].kind = CallKind::link;
  record.calls[1].event_age = 10;
  GraphSum graph;
  graph.add(record);
  EXPECT_THAT(services(graph),
              HasSubstr(R"("EdgeType":"link","ReceivedEventAgeHistogram":[{"Value":9.86)"));
}

TEST(GraphJson, names_that_callers_used_are_aliases) {
  TraceRecord record = shop_record();
  record.calls[1].alias = "db \"1\"";
  GraphSum graph;
  graph.add(record);
  EXPECT_THAT(services(graph),
              HasSubstr(R"("Aliases":[{"Name":"db \"1\"","Names":["db \"1\""],"Type":"remote"}])"));
}

// What Grafana reads without asking whether it is there.
TEST(GraphJson, nodes_without_statistics_have_edges_and_all_histograms_are_lists) {
  std::mt19937_64 random(5);
  GraphSum graph;
  for (int i = 0; i < 200; ++i) graph.add(random_record(random));
  const auto json = parsed(services(graph));
  ASSERT_TRUE(json.IsArray());
  ASSERT_EQ(json.Size(), graph.nodes().size());
  for (const auto& service : json.GetArray()) {
    EXPECT_TRUE(service["Name"].IsString());
    EXPECT_TRUE(service["ReferenceId"].IsUint());
    EXPECT_TRUE(service["StartTime"].IsNumber());
    EXPECT_TRUE(service["ResponseTimeHistogram"].IsArray());
    EXPECT_TRUE(service["DurationHistogram"].IsArray());
    ASSERT_TRUE(service["Edges"].IsArray());
    EXPECT_TRUE(service["SummaryStatistics"].IsObject() || !service["Edges"].Empty());
    for (const auto& edge : service["Edges"].GetArray()) {
      EXPECT_LT(edge["ReferenceId"].GetUint(), json.Size());
      EXPECT_TRUE(edge["SummaryStatistics"].IsObject());
      EXPECT_TRUE(edge["ResponseTimeHistogram"].IsArray());
      EXPECT_EQ(edge["StartTime"], service["StartTime"]);
    }
  }
}

std::string histogram_json(const Histogram& histogram) {
  return json_text([&](JsonWriter& writer) { HistogramWriter().write(writer, histogram); });
}

TEST(GraphJson, values_are_milliseconds_each_once) {
  Histogram histogram;
  histogram.add(0.000002);
  histogram.add(0.0001);
  histogram.add(0.0009, 2);
  histogram.add(100);
  const auto json = parsed(histogram_json(histogram));
  ASSERT_EQ(json.Size(), 3U);
  EXPECT_EQ(json[0]["Value"].GetDouble(), 0);
  EXPECT_EQ(json[0]["Count"].GetInt(), 2);
  EXPECT_EQ(json[1]["Value"].GetDouble(), 0.001);
  EXPECT_EQ(json[1]["Count"].GetInt(), 2);
  EXPECT_NEAR(json[2]["Value"].GetDouble(), 100, 2);
}

TEST(GraphJson, a_histogram_has_a_hundred_entries_at_most_and_keeps_its_moments) {
  Histogram histogram;
  for (int bucket = 0; bucket < Histogram::bucket_count; ++bucket) {
    histogram.add_bucket(static_cast<Histogram::Bucket>(bucket), bucket % 7 + 1);
    const auto json = parsed(histogram_json(histogram));
    EXPECT_LE(json.Size(), HistogramWriter::max_entries);
    std::int64_t count = 0;
    double sum = 0;
    double last = -1;
    for (const auto& entry : json.GetArray()) {
      EXPECT_GT(entry["Value"].GetDouble(), last);
      last = entry["Value"].GetDouble();
      count += entry["Count"].GetInt64();
      sum += last * static_cast<double>(entry["Count"].GetInt64());
    }
    EXPECT_EQ(count, histogram.total());
    double expected = 0;
    histogram.each([&](Histogram::Bucket at, std::int64_t times) {
      expected += Histogram::value_of(at) * static_cast<double>(times);
    });
    if (expected > 10) {
      EXPECT_NEAR(sum / expected, 1, 0.01);
    }
  }
}

}  // namespace
}  // namespace xrayd::local
