#include <gtest/gtest.h>

#include <string>

#include "made_request.hpp"

using support::everything;
using support::MadeRequest;
using support::MadeResponse;
using support::parameter;
using support::RecognisedCall;

namespace {

RecognisedCall dynamodb(const std::string& operation) {
  return MadeRequest("POST", "/")
      .signed_for("dynamodb")
      .header("X-Amz-Target", "DynamoDB_20120810." + operation)
      .call();
}

RecognisedCall sqs(const std::string& operation) {
  return MadeRequest("POST", "/")
      .signed_for("sqs")
      .header("X-Amz-Target", "AmazonSQS." + operation)
      .call();
}

RecognisedCall s3(const std::string& method) {
  MadeRequest request(method, "http://127.0.0.1/b/k");
  return request.signed_for("s3").header("x-amz-copy-source", "/a/b").call();
}

}  // namespace

TEST(AwsResponse, tells_request_ids_status_and_length) {
  RecognisedCall call = dynamodb("GetItem");
  MadeResponse(200)
      .header("x-amzn-RequestId", "R1")
      .header("Content-Length", "5000000000")
      .read_into(call);
  EXPECT_EQ(call.request_id.view(), "R1");
  EXPECT_EQ(call.status, 200);
  EXPECT_EQ(call.content_length, 5000000000);
  EXPECT_FALSE(call.failed);

  call = s3("GET");
  MadeResponse(200)
      .header("x-amz-request-id", "656c76696e6727732072657175657374")
      .header("x-amz-id-2", "Uuag1LuByRx9e6j5Onimru9pO4ZVKnJ2Qz7/C1NPcfTWAtRPfTaOFg==")
      .read_into(call);
  EXPECT_EQ(call.request_id.view(), "656c76696e6727732072657175657374");
  EXPECT_EQ(call.id_2.view(), "Uuag1LuByRx9e6j5Onimru9pO4ZVKnJ2Qz7/C1NPcfTWAtRPfTaOFg==");
  EXPECT_EQ(call.content_length, -1);
}

