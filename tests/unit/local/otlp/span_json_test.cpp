#include "local/otlp/span_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "local/document/segment_document.hpp"

namespace xrayd::local {
namespace {

using testing::HasSubstr;
using testing::Not;

const TraceId trace(0x6553f10001020304, 0x05060708090a0b0c);

std::vector<SpanDocument> spans(const std::string& segment) {
  ParsedJson json;
  EXPECT_EQ(ParsedJson::parse(segment, max_document_depth, json), JsonFault::none) << segment;
  auto result = spans_of(trace, json.value());
  for (const auto& span : result) {
    ParsedJson parsed;
    EXPECT_EQ(ParsedJson::parse(span.json, max_document_depth, parsed), JsonFault::none)
        << span.json;
  }
  return result;
}

TEST(SpanJson, golden_a_request_served) {
  const auto result = spans(
      R"({"id":"0000000000000011","name":"shop","start_time":1700000000.25,)"
      R"("end_time":1700000001.75,"trace_id":"1-6553f100-0102030405060708090a0b0c",)"
      R"("parent_id":"0000000000000022","origin":"AWS::EC2::Instance","user":"ann","error":true,)"
      R"("http":{"request":{"method":"GET","url":"http://shop/","client_ip":"192.0.2.1"},)"
      R"("response":{"status":404,"content_length":"12"}},)"
      R"("aws":{"ec2":{"instance_id":"i-1"},"xray":{"sdk":"X-Ray for C++"}},)"
      R"("annotations":{"n":3,"r":2.5,"b":true,"s":"t"},"metadata":{"default":{"k":[1]}}})");
  ASSERT_EQ(result.size(), 1U);
  EXPECT_EQ(result[0].id, 0x11U);
  EXPECT_EQ(
      result[0].json,
      R"({"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},)"
      R"({"key":"cloud.provider","value":{"stringValue":"aws"}},)"
      R"({"key":"cloud.platform","value":{"stringValue":"aws_ec2"}},)"
      R"({"key":"host.id","value":{"stringValue":"i-1"}},)"
      R"({"key":"telemetry.sdk.name","value":{"stringValue":"X-Ray"}},)"
      R"({"key":"telemetry.sdk.language","value":{"stringValue":"C++"}}]},)"
      R"("scope":{"name":"xrayd"},"traceId":"6553f1000102030405060708090a0b0c",)"
      R"("spanId":"0000000000000011","parentSpanId":"0000000000000022","name":"shop","kind":2,)"
      R"("startTimeUnixNano":"1700000000250000000","endTimeUnixNano":"1700000001750000000",)"
      R"("attributes":[{"key":"enduser.id","value":{"stringValue":"ann"}},)"
      R"({"key":"http.request.method","value":{"stringValue":"GET"}},)"
      R"({"key":"url.full","value":{"stringValue":"http://shop/"}},)"
      R"({"key":"client.address","value":{"stringValue":"192.0.2.1"}},)"
      R"({"key":"http.response.status_code","value":{"intValue":"404"}},)"
      R"({"key":"http.response.body.size","value":{"stringValue":"12"}},)"
      R"({"key":"n","value":{"intValue":"3"}},{"key":"r","value":{"doubleValue":2.5}},)"
      R"({"key":"b","value":{"boolValue":true}},{"key":"s","value":{"stringValue":"t"}},)"
      R"({"key":"aws.xray.annotations","value":{"arrayValue":{"values":[{"stringValue":"n"},)"
      R"({"stringValue":"r"},{"stringValue":"b"},{"stringValue":"s"}]}}},)"
      R"({"key":"aws.xray.metadata.default","value":{"stringValue":"{\"k\":[1]}"}}],)"
      R"("status":{"code":2}})");
}

