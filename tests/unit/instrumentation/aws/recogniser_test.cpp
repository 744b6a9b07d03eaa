#include <gtest/gtest.h>

#include <string>

#include "made_request.hpp"

using support::everything;
using support::MadeRequest;
using support::parameter;
using support::RecognisedCall;
using support::RecogniserSettings;
using support::RequestKind;

namespace {

MadeRequest json_call(const std::string& service, const std::string& target) {
  MadeRequest request("POST", "https://" + service + ".eu-west-1.amazonaws.com/");
  request.signed_for(service)
      .header("X-Amz-Target", target)
      .header("Content-Type", "application/x-amz-json-1.0");
  return request;
}

MadeRequest form_call(const std::string& service, const std::string& form) {
  MadeRequest request("POST", "https://" + service + ".eu-west-1.amazonaws.com/");
  request.signed_for(service)
      .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
      .body(form);
  return request;
}

MadeRequest rest_call(const std::string& service, const std::string& method,
                      const std::string& path) {
  MadeRequest request(method, "https://" + service + ".eu-west-1.amazonaws.com" + path);
  request.signed_for(service);
  return request;
}

}  // namespace

TEST(AwsRecogniser, reads_the_target_of_json_protocols) {
  RecognisedCall call = json_call("dynamodb", "DynamoDB_20120810.Query")
                            .body(R"({"KeyConditionExpression":"id = :id","Limit":10,)"
                                  R"("ExpressionAttributeValues":{":id":{"S":"SECRET"}},)"
                                  R"("ConsistentRead":true,"TableName":"carts",)"
                                  R"("IndexName":"by-customer"})")
                            .call();
  EXPECT_EQ(call.service.view(), "DynamoDB");
  EXPECT_EQ(call.operation.view(), "Query");
  EXPECT_EQ(parameter(call, "table_name"), "carts");
  EXPECT_EQ(parameter(call, "index_name"), "by-customer");
  EXPECT_EQ(parameter(call, "limit"), "10");
  EXPECT_EQ(parameter(call, "consistent_read"), "true");
  EXPECT_EQ(call.parameter_count(), 4U);
  EXPECT_EQ(everything(call).find("SECRET"), std::string::npos);

  EXPECT_EQ(json_call("dynamodb", "DynamoDBStreams_20120810.GetRecords").call().service.view(),
            "DynamoDB Streams");
  call = json_call("kms", "TrentService.Decrypt").call();
  EXPECT_EQ(call.service.view(), "KMS");
  EXPECT_EQ(call.operation.view(), "Decrypt");
  call = json_call("cloudtrail", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.GetTrail")
             .call();
  EXPECT_EQ(call.operation.view(), "GetTrail");
  call = json_call("states", "AWSStepFunctions.StartExecution").call();
  EXPECT_EQ(call.service.view(), "SFN");
}

TEST(AwsRecogniser, names_tables_of_a_batch_and_counts_entries) {
  RecognisedCall call =
      json_call("dynamodb", "DynamoDB_20120810.BatchGetItem")
          .body(R"({"RequestItems":{"a":{"Keys":[{"id":{"S":"SECRET"}}]},"b":{"Keys":[]}}})")
          .call();
  EXPECT_EQ(parameter(call, "table_names"), R"(["a","b"])");
  EXPECT_EQ(everything(call).find("SECRET"), std::string::npos);
  call = json_call("sqs", "AmazonSQS.SendMessageBatch")
             .body(R"({"QueueUrl":"https:\/\/sqs.example\/1\/q","Entries":[{"Id":"1",)"
                   R"("MessageBody":"SECRET"},{"Id":"2","MessageBody":"]"}]})")
             .call();
  EXPECT_EQ(parameter(call, "queue_url"), "https://sqs.example/1/q");
  EXPECT_EQ(parameter(call, "message_count"), "2");
  EXPECT_EQ(everything(call).find("SECRET"), std::string::npos);
}

TEST(AwsRecogniser, leaves_out_a_list_of_names_that_it_can_not_read_to_its_end) {
  const RecognisedCall call = json_call("dynamodb", "DynamoDB_20120810.BatchGetItem")
                                  .body(R"({"RequestItems":{"a":{},"b":nonsense}})")
                                  .call();
  EXPECT_EQ(parameter(call, "table_names"), "(none)");
}

TEST(AwsRecogniser, reads_what_is_there_of_a_body_that_ends_in_the_middle) {
  const std::string body =
      R"({"TableName":"carts","Limit":123,"ConsistentRead":false,"IndexName":"by \"x\""})";
  for (std::size_t size = 0; size < body.size(); ++size) {
    const RecognisedCall call =
        json_call("dynamodb", "DynamoDB_20120810.Scan").body(body.substr(0, size), false).call();
    const std::string table = parameter(call, "table_name");
    EXPECT_EQ(table, size >= body.find(",\"Limit") ? "carts" : "(none)") << size;
    const std::string limit = parameter(call, "limit");
    EXPECT_EQ(limit, size > body.find(",\"Cons") ? "123" : "(none)") << size;
  }
  EXPECT_EQ(
      parameter(json_call("dynamodb", "DynamoDB_20120810.Scan").body(body).call(), "index_name"),
      "by \"x\"");
}

