// StartTraceRetrieval, ListRetrievedTraces, GetRetrievedTracesGraph, CancelTraceRetrieval.
#include "questions_fixture.hpp"

namespace xrayd::local::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using testing::UnorderedElementsAre;

const std::string all_time = R"("StartTime":1600000000,"EndTime":1800000000)";

class TraceRetrievalTest : public QuestionsFixture {
 protected:
  [[nodiscard]] static std::string id(std::uint64_t n) { return memory_trace_id(n).to_string(); }
  [[nodiscard]] static std::vector<std::string> ids(std::uint64_t count) {
    std::vector<std::string> texts;
    for (std::uint64_t n = 0; n < count; ++n) texts.push_back(id(n));
    return texts;
  }
  /// `"RetrievalToken":"..."`
  [[nodiscard]] std::string start(const std::vector<std::string>& wanted,
                                  const std::string& times = all_time) {
    const auto body =
        ask(start_trace_retrieval, "{" + times + R"(,"TraceIds":)" + json_list(wanted) + "}");
    return R"("RetrievalToken":)" + at(body, "RetrievalToken");
  }
  [[nodiscard]] std::string list(const std::string& members) {
    return ask(list_retrieved_traces, "{" + members + "}");
  }
};

constexpr const char* no_such_token =
    R"(404 ResourceNotFoundException: {"__type":"ResourceNotFoundException",)"
    R"("Message":"There is no such trace retrieval","ResourceName":"gone"})";

TEST_F(TraceRetrievalTest, is_complete_at_once) {
  traces_.put(segment_document(memory_trace_id(0), 1, "shop", 0, 2));
  const auto body = list(start({id(0)}));
  EXPECT_EQ(at(body, "RetrievalStatus"), R"("COMPLETE")");
  EXPECT_EQ(at(body, "TraceFormat"), R"("XRAY")");
  EXPECT_EQ(at(body, "Traces/0/Id"), '"' + id(0) + '"');
  EXPECT_EQ(at(body, "Traces/0/Duration"), "2.0");
  EXPECT_EQ(at(body, "Traces/0/Spans/0/Id"), R"("0000000000000001")");
  EXPECT_THAT(at(body, "Traces/0/Spans/0/Document"), HasSubstr(R"(\"name\":\"shop\")"));
  EXPECT_EQ(at(body, "NextToken"), "null");
}

TEST_F(TraceRetrievalTest, nothing_wanted_or_found_is_complete_and_empty) {
  EXPECT_EQ(list(start({})),
            R"({"RetrievalStatus":"COMPLETE","TraceFormat":"XRAY","Traces":[],"NextToken":null})");
  EXPECT_EQ(at(list(start({id(7)})), "Traces"), "[]");
}

TEST_F(TraceRetrievalTest, finds_traces_of_the_time_that_was_given) {
  traces_.put(segment_document(memory_trace_id(0), 1, "shop", 10, 20));
  const auto found = [this](const char* times) {
    return each(list(start({id(0)}, times)), "Traces", "Id").size();
  };
  EXPECT_EQ(found(R"("StartTime":1700000015,"EndTime":1700000016)"), 1U);
  EXPECT_EQ(found(R"("StartTime":1700000020,"EndTime":1700000030)"), 1U);
  EXPECT_EQ(found(R"("StartTime":1700000000,"EndTime":1700000010)"), 0U);
  EXPECT_EQ(found(R"("StartTime":1700000021,"EndTime":1700000030)"), 0U);
}

TEST_F(TraceRetrievalTest, five_traces_a_page_in_the_order_asked_for) {
  for (std::uint64_t n = 0; n < 12; ++n) {
    traces_.put(segment_document(memory_trace_id(n), 1, "shop", 0, 2));
  }
  auto wanted = ids(12);
  std::swap(wanted[0], wanted[11]);
  wanted.push_back(wanted[3]);  // twice is once
  const auto all = pages(list_retrieved_traces, start(wanted));
  ASSERT_EQ(all.size(), 3U);
  std::vector<std::string> found;
  for (const auto& page : all) {
    const auto some = each(page, "Traces", "Id");
    EXPECT_LE(some.size(), 5U);
    found.insert(found.end(), some.begin(), some.end());
  }
  wanted.pop_back();
  EXPECT_EQ(found, wanted);
}

