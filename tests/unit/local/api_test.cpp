#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
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

// ---- GetTraceSummaries -----------------------------------------------------------------------

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
  for (std::uint64_t n = 0; n < 301; ++n) {
    documents.push_back(segment_text(TraceId{std::uint64_t{n + 1} << 32U, 0}, 1));
    documents.push_back(segment_text(TraceId{0, n + 1}, 1));
  }
  put(documents);
  std::size_t found = 0;
  std::string more;
  // A page also ends by the time it takes, but never empty.
  for (int page = 0; page < 603; ++page) {
    const auto answer = backend_->call(summaries, "{" + std::string(all_time) + more + "}");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto json = json_of(answer.body);
    found += member(json.value(), "TraceSummaries")->Size();
    const auto token = text_member(json.value(), "NextToken");
    if (!token) break;
    more = R"(,"NextToken":")" + std::string(*token) + '"';
  }
  EXPECT_EQ(found, 602U);
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

TEST_F(ApiTest, the_console_is_answered_too) {
  put({segment_text(test_trace_id(1), 1)});
  const ConsoleParameters parameters{{"start", "1600000000"}, {"end", "1800000000"}};
  const auto facets = backend_->ask(ConsoleQuestion::facets, parameters);
  EXPECT_EQ(facets.status, 200);
  EXPECT_THAT(facets.body, HasSubstr(R"("Matched":1)"));
  EXPECT_EQ(backend_->ask(ConsoleQuestion::tail, {}).status, 200);
  const auto refused = backend_->ask(ConsoleQuestion::facets, {{"start", "x"}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.error_type, "InvalidRequestException");
}

}  // namespace
}  // namespace xrayd::local
