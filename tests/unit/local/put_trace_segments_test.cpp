#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "local/backend.hpp"
#include "temporary_directory.hpp"
#include "test_documents.hpp"

namespace xrayd::local {
namespace {

using testing::HasSubstr;

class PutTraceSegments : public testing::Test {
 protected:
  PutTraceSegments() {
    BackendSettings settings;
    settings.data_dir = directory_.path() / "data";
    backend_ = Backend::open(settings);
  }

  ApiAnswer put(const std::vector<std::string>& documents) {
    return backend_->call("/TraceSegments", put_body(documents));
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Backend> backend_;
};

TEST_F(PutTraceSegments, what_was_put_is_there_for_the_next_read) {
  for (std::uint64_t n = 0; n < 20; ++n) {
    const auto answer = put({segment_text(test_trace_id(n), 1)});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"UnprocessedTraceSegments":[]})");
    const auto read =
        backend_->call("/Traces", R"({"TraceIds":[")" + test_trace_id(n).to_string() + "\"]}");
    EXPECT_THAT(read.body, HasSubstr(test_trace_id(n).to_string()));
  }
}

TEST_F(PutTraceSegments, bad_documents_are_named_and_the_good_ones_stored) {
  const auto answer = put({"nonsense", R"({"id":"00000000000000aa"})",
                           segment_text(test_trace_id(1), 1), std::string(100000, '[')});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(
      answer.body,
      R"({"UnprocessedTraceSegments":[)"
      R"({"Id":null,"ErrorCode":"ParseError","Message":"Invalid entity. ErrorCode: ParseError"},)"
      R"({"Id":"00000000000000aa","ErrorCode":"MissingName","Message":"Invalid segment. )"
      R"(ErrorCode: MissingName"},{"Id":null,"ErrorCode":"ParseError","Message":"Invalid )"
      R"(segment. ErrorCode: ParseError"}]})");
  EXPECT_EQ(counter(*backend_, "xrayd_documents_received_total"), 4);
  EXPECT_EQ(counter(*backend_, "xrayd_documents_stored_total"), 1);
  EXPECT_EQ(counter(*backend_, R"(xrayd_documents_rejected_total{reason="too_deep"})"), 1);
}

TEST_F(PutTraceSegments, an_empty_or_missing_list_is_refused_in_the_services_words) {
  const auto empty = put({});
  EXPECT_EQ(empty.status, 400);
  EXPECT_EQ(empty.body,
            R"({"__type":"InvalidRequestException","Message":"Segments can not be empty"})");
  const auto missing = backend_->call("/TraceSegments", "");
  EXPECT_EQ(missing.error_type, "ValidationException");
  EXPECT_EQ(
      missing.body,
      R"({"__type":"ValidationException","message":"1 validation error detected: Value null )"
      R"(at 'traceSegmentDocuments' failed to satisfy constraint: Member must not be null"})");
}

// Sixteen megabytes of empty texts would make an answer of half a gigabyte.
TEST_F(PutTraceSegments, more_documents_than_an_answer_could_name_are_refused) {
  const auto answer = put(std::vector<std::string>(100'001));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"__type":"InvalidRequestException","Message":"Too many segments: at )"
                         R"(most 100000"})");
  EXPECT_EQ(counter(*backend_, "xrayd_documents_received_total"), 0);
}

TEST_F(PutTraceSegments, lists_of_other_things_are_refused) {
  for (const auto* body : {R"({"TraceSegmentDocuments":"x"})", R"({"TraceSegmentDocuments":[{}]})",
                           R"({"TraceSegmentDocuments":[null]})", "[]", "7", "{", "\xFF"}) {
    const auto answer = backend_->call("/TraceSegments", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.error_type, "SerializationException") << body;
  }
}

TEST_F(PutTraceSegments, a_body_of_a_hundred_thousand_levels_is_refused) {
  EXPECT_EQ(backend_->call("/TraceSegments", std::string(100000, '[')).error_type,
            "SerializationException");
}

TEST_F(PutTraceSegments, several_may_put_at_once) {
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (std::uint64_t n = 0; n < 25; ++n) {
        EXPECT_EQ(put({segment_text(test_trace_id(t * 100 + n), 1)}).status, 200);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(counter(*backend_, "xrayd_store_traces"), 100);
}

TEST_F(PutTraceSegments, after_the_drain_nothing_is_taken) {
  backend_->drain(std::chrono::seconds(1));
  EXPECT_EQ(put({segment_text(test_trace_id(1), 1)}).error_type, "InternalFailure");
}

TEST_F(PutTraceSegments, a_large_request_is_worked_off_in_parts) {
  const std::string blob(900000, 'x');
  std::vector<std::string> documents{segment_text(test_trace_id(1), 1), "nonsense"};
  for (std::uint64_t n = 2; n < 8; ++n) {
    documents.push_back(
        segment_text(test_trace_id(n), 1, R"(,"metadata":{"a":{"b":")" + blob + "\"}}"));
  }
  documents.push_back(R"({"id":"00000000000000aa"})");
  documents.push_back(segment_text(test_trace_id(1), 2));
  const auto answer = put(documents);
  EXPECT_EQ(answer.status, 200);
  const auto json = json_of(answer.body);
  const auto& unprocessed = *member(json.value(), "UnprocessedTraceSegments");
  ASSERT_EQ(unprocessed.Size(), 2U);
  EXPECT_EQ(text_member(unprocessed[0], "ErrorCode"), "ParseError");
  EXPECT_EQ(text_member(unprocessed[1], "ErrorCode"), "MissingName");
  EXPECT_EQ(counter(*backend_, "xrayd_documents_stored_total"), 8);
  // One transaction would have made it the first revision.
  EXPECT_THAT(
      backend_->call("/TraceSummaries", R"({"StartTime":1600000000,"EndTime":1800000000})").body,
      HasSubstr("\"Revision\":2"));
}

TEST_F(PutTraceSegments, what_is_refused_after_the_drain_is_counted) {
  backend_->drain(std::chrono::seconds(1));
  put({segment_text(test_trace_id(1), 1), segment_text(test_trace_id(2), 1)});
  EXPECT_EQ(counter(*backend_, "xrayd_documents_received_total"), 2);
  EXPECT_EQ(counter(*backend_, R"(xrayd_documents_dropped_total{reason="stopped"})"), 2);
}

}  // namespace
}  // namespace xrayd::local
