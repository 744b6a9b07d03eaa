#include "local/trace_summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test_documents.hpp"

namespace xrayd::local {
namespace {

using testing::HasSubstr;

const TraceId trace = test_trace_id(7);

TEST(TraceSummary, golden_two_services) {
  const auto compiled = compile(
      {segment_text(
           trace, 1,
           R"(,"origin":"AWS::EC2::Instance","fault":true,"user":"ann",)"
           R"("http":{"request":{"method":"GET","url":"http://shop/","client_ip":"1.2.3.4",)"
           R"("user_agent":"curl"},"response":{"status":500}},)"
           R"("aws":{"ec2":{"instance_id":"i-1","availability_zone":"eu-1a"}},)"
           R"("resource_arn":"arn:x","annotations":{"n":1,"s":"1","b":true},)"
           R"("subsegments":[{"name":"call","id":"0000000000000002","start_time":1700000000.5,)"
           R"("end_time":1700000001,"namespace":"remote","annotations":{"n":1.0,"m.x":-2.5}}])"),
       R"({"name":"stock","id":"0000000000000003","parent_id":"0000000000000002","trace_id":")" +
           trace.to_string() +
           R"(","start_time":1700000000.75,"end_time":1700000002,"error":true,"user":"bob"})"},
      4);
  EXPECT_EQ(
      compiled.summary,
      R"({"Id":"1-6553f100-000000000000000000000007","StartTime":1700000000.0,"Duration":1.75,)"
      R"("ResponseTime":1.0,"HasFault":true,"HasError":false,"HasThrottle":false,"IsPartial":false,)"
      R"("Http":{"HttpURL":"http://shop/","HttpMethod":"GET","UserAgent":"curl",)"
      R"("ClientIp":"1.2.3.4","HttpStatus":500},)"
      R"("Annotations":{"b":[{"AnnotationValue":{"BooleanValue":true},"ServiceIds":null}],)"
      R"("m.x":[{"AnnotationValue":{"NumberValue":-2.5},"ServiceIds":null}],)"
      R"("n":[{"AnnotationValue":{"NumberValue":1.0},"ServiceIds":null}],)"
      R"("s":[{"AnnotationValue":{"StringValue":"1"},"ServiceIds":null}]},)"
      R"("Users":[{"UserName":"ann","ServiceIds":null},{"UserName":"bob","ServiceIds":null}],)"
      R"("ServiceIds":[{"Name":"shop","Names":["shop"],"AccountId":null,"Type":"AWS::EC2::Instance"},)"
      R"({"Name":"shop","Names":["shop"],"AccountId":null,"Type":"client"},)"
      R"({"Name":"stock","Names":["stock"],"AccountId":null,"Type":null}],)"
      R"("ResourceARNs":[{"ARN":"arn:x"}],"InstanceIds":[{"Id":"i-1"}],)"
      R"("AvailabilityZones":[{"Name":"eu-1a"}],)"
      R"("EntryPoint":{"Name":"shop","Names":["shop"],"AccountId":null,"Type":"AWS::EC2::Instance"},)"
      R"("FaultRootCauses":[],"ErrorRootCauses":[],"ResponseTimeRootCauses":[],"Revision":4})");
}

TEST(TraceSummary, http_is_there_even_if_the_root_has_none) {
  EXPECT_THAT(compile({segment_text(trace, 1)}).summary, HasSubstr(R"("Http":{})"));
  EXPECT_THAT(compile({segment_text(trace, 1, R"(,"http":{"response":{"status":"x"}})")}).summary,
              HasSubstr(R"("Http":{})"));
}

TEST(TraceSummary, a_throttled_root_is_throttled_and_no_error) {
  const auto summary =
      compile({segment_text(trace, 1, R"(,"error":true,"throttle":true)")}).summary;
  EXPECT_THAT(summary, HasSubstr(R"("HasFault":false,"HasError":false,"HasThrottle":true)"));
}

TEST(TraceSummary, flags_of_others_than_the_root_do_not_count) {
  const auto summary =
      compile({segment_text(trace, 1),
               segment_text(trace, 2, R"(,"parent_id":"0000000000000001","fault":true)"),
               subsegment_text(trace, 3, 1, R"(,"error":true)")})
          .summary;
  EXPECT_THAT(summary, HasSubstr(R"("HasFault":false,"HasError":false,"HasThrottle":false)"));
}

