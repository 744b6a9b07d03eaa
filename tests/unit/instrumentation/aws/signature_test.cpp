#include <gtest/gtest.h>

#include <string>

#include "made_request.hpp"

using support::everything;
using support::MadeRequest;
using support::RecognisedCall;
using support::RequestKind;

TEST(AwsSignature, tells_service_and_region_at_any_endpoint) {
  for (const char* url :
       {"https://dynamodb.eu-west-1.amazonaws.com/", "http://127.0.0.1:8000/", "http://[::1]:8000",
        "http://user:password@gateway.example/x", "/", "localhost:4566"}) {
    const RecognisedCall call = MadeRequest("POST", url).signed_for("dynamodb").call();
    EXPECT_EQ(call.service.view(), "DynamoDB") << url;
    EXPECT_EQ(call.region.view(), "eu-west-1") << url;
  }
}

TEST(AwsSignature, is_found_in_whatever_order_and_spacing_its_parts_are) {
  for (const char* value :
       {"AWS4-HMAC-SHA256 Credential=K/20260401/us-east-1/sqs/aws4_request,SignedHeaders=host,"
        "Signature=0",
        "AWS4-HMAC-SHA256 Signature=0, SignedHeaders=host, "
        "Credential=K/20260401/us-east-1/sqs/aws4_request",
        "  AWS4-HMAC-SHA256   Credential=K/20260401/us-east-1/sqs/aws4_request  ",
        "AWS4-HMAC-SHA256 Credential=K/with/slashes/20260401/us-east-1/sqs/aws4_request"}) {
    const RecognisedCall call =
        MadeRequest("POST", "http://x/").header("authorization", value).call();
    EXPECT_EQ(call.service.view(), "SQS") << value;
    EXPECT_EQ(call.region.view(), "us-east-1") << value;
  }
}

TEST(AwsSignature, of_many_regions_names_the_first) {
  const char* value =
      "AWS4-ECDSA-P256-SHA256 Credential=K/20260401/s3/aws4_request, SignedHeaders=host, "
      "Signature=0";
  EXPECT_EQ(MadeRequest("GET", "https://b.s3.amazonaws.com/k")
                .header("Authorization", value)
                .header("X-Amz-Region-Set", "us-west-2, eu-west-1")
                .call()
                .region.view(),
            "us-west-2");
  EXPECT_EQ(MadeRequest("GET", "/k")
                .header("Authorization", value)
                .header("X-Amz-Region-Set", "*")
                .call()
                .region.view(),
            "*");
  const RecognisedCall call = MadeRequest("GET", "/k").header("Authorization", value).call();
  EXPECT_EQ(call.service.view(), "S3");
  EXPECT_TRUE(call.region.empty());
}

TEST(AwsSignature, of_a_presigned_url_counts) {
  const RecognisedCall call =
      MadeRequest("GET",
                  "https://photos.s3.eu-west-1.amazonaws.com/cat.jpg?X-Amz-Algorithm=AWS4-HMAC-"
                  "SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260401%2Feu-west-1%2Fs3%2Faws4_request"
                  "&X-Amz-Date=20260401T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host"
                  "&X-Amz-Security-Token=TOKEN&X-Amz-Signature=5d672d79")
          .call();
  EXPECT_EQ(call.service.view(), "S3");
  EXPECT_EQ(call.operation.view(), "GetObject");
  EXPECT_EQ(call.text_of("key"), "cat.jpg");
  EXPECT_EQ(everything(call).find("TOKEN"), std::string::npos);
  EXPECT_EQ(everything(call).find("5d672d79"), std::string::npos);
  EXPECT_EQ(everything(call).find("AKID"), std::string::npos);
}

TEST(AwsSignature, that_libcurl_will_make_counts) {
  const RecognisedCall told =
      MadeRequest("GET", "http://127.0.0.1:9000/b/k").curl_signing("aws:amz:eu-north-1:s3").call();
  EXPECT_EQ(told.service.view(), "S3");
  EXPECT_EQ(told.region.view(), "eu-north-1");
  const RecognisedCall guessed =
      MadeRequest("POST", "https://sns.us-east-2.amazonaws.com/").curl_signing("aws:amz").call();
  EXPECT_EQ(guessed.service.view(), "SNS");
  EXPECT_EQ(guessed.region.view(), "us-east-2");
  EXPECT_EQ(MadeRequest("GET", "http://x/").curl_signing("goog:goog:europe:storage").kind(),
            RequestKind::other);
}

TEST(AwsSignature, must_be_one) {
  for (const char* value :
       {"", "Bearer AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=", "AWS4-HMAC-SHA256 Credential=K/20260401/us-east-1/s3",
        "AWS4-HMAC-SHA256 Credential=K/20260401/us-east-1/s3/aws5_request",
        "AWS4-HMAC-SHA256 Credential=K/2026-4-1/us-east-1/s3/aws4_request",
        "AWS4-HMAC-SHA256 Credential=20260401/us-east-1/s3/aws4_request",
        "AWS4-HMAC-SHA256 Credential=K/20260401//s3/aws4_request",
        "AWS4-HMAC-SHA256 Credential=K/20260401/us-east-1//aws4_request",
        "AWS4-HMAC-SHA256 Credential=K/20260401/us-east-1/<script>/aws4_request",
        "GOOG4-HMAC-SHA256 Credential=K/20260401/eu/storage/goog4_request",
        "AWS AKIDEXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg="}) {
    EXPECT_EQ(
        MadeRequest("GET", "https://s3.amazonaws.com/b/k").header("Authorization", value).kind(),
        RequestKind::other)
        << value;
  }
  EXPECT_EQ(
      MadeRequest("GET", "https://s3.amazonaws.com/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256").kind(),
      RequestKind::other);
}

TEST(AwsSignature, for_a_service_unknown_here_keeps_the_name_it_signs_for) {
  EXPECT_EQ(MadeRequest("POST", "/").signed_for("brand-new").call().service.view(), "brand-new");
}
