// Requests that no client would send, to each of the operations: they are answered or refused as
// the caller's fault, never as ours, in JSON and in few words.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "local/api/routes.hpp"
#include "local/backend.hpp"
#include "temporary_directory.hpp"
#include "test_documents.hpp"

namespace xrayd::local {
namespace {

constexpr std::size_t short_answer = 32'000;

/// Every member that some operation reads.
constexpr std::array members = {"TraceSegmentDocuments",
                                "TelemetryRecords",
                                "TraceIds",
                                "StartTime",
                                "EndTime",
                                "TimeRangeType",
                                "Sampling",
                                "SamplingStrategy",
                                "FilterExpression",
                                "NextToken",
                                "GroupName",
                                "GroupARN",
                                "EntitySelectorExpression",
                                "Period",
                                "ForecastStatistics",
                                "RetrievalToken",
                                "TraceFormat",
                                "SamplingStatisticsDocuments",
                                "SamplingBoostStatisticsDocuments",
                                "SamplingRule",
                                "SamplingRuleUpdate",
                                "RuleName",
                                "RuleARN",
                                "InsightsConfiguration",
                                "Tags",
                                "TagKeys",
                                "ResourceARN",
                                "PolicyName",
                                "PolicyDocument",
                                "PolicyRevisionId",
                                "KeyId",
                                "Type",
                                "Name",
                                "Rule",
                                "Destination",
                                "InsightId",
                                "States",
                                "MaxResults",
                                "Hostname"};

std::vector<std::string> values() {
  std::vector<std::string> list = {
      "null", "0", "-1", "1e308", "-1e308", "5e-324", "18446744073709551615",
      "10000000000000000000000000000000000000000", "true", R"("")", R"("x")", R"("\u0000")",
      R"("\ud800")", R"("1-6553f100-000000000000000000000001")", R"(["x"])", R"(["\u0000",""])",
      "[null]", "[{}]", "[[]]", "{}", R"({"Name":{},"Value":[],"Key":7})",
      R"({"Probabilistic":{"DesiredSamplingPercentage":1e300}})",
      // A token's form, of no query of ours.
      '"' + std::string(32, 'f') + '"', '"' + std::string(80, '0') + '"'};
  list.push_back('"' + std::string(20'000, 'x') + '"');
  list.push_back('[' + std::string(50, '[') + std::string(50, ']') + ']');
  std::string many = "[1";
  for (int i = 0; i < 1000; ++i) many += ",{}";
  list.push_back(many + "]");
  return list;
}

class HostileRequests : public testing::Test {
 protected:
  void open(bool strict) {
    BackendSettings settings;
    settings.data_dir = directory_.path() / (strict ? "strict" : "data");
    settings.strict = strict;
    backend_ = Backend::open(settings);
    backend_->call("/TraceSegments", put_body({segment_text(test_trace_id(1), 1)}));
  }

  void send(std::string_view path, const std::string& body) {
    const auto answer = backend_->call(path, body);
    const auto told = std::string(path) + " " + body.substr(0, 200);
    EXPECT_TRUE(answer.status == 200 || answer.status == 400 ||
                (answer.status == 404 && answer.error_type == "ResourceNotFoundException"))
        << told << ": " << answer.status << " " << answer.body;
    EXPECT_LT(answer.body.size(), short_answer) << told;
    ParsedJson json;
    ASSERT_EQ(ParsedJson::parse(answer.body, 50, json), JsonFault::none) << told;
    EXPECT_TRUE(json.value().IsObject()) << told;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Backend> backend_;
};

TEST_F(HostileRequests, any_value_of_any_member_is_answered_or_the_callers_fault) {
  const auto all = values();
  open(false);
  for (const auto& route : api::routes()) {
    for (const auto* name : members) {
      for (const auto& value : all)
        send(route.path, "{\"" + std::string(name) + "\":" + value + "}");
    }
  }
}

TEST_F(HostileRequests, any_value_beside_good_times_is_answered_or_the_callers_fault) {
  open(true);
  const auto all = values();
  for (const auto* path : {"/TraceSummaries", "/ServiceGraph", "/TimeSeriesServiceStatistics",
                           "/StartTraceRetrieval", "/InsightSummaries"}) {
    for (const auto* name : members) {
      for (const auto& value : all) {
        send(path, R"({"StartTime":1699999980,"EndTime":1700000100,")" + std::string(name) +
                       "\":" + value + "}");
      }
    }
  }
}

TEST_F(HostileRequests, bodies_that_are_no_objects_are_the_callers_fault) {
  open(false);
  const std::vector<std::string> bodies = {
      "null",
      "[]",
      "1",
      R"("x")",
      R"({"a":)",
      R"({"a":1}x)",
      "\xEF\xBB\xBF{}",
      "{\"a\":\"\xFF\"}",
      std::string("{}\0", 3),
      std::string(50'000, '['),
      "{\"a\":" + std::string(150, '[') + std::string(150, ']') + "}"};
  for (const auto& route : api::routes()) {
    for (const auto& body : bodies) {
      const auto answer = backend_->call(route.path, body);
      EXPECT_EQ(answer.status, 400) << route.path << " " << body.substr(0, 100);
      EXPECT_EQ(answer.error_type, "SerializationException") << route.path;
    }
  }
}

}  // namespace
}  // namespace xrayd::local