TEST(TraceSummary, times_are_unknown_while_the_root_is_in_progress) {
  const auto summary =
      compile({R"({"name":"a","id":"0000000000000001","trace_id":")" + trace.to_string() +
                   R"(","start_time":1700000000.9,"in_progress":true})",
               segment_text(trace, 2, R"(,"parent_id":"0000000000000001")")})
          .summary;
  EXPECT_THAT(summary, HasSubstr(R"("Duration":null,"ResponseTime":null)"));
  EXPECT_THAT(summary, HasSubstr(R"("IsPartial":true)"));
}

TEST(TraceSummary, the_root_is_the_segment_that_nobody_called) {
  // The callee's clock is behind: it seems to begin first.
  const auto summary =
      compile(
          {R"({"name":"callee","id":"0000000000000002","trace_id":")" + trace.to_string() +
               R"(","parent_id":"0000000000000003","start_time":1600000000,"end_time":1700000001})",
           segment_text(trace, 1), subsegment_text(trace, 3, 1)})
          .summary;
  EXPECT_THAT(summary, HasSubstr(R"("EntryPoint":{"Name":"shop")"));
}

TEST(TraceSummary, where_the_first_caller_sent_nothing_its_callee_is_the_root) {
  const auto summary =
      compile({segment_text(trace, 1, R"(,"parent_id":"00000000000000ff","fault":true)"),
               segment_text(trace, 2, R"(,"parent_id":"0000000000000001")")})
          .summary;
  EXPECT_THAT(summary, HasSubstr(R"("HasFault":true)"));
}

TEST(TraceSummary, fifty_annotations_are_listed_and_bad_ones_are_not) {
  std::string many = R"(,"annotations":{"bad key":1,"":2,"object":{},"null":null)";
  for (int i = 0; i < 60; ++i) many += ",\"k" + std::to_string(i) + "\":" + std::to_string(i);
  const auto json = json_of(compile({segment_text(trace, 1, many + "}")}).summary);
  const auto& annotations = *member(json.value(), "Annotations");
  EXPECT_EQ(annotations.MemberCount(), max_listed_annotations);
  EXPECT_EQ(member(annotations, "bad key"), nullptr);
  EXPECT_EQ(member(annotations, "object"), nullptr);
}

TEST(TraceSummary, an_id_without_a_time_in_it_is_listed_at_the_start) {
  const auto w3c = parse_trace_id("ffffffff000000000000000000000001").value();
  EXPECT_EQ(compile({segment_text(w3c, 1)}).listed_at(), 1700000000.25);
}

TEST(TraceSummary, texts_are_cut_and_lists_are_short_whatever_the_documents_say) {
  const std::string endless(20000, 'x');
  std::vector<std::string> texts;
  for (EntityId id = 1; id <= 150; ++id) {
    const auto own = std::to_string(id) + endless;
    texts.push_back(segment_text(
        trace, id,
        R"(,"origin":")" + own + R"(","user":")" + own + R"(","resource_arn":")" + own +
            R"(","aws":{"ec2":{"instance_id":")" + own + R"(","availability_zone":")" + own +
            R"("}},"http":{"request":{"method":")" + own + R"(","url":")" + own +
            R"(","client_ip":")" + own + R"(","user_agent":")" + own + R"("}})"));
  }
  const auto summary = compile(texts).summary;
  EXPECT_LT(summary.size(), 300000U);
  const auto json = json_of(summary);
  for (const auto* list :
       {"Users", "ServiceIds", "ResourceARNs", "InstanceIds", "AvailabilityZones"}) {
    EXPECT_EQ(member(json.value(), list)->Size(), max_listed_items) << list;
  }
  const auto& http = *member(json.value(), "Http");
  EXPECT_EQ(text_member(http, "HttpURL")->size(), 1000U);
  EXPECT_EQ(text_member(http, "UserAgent")->size(), 1000U);
  EXPECT_EQ(text_member(http, "ClientIp")->size(), 250U);
  EXPECT_EQ(text_member(http, "HttpMethod")->size(), 250U);
}

}  // namespace
}  // namespace xrayd::local
