#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "local/backend.hpp"
#include "temporary_directory.hpp"
#include "test_documents.hpp"

namespace xrayd::local {
namespace {

using testing::HasSubstr;

class ApiTest : public testing::Test {
 protected:
  ApiTest() {
    BackendSettings settings;
    settings.data_dir = directory_.path() / "data";
    backend_ = Backend::open(settings);
  }

  void put(const std::vector<std::string>& documents) {
    ASSERT_EQ(backend_->call("/TraceSegments", put_body(documents)).status, 200);
  }

  void expect_refused(std::string_view path, std::string_view body, std::string_view type,
                      std::string_view message) {
    const auto answer = backend_->call(path, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.error_type, type) << body;
    EXPECT_THAT(answer.body, HasSubstr(std::string(message))) << body;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Backend> backend_;
};

constexpr const char* traces = "/Traces";
constexpr const char* summaries = "/TraceSummaries";
constexpr const char* all_time = R"("StartTime":1600000000,"EndTime":1800000000.5)";

// ---- BatchGetTraces --------------------------------------------------------------------------

TEST_F(ApiTest, a_trace_is_found_by_both_forms_of_its_id) {
  put({segment_text(test_trace_id(1), 1)});
  for (const auto* id :
       {"1-6553f100-000000000000000000000001", "6553F100000000000000000000000001"}) {
    const auto answer =
        backend_->call(traces, R"({"TraceIds":[")" + std::string(id) + R"("],"Unknown":1})");
    ASSERT_EQ(answer.status, 200);
    EXPECT_EQ(
        answer.body,
        R"({"Traces":[{"Id":"1-6553f100-000000000000000000000001","Duration":1.0,)"
        R"("LimitExceeded":false,"Segments":[{"Id":"0000000000000001","Document":)"
        R"("{\"id\":\"0000000000000001\",\"name\":\"shop\",\"start_time\":1700000000.25,)"
        R"(\"end_time\":1700000001.25,\"trace_id\":\"1-6553f100-000000000000000000000001\"}"}]}],)"
        R"("UnprocessedTraceIds":[],"NextToken":null})");
  }
}

TEST_F(ApiTest, traces_that_are_not_there_are_absent_from_the_answer) {
  const auto answer =
      backend_->call(traces, R"({"TraceIds":["1-6553f100-000000000000000000000009"]})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"Traces":[],"UnprocessedTraceIds":[],"NextToken":null})");
}

TEST_F(ApiTest, a_trace_of_orphans_has_no_segments_and_no_duration) {
  put({subsegment_text(test_trace_id(1), 2, 1)});
  const auto answer =
      backend_->call(traces, R"({"TraceIds":["1-6553f100-000000000000000000000001"]})");
  EXPECT_THAT(answer.body, HasSubstr(R"("Duration":null,"LimitExceeded":false,"Segments":[])"));
}

TEST_F(ApiTest, bad_requests_for_traces_are_refused) {
  const std::string invalid = "InvalidRequestException";
  expect_refused(traces, R"({"TraceIds":["7"]})", invalid,
                 "Invalid trace id 7: incorrect id format");
  expect_refused(traces,
                 R"({"TraceIds":["1-6553f100-000000000000000000000009",)"
                 R"("6553f100000000000000000000000009"]})",
                 invalid, "Containing duplicate trace ids");
  expect_refused(traces, R"({"TraceIds":[],"NextToken":"x"})", invalid,
                 "NextToken is currently not supported");
  expect_refused(traces, "{}", "ValidationException", "Value null at 'traceIds'");
  expect_refused(traces, R"({"TraceIds":[1]})", "SerializationException", "TraceIds");
  std::string many = R"({"TraceIds":["x")";
  for (int i = 0; i < 100; ++i) many += ",\"x\"";
  expect_refused(traces, many + "]}", invalid, "Exceeding maximum query size: 100");
}

// ---- GetTraceSummaries -----------------------------------------------------------------------

