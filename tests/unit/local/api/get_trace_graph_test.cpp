// GetTraceGraph.
#include "questions_fixture.hpp"

namespace xrayd::local::api {
namespace {

using testing::StartsWith;
using testing::UnorderedElementsAre;

class GetTraceGraph : public QuestionsFixture {
 protected:
  [[nodiscard]] static std::string of(const std::vector<std::string>& ids) {
    return R"({"TraceIds":)" + json_list(ids) + "}";
  }
  [[nodiscard]] static std::string id(std::uint64_t n) { return memory_trace_id(n).to_string(); }
};

TEST_F(GetTraceGraph, has_the_services_of_the_trace_without_times) {
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 0, 2,
                               calling_part(2, "bank.example", "remote", 0, 1)));
  traces_.put(segment_document(memory_trace_id(2), 1, "other", 0, 2));
  const auto body = ask(get_trace_graph, of({id(1)}));
  EXPECT_THAT(each(body, "Services", "Name"), UnorderedElementsAre("shop", "shop", "bank.example"));
  for (int i = 0; i < 3; ++i) {
    const auto one = "Services/" + std::to_string(i);
    EXPECT_EQ(at(body, one + "/StartTime"), "null");
    EXPECT_EQ(at(body, one + "/EndTime"), "null");
  }
  EXPECT_EQ(at(body, "NextToken"), "null");
}

TEST_F(GetTraceGraph, of_several_traces_is_their_sum) {
  for (std::uint64_t n = 1; n <= 3; ++n) {
    traces_.put(segment_document(memory_trace_id(n), 1, "shop", 0, 2));
  }
  const auto body =
      ask(get_trace_graph, of({id(1), id(3), "6553f100000000000000000000000003", id(9)}));
  EXPECT_EQ(at(body, "Services/2"), "(absent)");
  EXPECT_THAT(at(body, "Services"),
              testing::HasSubstr(R"("TotalCount":2,"TotalResponseTime":4.0)"));
}

TEST_F(GetTraceGraph, refuses_in_the_services_words) {
  EXPECT_EQ(refusal(get_trace_graph, of({})), invalid("Zero trace ids provided"));
  EXPECT_EQ(refusal(get_trace_graph, of({id(1)})), invalid("Trace id not found"));
  EXPECT_EQ(refusal(get_trace_graph, of({"7"})), invalid("Invalid traceId. ErrorCode: InvalidId"));
  EXPECT_EQ(refusal(get_trace_graph, "{}"),
            not_valid("Value null at 'traceIds' failed to satisfy constraint: Member must not be "
                      "null"));
  EXPECT_EQ(refusal(get_trace_graph, R"({"TraceIds":[],"NextToken":"x"})"),
            invalid("NextToken is currently not supported"));
  EXPECT_EQ(refusal(get_trace_graph, of(std::vector<std::string>(101, id(1)))),
            invalid("Exceeding maximum query size: 100"));
  EXPECT_THAT(refusal(get_trace_graph, R"({"TraceIds":[7]})"),
              StartsWith("400 SerializationException: "));
}

TEST_F(GetTraceGraph, if_strict_one_trace) {
  strict_ = true;
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 0, 2));
  EXPECT_EQ(refusal(get_trace_graph, of({id(1), id(2)})),
            invalid("Currently only one trace Id is supported"));
  EXPECT_THAT(refusal(get_trace_graph, of({id(1)})), StartsWith("200"));
}

TEST_F(GetTraceGraph, a_trace_of_orphans_has_no_services) {
  traces_.put(segment_document(memory_trace_id(1), 2, "part", 0, 1,
                               R"(,"type":"subsegment","parent_id":"0000000000000001")"));
  EXPECT_EQ(ask(get_trace_graph, of({id(1)})), R"({"Services":[],"NextToken":null})");
}

}  // namespace
}  // namespace xrayd::local::api
