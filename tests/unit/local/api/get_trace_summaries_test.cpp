// GetTraceSummaries: what is asked for, and what is answered about each trace.
#include "questions_fixture.hpp"

namespace xrayd::local::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* all_time = R"("StartTime":1600000000,"EndTime":1800000000.5)";

class GetTraceSummaries : public QuestionsFixture {
 protected:
  [[nodiscard]] std::vector<std::string> found(const std::string& members) {
    return each(ask(get_trace_summaries, "{" + members + "}"), "TraceSummaries", "Id");
  }
  [[nodiscard]] std::string refused(const std::string& members) {
    return refusal(get_trace_summaries, "{" + members + "}");
  }
  [[nodiscard]] static std::string id(std::uint64_t n) { return memory_trace_id(n).to_string(); }
};

TEST_F(GetTraceSummaries, nothing_stored_is_an_empty_page) {
  EXPECT_EQ(ask(get_trace_summaries, R"({"StartTime":1700000000,"EndTime":1700000060})"),
            R"({"TraceSummaries":[],"ApproximateTime":1700000000.0,"TracesProcessedCount":0,)"
            R"("NextToken":null})");
}

TEST_F(GetTraceSummaries, tells_of_a_trace_what_lists_show) {
  const auto trace = memory_trace_id(1);
  traces_.put(segment_document(
      trace, 1, "shop", 0.25, 2.25,
      R"(,"origin":"AWS::EC2::Instance","user":"ann","annotations":{"size":3,"kind":"new","x":true},)"
      R"("http":{"request":{"method":"GET","url":"http://shop/cart","user_agent":"curl",)"
      R"("client_ip":"10.0.0.1"},"response":{"status":200}},)"
      R"("resource_arn":"arn:aws:x")"));
  const auto body = ask(get_trace_summaries, "{" + std::string(all_time) + "}");
  const auto summary = at(body, "TraceSummaries/0");
  EXPECT_EQ(at(summary, "Id"), '"' + id(1) + '"');
  EXPECT_EQ(at(summary, "StartTime"), "1700000000.0");
  EXPECT_EQ(at(summary, "Duration"), "2.0");
  EXPECT_EQ(at(summary, "ResponseTime"), "2.0");
  for (const auto* flag : {"HasFault", "HasError", "HasThrottle", "IsPartial"}) {
    EXPECT_EQ(at(summary, flag), "false") << flag;
  }
  EXPECT_EQ(at(summary, "Http/HttpURL"), R"("http://shop/cart")");
  EXPECT_EQ(at(summary, "Http/HttpStatus"), "200");
  EXPECT_EQ(at(summary, "Http/HttpMethod"), R"("GET")");
  EXPECT_EQ(at(summary, "Annotations/size/0/AnnotationValue/NumberValue"), "3.0");
  EXPECT_EQ(at(summary, "Annotations/kind/0/AnnotationValue/StringValue"), R"("new")");
  EXPECT_EQ(at(summary, "Annotations/x/0/AnnotationValue/BooleanValue"), "true");
  EXPECT_EQ(at(summary, "Users/0/UserName"), R"("ann")");
  EXPECT_EQ(at(summary, "ResourceARNs/0/ARN"), R"("arn:aws:x")");
  EXPECT_EQ(at(summary, "EntryPoint/Name"), R"("shop")");
  EXPECT_EQ(at(summary, "EntryPoint/AccountId"), R"("000000000000")");
  EXPECT_EQ(at(summary, "EntryPoint/Type"), R"("AWS::EC2::Instance")");
  EXPECT_THAT(at(summary, "ServiceIds"), HasSubstr(R"("Type":"client")"));
  EXPECT_EQ(at(summary, "Revision"), "1");
}

TEST_F(GetTraceSummaries, has_what_readers_rely_on_whatever_the_trace) {
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 0, 1));
  traces_.put(segment_document(memory_trace_id(2), 1, "shop", 0, -1));
  traces_.put(segment_document(memory_trace_id(3), 2, "part", 0, 1,
                               R"(,"type":"subsegment","parent_id":"0000000000000001")"));
  const auto body = ask(get_trace_summaries, "{" + std::string(all_time) + "}");
  ASSERT_EQ(each(body, "TraceSummaries", "Id").size(), 3U);
  for (const auto* index : {"0", "1", "2"}) {
    const auto summary = at(body, std::string("TraceSummaries/") + index);
    EXPECT_THAT(at(summary, "Http"), StartsWith("{")) << summary;
    EXPECT_THAT(at(summary, "Annotations"), StartsWith("{")) << summary;
    for (const auto* list :
         {"Users", "ServiceIds", "ResourceARNs", "InstanceIds", "AvailabilityZones"}) {
      EXPECT_THAT(at(summary, list), StartsWith("[")) << list;
    }
    EXPECT_NE(at(summary, "StartTime"), "null");
  }
}