TEST_F(ApiTest, summaries_of_a_range_are_answered_with_their_envelope) {
  put({segment_text(test_trace_id(1), 1)});
  const auto answer =
      backend_->call(summaries, R"({"StartTime":1700000000,"EndTime":1700000000.5})");
  ASSERT_EQ(answer.status, 200);
  EXPECT_THAT(
      answer.body,
      testing::StartsWith(R"({"TraceSummaries":[{"Id":"1-6553f100-000000000000000000000001",)"));
  EXPECT_THAT(answer.body, testing::EndsWith(R"("Revision":1}],"ApproximateTime":1700000000.0,)"
                                             R"("TracesProcessedCount":1,"NextToken":null})"));
  EXPECT_THAT(backend_->call(summaries, R"({"StartTime":1600000000,"EndTime":1700000000})").body,
              HasSubstr(R"("TraceSummaries":[],)"));
}

TEST_F(ApiTest, a_late_document_raises_the_revision) {
  put({segment_text(test_trace_id(1), 1)});
  put({segment_text(test_trace_id(1), 2, R"(,"parent_id":"0000000000000001")")});
  const auto answer = backend_->call(summaries, "{" + std::string(all_time) + "}");
  EXPECT_THAT(answer.body, HasSubstr(R"("Revision":2)"));
}

TEST_F(ApiTest, event_and_service_ranges_say_which_time_matched) {
  put({segment_text(test_trace_id(1), 1)});
  EXPECT_THAT(
      backend_->call(summaries, "{" + std::string(all_time) + R"(,"TimeRangeType":"Event"})").body,
      HasSubstr(R"("MatchedEventTime":1700000000.25})"));
  EXPECT_THAT(
      backend_->call(summaries, "{" + std::string(all_time) + R"(,"TimeRangeType":"Service"})")
          .body,
      HasSubstr(R"("MatchedEventTime":1700000001.25})"));
}

TEST_F(ApiTest, pages_have_different_tokens_and_every_trace_once) {
  std::vector<std::string> documents;
  for (std::uint64_t n = 0; n < 450; ++n) documents.push_back(segment_text(test_trace_id(n), 1));
  put(documents);
  std::set<std::string> ids;
  std::set<std::string> tokens;
  std::string more;
  int pages = 0;
  for (; pages < 10; ++pages) {
    const auto answer = backend_->call(summaries, "{" + std::string(all_time) + more + "}");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto json = json_of(answer.body);
    const auto& page = *member(json.value(), "TraceSummaries");
    for (const auto& summary : page.GetArray()) {
      EXPECT_TRUE(ids.emplace(*text_member(summary, "Id")).second);
    }
    EXPECT_EQ(number_member(json.value(), "TracesProcessedCount"), page.Size());
    const auto token = text_member(json.value(), "NextToken");
    if (!token) break;
    EXPECT_TRUE(tokens.emplace(*token).second);
    more = R"(,"NextToken":")" + std::string(*token) + '"';
  }
  EXPECT_EQ(ids.size(), 450U);
  EXPECT_EQ(pages, 2);
}

TEST_F(ApiTest, a_token_is_good_for_its_own_query_only) {
  std::vector<std::string> documents;
  for (std::uint64_t n = 0; n < 201; ++n) documents.push_back(segment_text(test_trace_id(n), 1));
  put(documents);
  const auto first = json_of(backend_->call(summaries, "{" + std::string(all_time) + "}").body);
  const std::string token(text_member(first.value(), "NextToken").value());
  expect_refused(summaries,
                 R"({"StartTime":1600000001,"EndTime":1800000000.5,"NextToken":")" + token + "\"}",
                 "InvalidRequestException", "NextToken");
  expect_refused(
      summaries,
      "{" + std::string(all_time) + R"(,"TimeRangeType":"Event","NextToken":")" + token + "\"}",
      "InvalidRequestException", "NextToken");
  for (const auto& bad : std::vector<std::string>{"", "x", "0", token.substr(1), token + "0"}) {
    expect_refused(summaries, "{" + std::string(all_time) + R"(,"NextToken":")" + bad + "\"}",
                   "InvalidRequestException", "NextToken");
  }
}

