#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <string>

#include "support/documents.hpp"

using support::at;
using support::Capture;
using support::find_subsegment;
using support::text_of;

TEST(Aws, a_call_says_what_it_called) {
  Capture capture;
  {
    const xray::Segment segment("s");
    xray::Subsegment call("DynamoDB", xray::Namespace::aws);
    xray::AwsCall says;
    says.operation = "Query";
    says.region = "eu-west-1";
    says.request_id = "R1";
    says.account_id = "123456789012";
    says.queue_url = "https://sqs.example/q";
    says.table_name = "carts";
    says.retries = 2;
    call.set_aws(says);
    call.add_aws("count", 17U);
    call.add_aws("table_names", xray::Json(R"(["a","b"])"));
    call.add_aws("consistent_read", true);
  }
  const auto document = capture.document();
  const auto* call = find_subsegment(document, "DynamoDB");
  ASSERT_NE(call, nullptr);
  const auto& aws = at(*call, "aws");
  EXPECT_EQ(text_of(at(*call, "namespace")), "aws");
  EXPECT_EQ(text_of(at(aws, "operation")), "Query");
  EXPECT_EQ(text_of(at(aws, "region")), "eu-west-1");
  EXPECT_EQ(text_of(at(aws, "request_id")), "R1");
  EXPECT_EQ(text_of(at(aws, "account_id")), "123456789012");
  EXPECT_EQ(text_of(at(aws, "queue_url")), "https://sqs.example/q");
  EXPECT_EQ(text_of(at(aws, "table_name")), "carts");
  EXPECT_EQ(at(aws, "retries").GetInt(), 2);
  EXPECT_EQ(at(aws, "count").GetInt(), 17);
  EXPECT_EQ(at(aws, "table_names").Size(), 2U);
  EXPECT_TRUE(at(aws, "consistent_read").GetBool());
}

TEST(Aws, a_segment_keeps_the_sdks_block_beside_its_own) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.add_aws("account_id", "123456789012");
    segment.add_aws("ecs", xray::Json(R"({"container":"c"})"));
    segment.add_aws("xray", "not this");
  }
  const auto document = capture.document();
  const auto& aws = at(document, "aws");
  EXPECT_EQ(text_of(at(aws, "account_id")), "123456789012");
  EXPECT_EQ(text_of(at(at(aws, "ecs"), "container")), "c");
  EXPECT_EQ(text_of(at(at(aws, "xray"), "sdk")), "X-Ray for C++");
}

TEST(Aws, the_last_value_of_a_key_counts) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.add_aws("account_id", "111111111111");
    segment.add_aws("account_id", "222222222222");
  }
  EXPECT_EQ(text_of(at(at(capture.document(), "aws"), "account_id")), "222222222222");
}

TEST(Aws, json_that_is_none_is_left_out_and_counted) {
  Capture capture;
  const auto before = xray::statistics().metadata_invalid;
  {
    xray::Segment segment("s");
    segment.add_aws("ecs", xray::Json("{broken"));
  }
  EXPECT_FALSE(at(capture.document(), "aws").HasMember("ecs"));
  EXPECT_EQ(xray::statistics().metadata_invalid - before, 1U);
}

TEST(Aws, keeps_its_shape_where_metadata_is_cut) {
  Capture capture;
  const std::string ecs = R"({"container_arn":")" + std::string(600, 'a') + R"("})";
  {
    xray::Segment segment("s");
    segment.add_aws("account_id", "123456789012");
    segment.add_aws("ecs", xray::Json(ecs));
    for (int i = 0; i < 3'000; ++i) {
      segment.add_metadata("key " + std::to_string(i), std::string(300, 'x'));
    }
  }
  const auto document = capture.document();
  const auto& aws = at(document, "aws");
  EXPECT_EQ(text_of(at(aws, "account_id")), "123456789012");
  EXPECT_EQ(text_of(at(at(aws, "ecs"), "container_arn")).size(), 600U);
}