TEST_F(TraceRetrievalTest, a_hundred_spans_of_a_trace_a_page_and_every_span_once) {
  for (std::uint64_t n = 1; n <= 250; ++n) {
    traces_.put(segment_document(memory_trace_id(0), n, "shop", 0, 2));
  }
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 0, 2));
  std::set<std::string> spans;
  std::size_t traces = 0;
  for (const auto& page : pages(list_retrieved_traces, start(ids(2)))) {
    for (std::size_t i = 0; i < each(page, "Traces", "Id").size(); ++i) {
      const auto trace = "Traces/" + std::to_string(i);
      const auto some = each(page, trace + "/Spans", "Id");
      EXPECT_LE(some.size(), 100U);
      for (const auto& span : some)
        EXPECT_TRUE(spans.insert(at(page, trace + "/Id") + span).second);
      ++traces;
    }
  }
  EXPECT_EQ(spans.size(), 251U);
  EXPECT_EQ(traces, 4U);
}

TEST_F(TraceRetrievalTest, documents_are_never_longer_than_the_model_has_them) {
  traces_.put(segment_document(memory_trace_id(0), 1, "shop", 0, 2,
                               R"(,"metadata":{"a":{"b":")" + std::string(300'000, 'x') + "\"}}"));
  const auto body = list(start({id(0)}));
  EXPECT_LT(body.size(), 204'800U);
  EXPECT_THAT(at(body, "Traces/0/Spans/0/Document"), HasSubstr(R"(\"name\":\"shop\")"));
}

TEST_F(TraceRetrievalTest, a_trace_that_left_the_store_is_passed_over) {
  for (std::uint64_t n = 0; n < 3; ++n) {
    traces_.put(segment_document(memory_trace_id(n), 1, "shop", 0, 2));
  }
  const auto token = start(ids(3));
  traces_.forget(memory_trace_id(1));
  EXPECT_THAT(each(list(token), "Traces", "Id"), ElementsAre(id(0), id(2)));
}

TEST_F(TraceRetrievalTest, in_opentelemetrys_format_there_are_spans_of_what_was_sent) {
  traces_.put(segment_document(memory_trace_id(0), 1, "shop", 0, 2,
                               calling_part(2, "bank.example", "remote", 0, 1)));
  const auto body = list(start({id(0)}) + R"(,"TraceFormat":"OTEL")");
  EXPECT_EQ(at(body, "TraceFormat"), R"("OTEL")");
  EXPECT_THAT(each(body, "Traces/0/Spans", "Id"),
              UnorderedElementsAre("0000000000000001", "0000000000000002"));
}

TEST_F(TraceRetrievalTest, a_page_token_is_good_for_its_retrieval_and_format) {
  for (std::uint64_t n = 0; n < 6; ++n) {
    traces_.put(segment_document(memory_trace_id(n), 1, "shop", 0, 2));
  }
  const auto first = start(ids(6));
  const auto second = start(ids(6));
  const auto page = R"(,"NextToken":)" + at(list(first), "NextToken");
  EXPECT_EQ(each(list(first + page), "Traces", "Id").size(), 1U);
  const auto wrong = invalid("Invalid NextToken for this query");
  EXPECT_EQ(refusal(list_retrieved_traces, "{" + second + page + "}"), wrong);
  EXPECT_EQ(refusal(list_retrieved_traces, "{" + first + R"(,"TraceFormat":"OTEL")" + page + "}"),
            wrong);
  EXPECT_EQ(refusal(list_retrieved_traces, "{" + first + R"(,"NextToken":""})"), wrong);
  EXPECT_EQ(refusal(get_retrieved_traces_graph, "{" + first + page + "}"), wrong);
}

TEST_F(TraceRetrievalTest, a_cancelled_one_says_so_and_has_nothing) {
  traces_.put(segment_document(memory_trace_id(0), 1, "shop", 0, 2));
  const auto token = start({id(0)});
  EXPECT_EQ(ask(cancel_trace_retrieval, "{" + token + "}"), "{}");
  EXPECT_EQ(list(token), R"({"RetrievalStatus":"CANCELLED","TraceFormat":"XRAY","Traces":[],)"
                         R"("NextToken":null})");
  EXPECT_EQ(ask(get_retrieved_traces_graph, "{" + token + "}"),
            R"({"RetrievalStatus":"CANCELLED","Services":[],"NextToken":null})");
}

