#include "local/trace/summary_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "local/json/json.hpp"

namespace xrayd::local {
namespace {

using testing::HasSubstr;

constexpr std::string_view account = "123456789012";

TraceRecord new_record() {
  TraceRecord record;
  record.id = TraceId(std::uint64_t{1700000000} << 32U, 7);
  record.revision = 4;
  record.start = 1700000000.25;
  record.end = 1700000002;
  record.nodes = {{"shop", "AWS::EC2::Instance", "", NodeState::active, true}};
  record.segments.resize(1);
  record.segments[0].node = 0;
  record.segments[0].start = 1700000000.25;
  record.root_segment = 0;
  return record;
}

std::string json_of(const TraceRecord& record,
                    std::optional<double> matched_event_time = std::nullopt) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  write_trace_summary(writer, record, account, matched_event_time);
  return {buffer.GetString(), buffer.GetSize()};
}

ParsedJson parsed(const std::string& text) {
  ParsedJson json;
  EXPECT_EQ(ParsedJson::parse(text, 100, json), JsonFault::none) << text;
  return json;
}

TEST(SummaryJson, golden_two_services) {
  TraceRecord record = new_record();
  record.duration = 1.7500000001;
  record.response_time = 1.0000002;
  record.outcome.fault = true;
  record.nodes.push_back({"stock", "", "999999999999", NodeState::active, false});
  record.nodes.push_back({"shop", "client", "", NodeState::unknown, false});
  record.segments.resize(2);
  record.segments[1].node = 1;
  record.segments[0].http = {"GET", "http://shop/", "curl", "1.2.3.4", 500};
  record.segments[1].http = {"PUT", "http://stock/", "", "", 200};
  record.segments[0].user = "bob";
  record.segments[1].user = "ann";
  record.segments[0].resource_arn = record.segments[1].resource_arn = "arn:x";
  record.segments[0].instance_id = "i-1";
  record.segments[1].availability_zone = "eu-1a";
  record.annotations = {{"n", 1.0, 0}, {"s", "1", 0}, {"n", "1", 0}, {"b", true, 1}, {"n", 1.0, 1}};
  RootCauseEntity shop{"shop", {}, 1.0, false};
  RootCauseEntity call{"call", {{"E", "m"}, {"", ""}}, 0.75, true};
  record.fault_causes = {{{{0, false, {shop, call}}, {1, true, {{"stock", {}, 0, true}}}}, true}};
  record.error_causes = {{{{1, false, {}}}, false}};
  record.response_time_causes = {{{{0, false, {shop, call}}}, true}};
  const std::string shop_service =
      R"("Name":"shop","Names":["shop"],"Type":"AWS::EC2::Instance","AccountId":"123456789012",)";
  const std::string stock_service =
      R"("Name":"stock","Names":["stock"],"Type":null,"AccountId":"999999999999",)";
  EXPECT_EQ(
      json_of(record, 1700000001.5),
      R"({"Id":"1-6553f100-000000000000000000000007","StartTime":1700000000.0,"Duration":1.75,)"
      R"("ResponseTime":1.0,"HasFault":true,"HasError":false,"HasThrottle":false,"IsPartial":false,)"
      R"("Http":{"HttpURL":"http://shop/","HttpStatus":500,"HttpMethod":"GET","UserAgent":"curl",)"
      R"("ClientIp":"1.2.3.4"},)"
      R"("Annotations":{"b":[{"AnnotationValue":{"BooleanValue":true},"ServiceIds":null}],)"
      R"("n":[{"AnnotationValue":{"NumberValue":1.0},"ServiceIds":null},)"
      R"({"AnnotationValue":{"StringValue":"1"},"ServiceIds":null}],)"
      R"("s":[{"AnnotationValue":{"StringValue":"1"},"ServiceIds":null}]},)"
      R"("Users":[{"UserName":"ann","ServiceIds":null},{"UserName":"bob","ServiceIds":null}],)"
      R"("ServiceIds":[{"Name":"shop","Names":["shop"],"AccountId":"123456789012",)"
      R"("Type":"AWS::EC2::Instance"},)"
      R"({"Name":"shop","Names":["shop"],"AccountId":"123456789012","Type":"client"},)"
      R"({"Name":"stock","Names":["stock"],"AccountId":"999999999999","Type":null}],)"
      R"("ResourceARNs":[{"ARN":"arn:x"}],"InstanceIds":[{"Id":"i-1"}],)"
      R"("AvailabilityZones":[{"Name":"eu-1a"}],)"
      R"("EntryPoint":{"Name":"shop","Names":["shop"],"AccountId":"123456789012",)"
      R"("Type":"AWS::EC2::Instance"},)"
      R"("FaultRootCauses":[{"Services":[{)" +
          shop_service +
          R"("EntityPath":[{"Name":"shop","Exceptions":[],"Remote":false},)"
          R"({"Name":"call","Exceptions":[{"Name":"E","Message":"m"},{"Name":"","Message":""}],)"
          R"("Remote":true}],"Inferred":false},{)" +
          stock_service +
          R"("EntityPath":[{"Name":"stock","Exceptions":[],"Remote":true}],"Inferred":true}],)"
          R"("ClientImpacting":true}],)"
          R"("ErrorRootCauses":[{"Services":[{)" +
          stock_service +
          R"("EntityPath":[],"Inferred":false}],"ClientImpacting":false}],)"
          R"("ResponseTimeRootCauses":[{"Services":[{)" +
          shop_service +
          R"("EntityPath":[{"Name":"shop","Coverage":1.0,"Remote":false},)"
          R"({"Name":"call","Coverage":0.75,"Remote":true}],"Inferred":false}],)"
          R"("ClientImpacting":true}],"Revision":4,"MatchedEventTime":1700000001.5})");
}

TEST(SummaryJson, golden_a_trace_of_orphans_has_every_member) {
  TraceRecord record;
  record.id = TraceId(std::uint64_t{1700000000} << 32U, 7);
  record.start = record.end = 1700000000.75;
  record.partial = true;
  EXPECT_EQ(
      json_of(record),
      R"({"Id":"1-6553f100-000000000000000000000007","StartTime":1700000000.0,"Duration":null,)"
      R"("ResponseTime":null,"HasFault":false,"HasError":false,"HasThrottle":false,)"
      R"("IsPartial":true,"Http":{},"Annotations":{},"Users":[],"ServiceIds":[],)"
      R"("ResourceARNs":[],"InstanceIds":[],"AvailabilityZones":[],"EntryPoint":null,)"
      R"("FaultRootCauses":[],"ErrorRootCauses":[],"ResponseTimeRootCauses":[],"Revision":1,)"
      R"("MatchedEventTime":null})");
}

TEST(SummaryJson, http_is_an_object_even_if_the_root_has_none) {
  TraceRecord record = new_record();
  EXPECT_THAT(json_of(record), HasSubstr(R"("Http":{},)"));
  record.segments[0].http.status = 404;
  EXPECT_THAT(json_of(record), HasSubstr(R"("Http":{"HttpStatus":404},)"));
}

TEST(SummaryJson, flags_are_those_of_the_record) {
  TraceRecord record = new_record();
  record.segments[0].outcome = {true, true, true};
  record.outcome.throttle = true;
  EXPECT_THAT(json_of(record),
              HasSubstr(R"("HasFault":false,"HasError":false,"HasThrottle":true)"));
  record.outcome = {false, true, false};
  EXPECT_THAT(json_of(record),
              HasSubstr(R"("HasFault":false,"HasError":true,"HasThrottle":false)"));
}

TEST(SummaryJson, an_account_that_nobody_knows_is_null) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  write_service_id(writer, {"a", "", "", NodeState::active, false}, "");
  EXPECT_STREQ(buffer.GetString(), R"({"Name":"a","Names":["a"],"AccountId":null,"Type":null})");
}