TEST_F(ApiTest, bad_requests_for_summaries_are_refused) {
  const std::string invalid = "InvalidRequestException";
  const std::string times(all_time);
  expect_refused(summaries, "", "ValidationException", "Value null at 'startTime'");
  expect_refused(summaries, R"({"StartTime":1})", "ValidationException", "Value null at 'endTime'");
  expect_refused(summaries, R"({"StartTime":"2020-01-01T00:00:00Z","EndTime":2})",
                 "SerializationException", "StartTime");
  expect_refused(summaries, R"({"StartTime":2,"EndTime":1})", invalid,
                 "End time cannot be earlier");
  expect_refused(summaries, "{" + times + R"(,"TimeRangeType":"x"})", "ValidationException",
                 "timeRangeType");
  expect_refused(summaries, "{" + times + R"(,"TimeRangeType":1})", "SerializationException",
                 "TimeRangeType");
  expect_refused(summaries, "{" + times + R"(,"FilterExpression":"fault"})", invalid,
                 "filter expressions");
  EXPECT_EQ(
      backend_->call(summaries, "{" + times + R"(,"FilterExpression":"","NextToken":null})").status,
      200);
}

// ---- all of them -----------------------------------------------------------------------------

TEST_F(ApiTest, only_known_paths_are_answered) {
  EXPECT_TRUE(backend_->answers("/TraceSegments"));
  EXPECT_TRUE(backend_->answers(traces));
  EXPECT_TRUE(backend_->answers(summaries));
  EXPECT_FALSE(backend_->answers("/tracesummaries"));
  EXPECT_FALSE(backend_->answers("/"));
  const auto answer = backend_->call("/Nothing", "{}");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.error_type, "UnknownOperationException");
}

TEST_F(ApiTest, pages_go_on_behind_ids_with_zero_halves) {
  std::vector<std::string> documents;
  for (std::uint64_t n = 0; n < 201; ++n) {
    documents.push_back(segment_text(TraceId{std::uint64_t{n + 1} << 32U, 0}, 1));
    documents.push_back(segment_text(TraceId{0, n + 1}, 1));
  }
  put(documents);
  std::size_t found = 0;
  std::string more;
  for (int page = 0; page < 4; ++page) {
    const auto answer = backend_->call(summaries, "{" + std::string(all_time) + more + "}");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto json = json_of(answer.body);
    found += member(json.value(), "TraceSummaries")->Size();
    const auto token = text_member(json.value(), "NextToken");
    if (!token) break;
    more = R"(,"NextToken":")" + std::string(*token) + '"';
  }
  EXPECT_EQ(found, 402U);
}

TEST_F(ApiTest, an_answer_of_traces_stays_below_the_limit_and_names_the_rest) {
  const std::string blob(950000, 'x');
  std::string ids;
  for (std::uint64_t n = 0; n < 12; ++n) {
    put({segment_text(test_trace_id(n), 1, R"(,"metadata":{"a":{"b":")" + blob + "\"}}")});
    ids += (n == 0 ? "\"" : ",\"") + test_trace_id(n).to_string() + "\"";
  }
  const auto answer = backend_->call(traces, R"({"TraceIds":[)" + ids + "]}");
  EXPECT_LT(answer.body.size(), std::size_t{10} << 20U);
  const auto json = json_of(answer.body);
  EXPECT_GT(member(json.value(), "UnprocessedTraceIds")->Size(), 0U);
  EXPECT_EQ(
      member(json.value(), "UnprocessedTraceIds")->Size() + member(json.value(), "Traces")->Size(),
      12U);
}

}  // namespace
}  // namespace xrayd::local