TEST(AwsRecogniser, reads_the_action_of_the_query_protocol) {
  RecognisedCall call =
      form_call("sqs",
                "Action=ReceiveMessage&Version=2012-11-05&WaitTimeSeconds=20&QueueUrl="
                "https%3A%2F%2Fsqs.eu-west-1.amazonaws.com%2F123456789012%2Forders")
          .call();
  EXPECT_EQ(call.service.view(), "SQS");
  EXPECT_EQ(call.operation.view(), "ReceiveMessage");
  EXPECT_EQ(parameter(call, "queue_url"),
            "https://sqs.eu-west-1.amazonaws.com/123456789012/orders");
  EXPECT_EQ(parameter(call, "wait_time_seconds"), "20");

  call =
      form_call("sns", "TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A1%3At&Message=SECRET&Action=Publish")
          .call();
  EXPECT_EQ(call.operation.view(), "Publish");
  EXPECT_EQ(parameter(call, "topic_arn"), "arn:aws:sns:eu-west-1:1:t");
  EXPECT_EQ(everything(call).find("SECRET"), std::string::npos);

  EXPECT_EQ(form_call("iam", "Action=GetUser&Version=2010-05-08").call().operation.view(),
            "GetUser");
  EXPECT_EQ(form_call("sts", "Action=AssumeRole").call().service.view(), "STS");
  EXPECT_EQ(MadeRequest("GET", "https://ec2.amazonaws.com/?Action=DescribeInstances&Version=1")
                .signed_for("ec2")
                .call()
                .operation.view(),
            "DescribeInstances");
}

TEST(AwsRecogniser, does_not_believe_the_last_field_of_a_form_that_ends_in_the_middle) {
  const RecognisedCall call =
      form_call("sqs", "").body("Action=SendMessage&QueueUrl=https%3A%2F%2Fsqs", false).call();
  EXPECT_EQ(call.operation.view(), "SendMessage");
  EXPECT_EQ(parameter(call, "queue_url"), "(none)");
  EXPECT_TRUE(form_call("sqs", "").body("Action=SendMess", false).call().operation.empty());
}

TEST(AwsRecogniser, reads_method_and_path_of_rest_protocols) {
  MadeRequest invoke =
      rest_call("lambda", "POST", "/2015-03-31/functions/price/invocations?Qualifier=%24LATEST");
  RecognisedCall call =
      invoke.header("X-Amz-Invocation-Type", "Event").header("X-Amz-Log-Type", "Tail").call();
  EXPECT_EQ(call.service.view(), "Lambda");
  EXPECT_EQ(call.operation.view(), "Invoke");
  EXPECT_EQ(parameter(call, "function_name"), "price");
  EXPECT_EQ(parameter(call, "qualifier"), "$LATEST");
  EXPECT_EQ(parameter(call, "invocation_type"), "Event");
  EXPECT_EQ(parameter(call, "log_type"), "Tail");

  call = rest_call("lambda", "POST",
                   "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A1%3Afunction%3Ap/"
                   "invocations")
             .call();
  EXPECT_EQ(parameter(call, "function_name"), "arn:aws:lambda:eu-west-1:1:function:p");
  EXPECT_EQ(rest_call("lambda", "GET", "/2015-03-31/functions/").call().operation.view(),
            "ListFunctions");
  EXPECT_EQ(rest_call("lambda", "DELETE", "/2015-03-31/functions/f").call().operation.view(),
            "DeleteFunction");
  call = rest_call("sagemaker", "POST", "/endpoints/model-1/invocations").call();
  EXPECT_EQ(call.service.view(), "SageMaker Runtime");
  EXPECT_EQ(call.operation.view(), "InvokeEndpoint");
  EXPECT_EQ(parameter(call, "endpoint_name"), "model-1");
  EXPECT_EQ(rest_call("rds-data", "POST", "/BeginTransaction").call().operation.view(),
            "BeginTransaction");
  EXPECT_EQ(rest_call("iotdata", "POST", "/topics/a/b/c").call().operation.view(), "Publish");
  call = rest_call("execute-api", "POST", "/prod/@connections/abc").call();
  EXPECT_EQ(call.service.view(), "ApiGatewayManagementApi");
  EXPECT_EQ(call.operation.view(), "PostToConnection");
  call = rest_call("monitoring", "POST", "/service/GraniteService/operation/PutMetricData").call();
  EXPECT_EQ(call.service.view(), "CloudWatch");
  EXPECT_EQ(call.operation.view(), "PutMetricData");
}