TEST(SummaryJson, a_service_that_is_several_nodes_by_their_accounts_is_listed_for_each) {
  TraceRecord record = new_record();
  record.nodes = {{"a", "t", "", NodeState::active, true},
                  {"a", "t", account, NodeState::active, false},
                  {"a", "t", "999999999999", NodeState::active, false}};
  const auto json = parsed(json_of(record));
  EXPECT_EQ(member(json.value(), "ServiceIds")->Size(), 2U);
}

TEST(SummaryJson, times_have_no_noise_below_a_microsecond_and_are_not_negative) {
  TraceRecord record = new_record();
  record.duration = 1700000000.3 - 1700000000.1;
  record.response_time = -0.5;
  EXPECT_THAT(json_of(record), HasSubstr(R"("Duration":0.2,"ResponseTime":0.0,)"));
}

TEST(SummaryJson, fifty_annotations_and_a_hundred_of_other_things_are_shown) {
  TraceRecord record = new_record();
  record.segments.clear();
  record.nodes.clear();
  for (unsigned i = 0; i < 150; ++i) {
    const auto text = record.texts.keep(std::to_string(1000 + (i * 7) % 150));
    record.nodes.push_back({text, "t", "", NodeState::active, false});
    RecordSegment& segment = record.segments.emplace_back();
    segment.node = i;
    segment.user = segment.resource_arn = segment.instance_id = segment.availability_zone = text;
    record.annotations.push_back({i % 2 == 0 ? "key" : text, text, i});
  }
  const auto json = parsed(json_of(record));
  std::size_t annotations = 0;
  for (const auto& item : member(json.value(), "Annotations")->GetObject()) {
    annotations += item.value.Size();
  }
  EXPECT_EQ(annotations, max_shown_annotations);
  for (const auto* list :
       {"Users", "ServiceIds", "ResourceARNs", "InstanceIds", "AvailabilityZones"}) {
    EXPECT_EQ(member(json.value(), list)->Size(), max_shown_items) << list;
  }
  // The first by name, wherever they stood.
  const auto& users = *member(json.value(), "Users");
  EXPECT_EQ(text_member(users[0], "UserName"), "1000");
  EXPECT_EQ(text_member(users[99], "UserName"), "1099");
}