TEST_F(GetTraceSummaries, a_late_document_raises_the_revision) {
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 0, 1));
  traces_.put(segment_document(memory_trace_id(1), 2, "shop", 0, 1));
  EXPECT_EQ(
      at(ask(get_trace_summaries, "{" + std::string(all_time) + "}"), "TraceSummaries/0/Revision"),
      "2");
}

TEST_F(GetTraceSummaries, holds_each_kind_of_range_against_its_time) {
  // Listed at 0, begins at 10, ends at 20.
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 10, 20));
  const auto in = [this](const char* type, const char* from, const char* to) {
    return found(std::string(R"("StartTime":)") + from + R"(,"EndTime":)" + to +
                 R"(,"TimeRangeType":")" + type + '"')
               .size() == 1;
  };
  EXPECT_TRUE(in("TraceId", "1700000000", "1700000001"));
  EXPECT_FALSE(in("TraceId", "1700000001", "1700000030"));
  EXPECT_FALSE(in("TraceId", "1699999990", "1700000000"));
  EXPECT_TRUE(in("Event", "1700000015", "1700000016"));
  EXPECT_FALSE(in("Event", "1700000000", "1700000010"));
  EXPECT_TRUE(in("Service", "1700000020", "1700000021"));
  EXPECT_FALSE(in("Service", "1700000010", "1700000020"));
}

TEST_F(GetTraceSummaries, event_and_service_ranges_say_which_time_matched) {
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 0.25, 1.25));
  const auto matched = [this](const char* type) {
    return at(ask(get_trace_summaries,
                  "{" + std::string(all_time) + R"(,"TimeRangeType":")" + type + "\"}"),
              "TraceSummaries/0/MatchedEventTime");
  };
  EXPECT_EQ(matched("Event"), "1700000000.25");
  EXPECT_EQ(matched("Service"), "1700000001.25");
  EXPECT_EQ(matched("TraceId"), "null");
}

TEST_F(GetTraceSummaries, newest_first) {
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 5, 6));
  traces_.put(segment_document(memory_trace_id(2), 1, "shop", 7, 8));
  traces_.put(segment_document(memory_trace_id(3), 1, "shop", 6, 9));
  EXPECT_THAT(found(all_time), ElementsAre(id(2), id(3), id(1)));
}

TEST_F(GetTraceSummaries, a_filter_picks_and_the_rest_is_counted_as_looked_at) {
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 0, 1, R"(,"fault":true)"));
  traces_.put(segment_document(memory_trace_id(2), 1, "shop", 0, 1));
  const auto body =
      ask(get_trace_summaries, "{" + std::string(all_time) + R"(,"FilterExpression":"fault"})");
  EXPECT_THAT(each(body, "TraceSummaries", "Id"), ElementsAre(id(1)));
  EXPECT_EQ(at(body, "TracesProcessedCount"), "2");
  EXPECT_EQ(found(std::string(all_time) + R"(,"FilterExpression":"")").size(), 2U);
}

TEST_F(GetTraceSummaries, a_filter_may_name_a_group) {
  groups_["slow"] = "duration > 5";
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 0, 6));
  traces_.put(segment_document(memory_trace_id(2), 1, "shop", 0, 1));
  EXPECT_THAT(found(std::string(all_time) + R"(,"FilterExpression":"group.name = \"slow\"")"),
              ElementsAre(id(1)));
  EXPECT_THAT(refused(std::string(all_time) + R"(,"FilterExpression":"group.name = \"none\"")"),
              StartsWith("400 InvalidRequestException: "));
}

TEST_F(GetTraceSummaries, a_wrong_filter_is_refused_with_its_place) {
  EXPECT_THAT(refused(std::string(all_time) + R"(,"FilterExpression":"ok AND AND fault")"),
              StartsWith(R"(400 InvalidRequestException: {"__type":"InvalidRequestException",)"
                         R"("Message":"Error Location: line 1, position )"));
}

TEST_F(GetTraceSummaries, strategies_count_with_sampling_only) {
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 0, 1));
  const std::string none = std::string(all_time) + R"(,"TimeRangeType":"Event","SamplingStrategy":)"
                                                   R"({"Name":"FixedRate","Value":0})";
  EXPECT_EQ(found(none).size(), 1U);
  EXPECT_EQ(found(none + R"(,"Sampling":false)").size(), 1U);
  EXPECT_EQ(found(none + R"(,"Sampling":true)").size(), 0U);
  EXPECT_EQ(found(std::string(all_time) + R"(,"Sampling":true)").size(), 1U);
  EXPECT_EQ(found(std::string(all_time) +
                  R"(,"Sampling":true,"SamplingStrategy":{"Name":"PartialScan","Value":0.1})")
                .size(),
            1U);
}