TEST(AwsResponse, names_the_error_wherever_a_protocol_has_it) {
  const struct {
    const char* header;
    const char* value;
    const char* body;
    const char* code;
  } rows[] = {
      {"x-amzn-errortype", "ResourceNotFoundException:http://internal/x", "",
       "ResourceNotFoundException"},
      {"x-amzn-ErrorType", "TooManyRequestsException", "{}", "TooManyRequestsException"},
      {"x", "",
       R"({"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",)"
       R"("message":"SECRET"})",
       "ConditionalCheckFailedException"},
      {"x", "", R"({"message":"SECRET","code":"NotFoundException"})", "NotFoundException"},
      {"x", "",
       "<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type>"
       "<Code>InvalidClientTokenId</Code><Message>SECRET</Message></Error></ErrorResponse>",
       "InvalidClientTokenId"},
      {"x", "", "<Error><Code>NoSuchKey</Code><Message>SECRET</Message></Error>", "NoSuchKey"},
      {"x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender",
       R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist"})",
       "AWS.SimpleQueueService.NonExistentQueue"},
      {"x", "", R"({"__type":"com.amazonaws.dynamodb#Cut)", ""},
      {"x", "", "<Error><Code>Cut", ""},
      {"x", "", "<html><Code>not a <b>code</b></Code></html>", ""},
      {"x", "", "", ""},
  };
  for (const auto& row : rows) {
    RecognisedCall call = dynamodb("GetItem");
    MadeResponse(400).header(row.header, row.value).body(row.body).read_into(call);
    EXPECT_EQ(call.error_code.view(), row.code) << row.body;
    EXPECT_TRUE(call.failed);
    EXPECT_EQ(everything(call).find("SECRET"), std::string::npos);
  }
}

TEST(AwsResponse, recognises_throttling_by_status_or_name) {
  const auto throttled = [](int status, const std::string& code) {
    RecognisedCall call = dynamodb("GetItem");
    MadeResponse(status).header("x-amzn-errortype", code).read_into(call);
    return call.throttled;
  };
  EXPECT_TRUE(throttled(400, "ProvisionedThroughputExceededException"));
  EXPECT_TRUE(throttled(400, "ThrottlingException"));
  EXPECT_TRUE(throttled(503, "SlowDown"));
  EXPECT_TRUE(throttled(429, ""));
  EXPECT_FALSE(throttled(400, "ValidationException"));
  EXPECT_FALSE(throttled(500, "InternalServerError"));
  EXPECT_FALSE(throttled(200, "ThrottlingException"));
}

TEST(AwsResponse, records_what_the_whitelist_has) {
  RecognisedCall call = dynamodb("Scan");
  MadeResponse(200)
      .header("Content-Type", "application/x-amz-json-1.0")
      .body(R"({"ConsumedCapacity":{"TableName":"t","CapacityUnits":0.5},"Count":2,)"
            R"("Items":[{"id":{"S":"SECRET"}},{}],"ScannedCount":7})")
      .read_into(call);
  EXPECT_EQ(parameter(call, "consumed_capacity"), R"({"TableName":"t","CapacityUnits":0.5})");
  EXPECT_EQ(parameter(call, "count"), "2");
  EXPECT_EQ(parameter(call, "scanned_count"), "7");
  EXPECT_EQ(everything(call).find("SECRET"), std::string::npos);

  call = sqs("ReceiveMessage");
  MadeResponse(200)
      .header("Content-Type", "application/x-amz-json-1.0")
      .body(R"({"Messages":[{"Body":"SECRET"},{"Body":"[,]"}, {}]})")
      .read_into(call);
  EXPECT_EQ(parameter(call, "message_count"), "3");
  EXPECT_EQ(everything(call).find("SECRET"), std::string::npos);

  call = sqs("SendMessage");
  MadeResponse(200)
      .header("Content-Type", "text/xml")
      .body(
          "<SendMessageResponse><SendMessageResult><MessageId>m-1</MessageId>"
          "</SendMessageResult><ResponseMetadata><RequestId>r-1</RequestId>"
          "</ResponseMetadata></SendMessageResponse>")
      .read_into(call);
  EXPECT_EQ(parameter(call, "message_id"), "m-1");
  EXPECT_EQ(call.request_id.view(), "r-1");

  call = MadeRequest("POST", "/2015-03-31/functions/f/invocations").signed_for("lambda").call();
  MadeResponse(200).header("X-Amz-Function-Error", "Unhandled").read_into(call);
  EXPECT_EQ(parameter(call, "status_code"), "200");
  EXPECT_EQ(parameter(call, "function_error"), "Unhandled");
}

TEST(AwsResponse, does_not_count_what_it_sees_half_of) {
  RecognisedCall call = sqs("ReceiveMessage");
  MadeResponse(200)
      .header("Content-Type", "application/x-amz-json-1.0")
      .body(R"({"Messages":[{"Body":"a"},{"Body":)", false)
      .read_into(call);
  EXPECT_EQ(parameter(call, "message_count"), "(none)");
}

TEST(AwsResponse, of_s3_may_fail_after_it_said_200) {
  RecognisedCall call = s3("PUT");
  MadeResponse(200)
      .body("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InternalError</Code></Error>")
      .read_into(call);
  EXPECT_TRUE(call.failed);
  EXPECT_EQ(call.error_code.view(), "InternalError");
  MadeResponse(200).body("<CopyObjectResult><ETag>x</ETag></CopyObjectResult>").read_into(call);
  EXPECT_FALSE(call.failed);
}

TEST(AwsResponse, of_the_last_attempt_is_the_one_that_counts) {
  RecognisedCall call = dynamodb("GetItem");
  MadeResponse(400)
      .header("x-amzn-RequestId", "R1")
      .header("x-amzn-errortype", "ThrottlingException")
      .read_into(call);
  EXPECT_TRUE(call.throttled);
  MadeResponse(200).header("x-amzn-RequestId", "R2").read_into(call);
  EXPECT_FALSE(call.throttled);
  EXPECT_FALSE(call.failed);
  EXPECT_TRUE(call.error_code.empty());
  EXPECT_EQ(call.request_id.view(), "R2");
}