TEST(SummaryJson, whatever_texts_say_they_are_texts) {
  const std::string_view hostile = "\"},\\\n\x01\x7F</script>\xE2\x80\xA8\xF0\x9F\x98\x80";
  TraceRecord record = new_record();
  record.nodes[0].name = record.nodes[0].type = record.nodes[0].account = hostile;
  record.segments[0].http = {hostile, hostile, hostile, hostile, -1};
  record.segments[0].user = hostile;
  record.segments[0].resource_arn = hostile;
  record.annotations = {{hostile, hostile, 0}};
  record.fault_causes = {{{{0, false, {{hostile, {{hostile, hostile}}, 0, false}}}}, true}};
  const auto json = parsed(json_of(record));
  const auto& service = (*member(json.value(), "ServiceIds"))[0];
  for (const auto* name : {"Name", "Type", "AccountId"}) {
    EXPECT_EQ(text_member(service, name), hostile) << name;
  }
  EXPECT_EQ(text_member((*member(json.value(), "Users"))[0], "UserName"), hostile);
  const auto& http = *member(json.value(), "Http");
  EXPECT_EQ(text_member(http, "HttpURL"), hostile);
  const auto& annotation = member(json.value(), "Annotations")->MemberBegin()->value[0];
  EXPECT_EQ(text_member(*member(annotation, "AnnotationValue"), "StringValue"), hostile);
  const auto& cause = (*member(json.value(), "FaultRootCauses"))[0];
  const auto& entity = (*member((*member(cause, "Services"))[0], "EntityPath"))[0];
  EXPECT_EQ(text_member((*member(entity, "Exceptions"))[0], "Message"), hostile);
}

TEST(SummaryJson, numbers_that_json_lacks_are_null) {
  using Limits = std::numeric_limits<double>;
  TraceRecord record = new_record();
  record.duration = Limits::quiet_NaN();
  record.response_time = Limits::infinity();
  record.annotations = {{"n", Limits::quiet_NaN(), 0}, {"i", -Limits::infinity(), 0}};
  record.response_time_causes = {{{{0, false, {{"a", {}, Limits::infinity(), false}}}}, true}};
  const auto text = json_of(record, Limits::quiet_NaN());
  parsed(text);
  EXPECT_THAT(text, HasSubstr(R"("NumberValue":null)"));
  EXPECT_THAT(text, HasSubstr(R"("MatchedEventTime":null)"));
}

}  // namespace
}  // namespace xrayd::local
