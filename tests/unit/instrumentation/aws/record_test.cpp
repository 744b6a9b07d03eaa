#include <gtest/gtest.h>

#include <string>

#include "aws/record_call.hpp"
#include "made_request.hpp"
#include "support/allocations.hpp"
#include "support/documents.hpp"

using support::at;
using support::Capture;
using support::find_subsegment;
using support::MadeRequest;
using support::MadeResponse;
using support::RecognisedCall;
using support::text_of;

namespace {

/// The document of a segment with one subsegment that tells of this call.
support::Json document_of(Capture& capture, const RecognisedCall& call) {
  {
    const xray::Segment segment("s");
    xray::Subsegment subsegment(call.service, xray::Namespace::aws);
    record(call, subsegment);
  }
  return capture.document();
}

RecognisedCall get_item() {
  return MadeRequest("POST", "/")
      .signed_for("dynamodb")
      .header("X-Amz-Target", "DynamoDB_20120810.GetItem")
      .header("amz-sdk-invocation-id", "i-1")
      .header("amz-sdk-request", "attempt=3; max=3")
      .body(R"({"TableName":"carts","ConsistentRead":false})")
      .call();
}

}  // namespace

TEST(AwsRecord, says_all_that_is_known) {
  Capture capture;
  RecognisedCall call = get_item();
  MadeResponse(200)
      .header("x-amzn-RequestId", "R1")
      .header("Content-Length", "61")
      .header("Content-Type", "application/x-amz-json-1.0")
      .body(R"({"ConsumedCapacity":{"CapacityUnits":1.0},"Item":{}})")
      .read_into(call);
  const auto document = document_of(capture, call);
  const auto* subsegment = find_subsegment(document, "DynamoDB");
  ASSERT_NE(subsegment, nullptr);
  EXPECT_EQ(text_of(at(*subsegment, "namespace")), "aws");
  const auto& aws = at(*subsegment, "aws");
  EXPECT_EQ(text_of(at(aws, "operation")), "GetItem");
  EXPECT_EQ(text_of(at(aws, "region")), "eu-west-1");
  EXPECT_EQ(text_of(at(aws, "request_id")), "R1");
  EXPECT_EQ(text_of(at(aws, "table_name")), "carts");
  EXPECT_FALSE(at(aws, "consistent_read").GetBool());
  EXPECT_EQ(at(aws, "retries").GetInt(), 2);
  EXPECT_EQ(at(at(aws, "consumed_capacity"), "CapacityUnits").GetDouble(), 1.0);
  EXPECT_FALSE(aws.HasMember("id_2"));
  const auto& response = at(at(*subsegment, "http"), "response");
  EXPECT_EQ(at(response, "status").GetInt(), 200);
  EXPECT_EQ(at(response, "content_length").GetInt(), 61);
  EXPECT_FALSE(at(*subsegment, "http").HasMember("request"));
  EXPECT_FALSE(subsegment->HasMember("error"));
  EXPECT_FALSE(subsegment->HasMember("fault"));
  EXPECT_FALSE(subsegment->HasMember("cause"));
}

TEST(AwsRecord, throttling_is_an_error_with_its_name_as_a_remote_exception) {
  Capture capture;
  RecognisedCall call = get_item();
  MadeResponse(400)
      .body(R"({"__type":"x#ThrottlingException","message":"SECRET"})")
      .read_into(call);
  const auto document = document_of(capture, call);
  const auto& subsegment = *find_subsegment(document, "DynamoDB");
  EXPECT_TRUE(at(subsegment, "error").GetBool());
  EXPECT_TRUE(at(subsegment, "throttle").GetBool());
  EXPECT_FALSE(subsegment.HasMember("fault"));
  const auto& exception = at(at(subsegment, "cause"), "exceptions")[0];
  EXPECT_EQ(text_of(at(exception, "type")), "ThrottlingException");
  EXPECT_TRUE(at(exception, "remote").GetBool());
  EXPECT_EQ(capture.texts()[0].find("SECRET"), std::string::npos);
}

TEST(AwsRecord, a_failure_of_the_service_is_a_fault) {
  for (const int status : {500, 503}) {
    Capture capture;
    RecognisedCall call = get_item();
    MadeResponse(status).header("x-amzn-errortype", "InternalServerError").read_into(call);
    const auto document = document_of(capture, call);
    const auto& subsegment = *find_subsegment(document, "DynamoDB");
    EXPECT_TRUE(at(subsegment, "fault").GetBool()) << status;
    EXPECT_FALSE(subsegment.HasMember("throttle")) << status;
  }
}

TEST(AwsRecord, a_failure_behind_a_200_is_a_fault) {
  Capture capture;
  RecognisedCall call = MadeRequest("PUT", "http://127.0.0.1/b/k").signed_for("s3").call();
  MadeResponse(200).body("<Error><Code>InternalError</Code></Error>").read_into(call);
  const auto document = document_of(capture, call);
  EXPECT_TRUE(at(*find_subsegment(document, "S3"), "fault").GetBool());
}

TEST(AwsRecord, recognising_asks_for_no_memory) {
  MadeRequest made("POST", "http://127.0.0.1:8000/");
  made.signed_for("dynamodb")
      .header("X-Amz-Target", "DynamoDB_20120810.Query")
      .body(R"({"TableName":"carts","Limit":3,"IndexName":"i"})");
  const auto request = made.view();
  const std::string body = R"({"ConsumedCapacity":{"CapacityUnits":1.0},"Count":3})";
  xray::instrumentation::ResponseView response;
  response.status = 200;
  response.body = body;
  const auto before = support::allocations();
  RecognisedCall call;
  const auto kind = recognise(request, {}, call);
  read_response(response, call);
  EXPECT_EQ(support::allocations(), before);
  EXPECT_EQ(kind, support::RequestKind::aws);
}