TEST_F(TraceRetrievalTest, the_graph_is_that_of_the_traces) {
  traces_.put(segment_document(memory_trace_id(0), 1, "shop", 0, 2,
                               calling_part(2, "bank.example", "remote", 0, 1)));
  traces_.put(segment_document(memory_trace_id(1), 1, "other", 0, 2));
  const auto body = ask(get_retrieved_traces_graph, "{" + start({id(0)}) + "}");
  EXPECT_EQ(at(body, "RetrievalStatus"), R"("COMPLETE")");
  EXPECT_EQ(at(body, "Services/3"), "(absent)");
  for (int i = 0; i < 3; ++i) {
    const auto one = "Services/" + std::to_string(i);
    EXPECT_EQ(at(body, one + "/Service/ReferenceId"), std::to_string(i));
    EXPECT_EQ(at(body, one + "/Links"), "[]");
  }
}

TEST_F(TraceRetrievalTest, the_graph_says_which_traces_a_service_went_on_with) {
  traces_.put(
      segment_document(memory_trace_id(0), 1, "worker", 0, 2,
                       R"(,"links":[{"trace_id":")" + id(8) + R"(","id":"00000000000000aa"}])"));
  const auto body = ask(get_retrieved_traces_graph, "{" + start({id(0)}) + "}");
  EXPECT_THAT(body, HasSubstr(R"("Links":[{"ReferenceType":"parent","SourceTraceId":")" + id(8) +
                              R"(","DestinationTraceIds":[")" + id(0) + R"("]}])"));
}

TEST_F(TraceRetrievalTest, unknown_tokens_are_not_found) {
  for (const auto operation :
       {list_retrieved_traces, get_retrieved_traces_graph, cancel_trace_retrieval}) {
    EXPECT_EQ(refusal(operation, R"({"RetrievalToken":"gone"})"), no_such_token);
    EXPECT_EQ(refusal(operation, "{}"),
              not_valid("Value null at 'retrievalToken' failed to satisfy constraint: Member must "
                        "not be null"));
    EXPECT_THAT(refusal(operation, R"({"RetrievalToken":")" + std::string(1021, 'x') + "\"}"),
                HasSubstr("Member must have length less than or equal to 1020"));
  }
  const auto token = start({});
  now_ += TraceRetrievals::max_age + std::chrono::seconds(1);
  EXPECT_THAT(refusal(list_retrieved_traces, "{" + token + "}"), StartsWith("404 "));
}

TEST_F(TraceRetrievalTest, refuses_what_makes_no_sense) {
  EXPECT_EQ(refusal(start_trace_retrieval, R"({"TraceIds":["7"],)" + all_time + "}"),
            invalid("Invalid trace id 7: incorrect id format"));
  EXPECT_EQ(refusal(start_trace_retrieval,
                    R"({"TraceIds":)" + json_list(ids(101)) + "," + all_time + "}"),
            not_valid("Value at 'traceIds' failed to satisfy constraint: Member must have length "
                      "less than or equal to 100"));
  EXPECT_THAT(refusal(start_trace_retrieval,
                      R"({"TraceIds":)" + json_list(ids(100)) + "," + all_time + "}"),
              StartsWith("200"));
  EXPECT_EQ(refusal(start_trace_retrieval, "{}"),
            not_valid("Value null at 'traceIds' failed to satisfy constraint: Member must not be "
                      "null; Value null at 'startTime' failed to satisfy constraint: Member must "
                      "not be null; Value null at 'endTime' failed to satisfy constraint: Member "
                      "must not be null",
                      3));
  EXPECT_EQ(refusal(start_trace_retrieval, R"({"TraceIds":[],"StartTime":2,"EndTime":1})"),
            invalid("End time cannot be earlier than start time"));
  EXPECT_EQ(refusal(list_retrieved_traces, "{" + start({}) + R"(,"TraceFormat":"JSON"})"),
            not_valid("Value 'JSON' at 'traceFormat' failed to satisfy constraint: Member must "
                      "satisfy enum value set: [XRAY, OTEL]"));
}

}  // namespace
}  // namespace xrayd::local::api