TEST_F(GetTraceSummaries, a_fixed_rate_takes_the_same_traces_each_time) {
  for (std::uint64_t n = 0; n < 200; ++n) {
    traces_.put(segment_document(memory_trace_id(n), 1, "shop", 0, 1));
  }
  const auto share = [this](const char* value) {
    return found(std::string(all_time) + R"(,"TimeRangeType":"Event","Sampling":true,)" +
                 R"("SamplingStrategy":{"Name":"FixedRate","Value":)" + value + "}");
  };
  EXPECT_EQ(share("0.5"), share("0.5"));
  EXPECT_GT(share("0.5").size(), 50U);
  EXPECT_LT(share("0.5").size(), 150U);
  EXPECT_EQ(share("1").size(), 200U);
  const auto more = share("0.75");
  for (const auto& one : share("0.25")) EXPECT_THAT(more, testing::Contains(one));
}

TEST_F(GetTraceSummaries, wrong_strategies_are_refused_in_the_services_words) {
  const auto strategy = [this](const std::string& more) {
    return refused(std::string(all_time) + R"(,"Sampling":true,"SamplingStrategy":)" + more);
  };
  EXPECT_EQ(strategy(R"({"Name":"FixedRate","Value":0.5})"),
            invalid("Cannot use FixedRate with input time range type TraceId"));
  EXPECT_EQ(strategy(R"({"Name":"FixedRate","Value":0.5},"TimeRangeType":"Service")"),
            invalid("Cannot use FixedRate with input time range type Service"));
  for (const auto* value : {"-0.1", "1.1", "null"}) {
    EXPECT_EQ(strategy(R"({"Name":"FixedRate","Value":)" + std::string(value) +
                       R"(},"TimeRangeType":"Event")"),
              invalid("The value of FixedRate must be between 0 and 1"));
  }
  EXPECT_EQ(strategy(R"({"Name":"Some"})"),
            not_valid("Value 'Some' at 'samplingStrategy.name' failed to satisfy constraint: "
                      "Member must satisfy enum value set: [PartialScan, FixedRate]"));
}

TEST_F(GetTraceSummaries, refuses_what_makes_no_sense) {
  EXPECT_EQ(refused(""),
            not_valid("Value null at 'startTime' failed to satisfy constraint: Member must not be "
                      "null; Value null at 'endTime' failed to satisfy constraint: Member must "
                      "not be null",
                      2));
  EXPECT_EQ(refused(R"("StartTime":2,"EndTime":1)"),
            invalid("End time cannot be earlier than start time"));
  EXPECT_EQ(refused(std::string(all_time) + R"(,"TimeRangeType":"Other")"),
            not_valid("Value 'Other' at 'timeRangeType' failed to satisfy constraint: Member must "
                      "satisfy enum value set: [TraceId, Event, Service]"));
  for (const auto* wrong :
       {R"("StartTime":"2020-01-01T00:00:00Z","EndTime":1)", R"("StartTime":1,"EndTime":[])",
        R"("StartTime":1,"EndTime":2,"Sampling":"true")",
        R"("StartTime":1,"EndTime":2,"SamplingStrategy":[])",
        R"("StartTime":1,"EndTime":2,"FilterExpression":7)",
        R"("StartTime":1,"EndTime":2,"NextToken":7)"}) {
    EXPECT_THAT(refused(wrong), StartsWith("400 SerializationException: ")) << wrong;
  }
}

TEST_F(GetTraceSummaries, times_may_be_as_odd_as_numbers_are) {
  traces_.put(segment_document(memory_trace_id(1), 1, "shop", 0, 1));
  EXPECT_EQ(found(R"("StartTime":-1e300,"EndTime":1e300)").size(), 1U);
  EXPECT_THAT(found(R"("StartTime":1700000000,"EndTime":1700000000)"), IsEmpty());
  EXPECT_THAT(found(R"("StartTime":1e300,"EndTime":1e300)"), IsEmpty());
}

TEST_F(GetTraceSummaries, if_strict_six_hours_and_two_thousand_characters) {
  const std::string long_filter = "ok OR ok" + std::string(1992, ' ');
  const std::string day = R"("StartTime":1700000000,"EndTime":1700021600)";
  const auto filter = [](const std::string& text) {
    return R"(,"FilterExpression":")" + text + '"';
  };
  EXPECT_THAT(found(std::string(all_time) + filter(long_filter + " ")), IsEmpty());
  strict_ = true;
  EXPECT_THAT(found(day + filter(long_filter)), IsEmpty());
  EXPECT_THAT(refused(day + filter(long_filter + " ")),
              HasSubstr("at 'filterExpression' failed to satisfy constraint: Member must have "
                        "length less than or equal to 2000"));
  EXPECT_EQ(refused(R"("StartTime":1700000000,"EndTime":1700021601)"),
            invalid("Time range cannot be longer than 6 hours"));
}

}  // namespace
}  // namespace xrayd::local::api