TEST(SpanJson, parts_are_spans_of_their_own_parents_first) {
  const auto result = spans(
      R"({"id":"0000000000000001","name":"shop","start_time":1,"end_time":5,"subsegments":[)"
      R"({"id":"0000000000000002","name":"DynamoDB","namespace":"aws","start_time":2,"end_time":3,)"
      R"("aws":{"operation":"GetItem","table_name":"orders"},"subsegments":[)"
      R"({"id":"0000000000000003","name":"try","start_time":2,"end_time":3}]},)"
      R"({"id":"0000000000000004","name":"db@host","namespace":"remote","start_time":3,)"
      R"("in_progress":true,"sql":{"database_type":"mysql","sanitized_query":"SELECT 1",)"
      R"("url":"mysql://host:1/shop?x"}}]})");
  ASSERT_EQ(result.size(), 4U);
  EXPECT_THAT(result[0].json, HasSubstr(R"("kind":1)"));
  EXPECT_THAT(result[1].json,
              HasSubstr(R"("parentSpanId":"0000000000000001","name":"DynamoDB","kind":3)"));
  EXPECT_THAT(result[1].json,
              HasSubstr(R"({"key":"aws.service","value":{"stringValue":"DynamoDB"}})"));
  EXPECT_THAT(result[1].json,
              HasSubstr(R"({"key":"aws.table_name","value":{"stringValue":"orders"}})"));
  EXPECT_THAT(result[2].json,
              HasSubstr(R"("parentSpanId":"0000000000000002","name":"try","kind":1)"));
  EXPECT_THAT(result[3].json,
              HasSubstr(R"({"key":"aws.xray.inprogress","value":{"boolValue":true}})"));
  EXPECT_THAT(
      result[3].json,
      HasSubstr(R"({"key":"db.connection_string","value":{"stringValue":"mysql://host:1"}},)"
                R"({"key":"db.name","value":{"stringValue":"shop"}})"));
  for (const auto& span : result) {
    EXPECT_THAT(span.json, HasSubstr(R"({"key":"service.name","value":{"stringValue":"shop"}})"));
  }
}

TEST(SpanJson, exceptions_are_events) {
  const auto result = spans(
      R"({"id":"0000000000000001","name":"shop","start_time":1,"end_time":5,"fault":true,"cause":{)"
      R"("exceptions":[{"id":"00000000000000aa","type":"E","message":"no","remote":true,)"
      R"("stack":[{"path":"a.cpp","line":7,"label":"f"}]}]}})");
  EXPECT_THAT(
      result[0].json,
      HasSubstr(R"("events":[{"timeUnixNano":"5000000000","name":"exception","attributes":[)"
                R"({"key":"exception.type","value":{"stringValue":"E"}},)"
                R"({"key":"exception.message","value":{"stringValue":"no"}},)"
                R"({"key":"exception.stacktrace","value":)"
                R"json({"stringValue":"E: no\n\tat f(a.cpp:7)"}},)json"));
  EXPECT_THAT(result[0].json, HasSubstr(R"("status":{"code":2})"));
}

TEST(SpanJson, a_cause_that_is_another_s_is_the_status_message) {
  const auto result = spans(R"({"id":"0000000000000001","name":"shop","start_time":1,"end_time":5,)"
                            R"("cause":"00000000000000aa"})");
  EXPECT_THAT(result[0].json, HasSubstr(R"("status":{"code":2,"message":"00000000000000aa"})"));
  EXPECT_THAT(result[0].json, Not(HasSubstr("events")));
}

TEST(SpanJson, links) {
  const auto result =
      spans(R"({"id":"0000000000000001","name":"shop","start_time":1,"end_time":5,"links":[)"
            R"({"trace_id":"1-6553f100-0102030405060708090a0b0d","id":"00000000000000bb",)"
            R"("attributes":{"a":1}},{"trace_id":"x"}]})");
  EXPECT_THAT(result[0].json,
              HasSubstr(R"("links":[{"traceId":"6553f1000102030405060708090a0b0d",)"
                        R"("spanId":"00000000000000bb",)"
                        R"("attributes":[{"key":"a","value":{"intValue":"1"}}]}])"));
}

TEST(SpanJson, inferred_segments_are_no_spans) {
  EXPECT_TRUE(spans(R"({"id":"0000000000000001","name":"x","inferred":true})").empty());
}

TEST(SpanJson, members_of_wrong_types_do_no_harm) {
  const auto result = spans(
      R"({"id":"0000000000000001","name":1,"start_time":1,"end_time":5,"http":1,"aws":[],"sql":"",)"
      R"("cause":5,"annotations":[],"metadata":"","links":{},"origin":2,"service":0,"user":{},)"
      R"("subsegments":[1,{"id":"x"},{"id":"0000000000000002","http":{"request":[],)"
      R"("response":{"status":"x"}},"cause":{"exceptions":[1,{"stack":[1,{"line":1e300}]}]},)"
      R"("aws":{"table_names":{}},"sql":{"url":7},"links":[1]}]})");
  EXPECT_EQ(result.size(), 2U);
}

}  // namespace
}  // namespace xrayd::local