TEST(AwsRecogniser, leaves_the_operation_open_where_the_request_does_not_tell) {
  const RecognisedCall call = rest_call("kafka", "GET", "/v1/clusters").call();
  EXPECT_EQ(call.service.view(), "Kafka");
  EXPECT_TRUE(call.operation.empty());
}

TEST(AwsRecogniser, takes_what_somebody_built_behind_a_front_door_for_a_host_like_any_other) {
  EXPECT_EQ(rest_call("execute-api", "GET", "/prod/prices").kind(), RequestKind::other);
  EXPECT_EQ(rest_call("vpc-lattice-svcs", "GET", "/prices").kind(), RequestKind::other);
  EXPECT_EQ(
      MadeRequest("GET", "https://abc.lambda-url.eu-west-1.on.aws/").signed_for("lambda").kind(),
      RequestKind::other);
  EXPECT_EQ(MadeRequest("POST", "https://abc.appsync-api.eu-west-1.amazonaws.com/graphql")
                .signed_for("appsync")
                .kind(),
            RequestKind::other);
}

TEST(AwsRecogniser, never_traces_xrays_own_calls) {
  EXPECT_EQ(rest_call("xray", "POST", "/TraceSegments").kind(), RequestKind::never_trace);
  EXPECT_EQ(MadeRequest("POST", "http://127.0.0.1:1/x").curl_signing("aws:amz:a:xray").kind(),
            RequestKind::never_trace);
  RecogniserSettings settings;
  settings.daemon = "127.0.0.1:2000";
  EXPECT_EQ(MadeRequest("POST", "http://127.0.0.1:2000/GetSamplingRules").kind(settings),
            RequestKind::never_trace);
  EXPECT_EQ(MadeRequest("POST", "http://127.0.0.1:2001/GetSamplingRules").kind(settings),
            RequestKind::other);
}

TEST(AwsRecogniser, never_traces_lambdas_runtime_api) {
  RecogniserSettings settings;
  settings.lambda_runtime_api = "127.0.0.1:9001";
  MadeRequest next("GET", "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next");
  EXPECT_EQ(next.kind(settings), RequestKind::never_trace);
  EXPECT_EQ(next.kind(), RequestKind::other);
  EXPECT_EQ(MadeRequest("GET", "/next").header("Host", "127.0.0.1:9001").kind(settings),
            RequestKind::never_trace);
  EXPECT_EQ(MadeRequest("GET", "http://127.0.0.1/next").kind(settings), RequestKind::other);
  settings.lambda_runtime_api = "Runtime.Local";
  EXPECT_EQ(MadeRequest("GET", "http://runtime.local:80/next").kind(settings),
            RequestKind::never_trace);
  EXPECT_EQ(MadeRequest("GET", "http://runtime.local.example/next").kind(settings),
            RequestKind::other);
}

TEST(AwsRecogniser, reads_which_attempt_of_which_call_it_is) {
  const RecognisedCall call =
      json_call("dynamodb", "DynamoDB_20120810.GetItem")
          .header("amz-sdk-invocation-id", "0f6ba6f1-2c5c-4c1c-9b0a-1d2e")
          .header("amz-sdk-request", "ttl=20260401T000000Z; attempt=2; max=4")
          .call();
  EXPECT_EQ(call.invocation_id.view(), "0f6ba6f1-2c5c-4c1c-9b0a-1d2e");
  EXPECT_EQ(call.attempt, 2);
  EXPECT_EQ(call.most_attempts, 4);
  EXPECT_EQ(call.retries(), 1);
  EXPECT_EQ(json_call("dynamodb", "DynamoDB_20120810.GetItem").call().retries(), -1);
}

TEST(AwsRecogniser, keeps_nothing_of_the_credentials) {
  const RecognisedCall call = json_call("dynamodb", "DynamoDB_20120810.PutItem")
                                  .header("X-Amz-Security-Token", "TOKEN")
                                  .body(R"({"TableName":"t","Item":{"a":{"S":"SECRET"}}})")
                                  .call();
  for (const char* secret : {support::secret_signature, support::key_id, "TOKEN", "SECRET"}) {
    EXPECT_EQ(everything(call).find(secret), std::string::npos) << secret;
  }
}

TEST(AwsRecogniser, lets_nothing_but_names_through_as_names) {
  const RecognisedCall call =
      json_call("dynamodb", "DynamoDB_20120810.Get Item\"}").body("{}").call();
  EXPECT_TRUE(call.operation.empty());
  EXPECT_TRUE(form_call("sqs", "Action=%3Cscript%3E").call().operation.empty());
}
