// BatchGetTraces.
#include "questions_fixture.hpp"

namespace xrayd::local::api {
namespace {

class BatchGetTraces : public QuestionsFixture {
 protected:
  [[nodiscard]] static std::string ids(std::uint64_t first, std::uint64_t count) {
    std::vector<std::string> texts;
    for (auto n = first; n < first + count; ++n) texts.push_back(memory_trace_id(n).to_string());
    return R"({"TraceIds":)" + json_list(texts) + "}";
  }
};

TEST_F(BatchGetTraces, finds_a_trace_by_both_forms_of_its_id) {
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 0.25, 1.25));
  for (const auto* id :
       {"1-6553f100-000000000000000000000001", "6553F100000000000000000000000001"}) {
    const auto body =
        ask(batch_get_traces, R"({"TraceIds":[")" + std::string(id) + R"("],"Unknown":1})");
    EXPECT_EQ(at(body, "Traces/0/Id"), R"("1-6553f100-000000000000000000000001")");
    EXPECT_EQ(at(body, "Traces/0/Duration"), "1.0");
    EXPECT_EQ(at(body, "Traces/0/LimitExceeded"), "false");
    EXPECT_EQ(at(body, "Traces/0/Segments/0/Id"), R"("0000000000000001")");
    EXPECT_EQ(at(body, "Traces/0/Segments/1"), "(absent)");
    EXPECT_EQ(at(body, "UnprocessedTraceIds"), "[]");
    EXPECT_EQ(at(body, "NextToken"), "null");
  }
}

TEST_F(BatchGetTraces, documents_are_json_with_id_name_and_start_time) {
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 0.25, 1.25));
  const auto body = ask(batch_get_traces, ids(1, 1));
  ParsedJson outer;
  ASSERT_EQ(ParsedJson::parse(at(body, "Traces/0/Segments/0"), 10, outer), JsonFault::none);
  const auto document = text_member(outer.value(), "Document").value_or("");
  EXPECT_EQ(at(document, "id"), R"("0000000000000001")");
  EXPECT_EQ(at(document, "name"), R"("shop")");
  EXPECT_EQ(at(document, "start_time"), "1700000000.25");
}

TEST_F(BatchGetTraces, documents_are_compiled_with_segments_that_calls_infer) {
  const auto id = memory_trace_id(1);
  traces_.put(segment_document(
      id, 1, "shop", 0, 2,
      calling_part(2, "DynamoDB", "aws", 0.5, 1, R"(,"aws":{"table_name":"carts"})")));
  const auto body = ask(batch_get_traces, ids(1, 1));
  EXPECT_EQ(at(body, "Traces/0/Segments/2"), "(absent)");
  const auto inferred = at(body, "Traces/0/Segments/1/Document");
  EXPECT_THAT(inferred, testing::HasSubstr(R"(\"inferred\":true)"));
  EXPECT_THAT(inferred, testing::HasSubstr(R"(\"parent_id\":\"0000000000000002\")"));
}

TEST_F(BatchGetTraces, traces_that_are_not_there_are_absent) {
  EXPECT_EQ(ask(batch_get_traces, ids(9, 1)),
            R"({"Traces":[],"UnprocessedTraceIds":[],"NextToken":null})");
  EXPECT_EQ(ask(batch_get_traces, R"({"TraceIds":[]})"),
            R"({"Traces":[],"UnprocessedTraceIds":[],"NextToken":null})");
}

TEST_F(BatchGetTraces, a_trace_of_orphans_has_no_segments_and_no_duration) {
  const auto id = memory_trace_id(1);
  traces_.put(segment_document(id, 2, "part", 0, -1,
                               R"(,"type":"subsegment","parent_id":"0000000000000001")"));
  EXPECT_EQ(at(ask(batch_get_traces, ids(1, 1)), "Traces"),
            R"([{"Id":"1-6553f100-000000000000000000000001","Duration":null,)"
            R"("LimitExceeded":false,"Segments":[]}])");
}

TEST_F(BatchGetTraces, says_where_documents_of_a_trace_were_left_out) {
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 0, 1));
  traces_.mark_limit_exceeded(memory_trace_id(1));
  EXPECT_EQ(at(ask(batch_get_traces, ids(1, 1)), "Traces/0/LimitExceeded"), "true");
}

TEST_F(BatchGetTraces, a_hundred_traces_at_a_time_and_no_more) {
  for (std::uint64_t n = 0; n < 101; ++n) {
    traces_.put(segment_document(memory_trace_id(n), 1, "shop", 0, 1));
  }
  EXPECT_EQ(each(ask(batch_get_traces, ids(0, 100)), "Traces", "Id").size(), 100U);
  EXPECT_EQ(refusal(batch_get_traces, ids(0, 101)), invalid("Exceeding maximum query size: 100"));
}

TEST_F(BatchGetTraces, if_strict_five_as_the_service) {
  strict_ = true;
  EXPECT_EQ(refusal(batch_get_traces, ids(0, 6)), invalid("Exceeding maximum query size: 5"));
  EXPECT_EQ(at(ask(batch_get_traces, ids(0, 5)), "Traces"), "[]");
}

TEST_F(BatchGetTraces, what_would_make_the_answer_too_large_is_left_for_the_next_call) {
  const std::string large(1'000'000, 'x');
  for (std::uint64_t n = 0; n < 12; ++n) {
    traces_.put(segment_document(memory_trace_id(n), 1, "shop", 0, 1,
                                 R"(,"metadata":{"a":{"b":")" + large + "\"}}"));
  }
  auto request = ids(0, 12);
  std::size_t found = 0;
  for (int calls = 0; found < 12; ++calls) {
    ASSERT_LT(calls, 3);
    const auto body = ask(batch_get_traces, request);
    ASSERT_LT(body.size(), 10U << 20U);
    found += each(body, "Traces", "Id").size();
    request = R"({"TraceIds":)" + at(body, "UnprocessedTraceIds") + "}";
    EXPECT_EQ(at(body, "NextToken"), "null");
  }
  EXPECT_EQ(found, 12U);
  EXPECT_EQ(request, R"({"TraceIds":[]})");
}

TEST_F(BatchGetTraces, refuses_what_makes_no_sense) {
  EXPECT_EQ(refusal(batch_get_traces, R"({"TraceIds":["7"]})"),
            invalid("Invalid trace id 7: incorrect id format"));
  EXPECT_EQ(refusal(batch_get_traces, R"({"TraceIds":["00000000000000000000000000000000"]})"),
            invalid("Invalid trace id 00000000000000000000000000000000: incorrect id format"));
  EXPECT_EQ(refusal(batch_get_traces, R"({"TraceIds":["1-6553f100-000000000000000000000009",)"
                                      R"("6553f100000000000000000000000009"]})"),
            invalid("Containing duplicate trace ids"));
  EXPECT_EQ(refusal(batch_get_traces, R"({"TraceIds":[],"NextToken":"x"})"),
            invalid("NextToken is currently not supported"));
  EXPECT_EQ(refusal(batch_get_traces, "{}"),
            not_valid("Value null at 'traceIds' failed to satisfy constraint: Member must not be "
                      "null"));
  EXPECT_THAT(refusal(batch_get_traces, R"({"TraceIds":[1]})"),
              testing::StartsWith("400 SerializationException: "));
  EXPECT_THAT(refusal(batch_get_traces, R"({"TraceIds":"1-6553f100-000000000000000000000009"})"),
              testing::StartsWith("400 SerializationException: "));
}

}  // namespace
}  // namespace xrayd::local::api
