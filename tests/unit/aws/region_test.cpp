#include "aws/region.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/endpoints.hpp"

namespace xrayd::aws {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* task =
    R"({"Cluster": "c", "TaskARN": "arn:aws:ecs:eu-west-3:123456789012:task/c/abc"})";
constexpr const char* identity = R"({"accountId": "1", "region": "sa-east-1"})";

RegionInputs everything() {
  return {.option = "us-east-1",
          .environment = "us-east-2",
          .ecs_metadata = task,
          .ec2_identity = identity,
          .default_region = "us-west-1",
          .profile_region = "us-west-2"};
}

void expect_region(const RegionInputs& inputs, std::string_view region, RegionSource source) {
  const RegionChoice choice = choose_region(inputs);
  EXPECT_EQ(choice.region, region);
  EXPECT_EQ(choice.source, source);
  EXPECT_THAT(choice.complaints, IsEmpty());
}

TEST(Region, the_order_is_option_variable_ecs_ec2) {
  RegionInputs inputs = everything();
  expect_region(inputs, "us-east-1", RegionSource::option);
  inputs.option.clear();
  expect_region(inputs, "us-east-2", RegionSource::environment);
  inputs.environment.clear();
  expect_region(inputs, "eu-west-3", RegionSource::ecs_metadata);
  inputs.ecs_metadata.reset();
  expect_region(inputs, "sa-east-1", RegionSource::ec2_metadata);
  inputs.ec2_identity.reset();
  EXPECT_EQ(choose_region(inputs).region, "");
}

TEST(Region, local_mode_asks_no_metadata_and_looks_at_what_the_other_mode_does_not) {
  RegionInputs inputs = everything();
  inputs.local_mode = true;
  expect_region(inputs, "us-east-1", RegionSource::option);
  inputs.option.clear();
  expect_region(inputs, "us-east-2", RegionSource::environment);
  inputs.environment.clear();
  expect_region(inputs, "us-west-1", RegionSource::default_region);
  inputs.default_region.clear();
  expect_region(inputs, "us-west-2", RegionSource::profile);
  inputs.profile_region.clear();
  EXPECT_EQ(choose_region(inputs).region, "");
}

TEST(Region, a_container_s_metadata_have_the_task_among_their_labels) {
  RegionInputs inputs;
  inputs.ecs_metadata =
      R"({"Labels": {"com.amazonaws.ecs.task-arn": "arn:aws-cn:ecs:cn-north-1:1:task/t"}})";
  expect_region(inputs, "cn-north-1", RegionSource::ecs_metadata);
}

TEST(Region, metadata_of_no_use_are_complained_of_and_passed_over) {
  for (const char* text : {"", "[]", "{", "null", "{}", R"({"TaskARN": 7})",
                           R"({"TaskARN": "arn:aws"})", R"({"TaskARN": "arn:aws:ecs::1:task"})",
                           R"({"TaskARN": "arn:aws:ecs:a b:1"})", R"({"Labels": []})", "\xff"}) {
    RegionInputs inputs;
    inputs.ecs_metadata = text;
    inputs.ec2_identity = identity;
    const RegionChoice choice = choose_region(inputs);
    EXPECT_EQ(choice.region, "sa-east-1") << text;
    EXPECT_THAT(choice.complaints, ElementsAre(HasSubstr("ECS"))) << text;
  }
  for (const char* text : {"", "[]", "{}", R"({"region": null})", R"({"region": "a.b"})"}) {
    RegionInputs inputs;
    inputs.ec2_identity = text;
    const RegionChoice choice = choose_region(inputs);
    EXPECT_EQ(choice.region, "") << text;
    EXPECT_THAT(choice.complaints, ElementsAre(HasSubstr("EC2"))) << text;
  }
}

TEST(Region, deeply_nested_metadata_are_no_danger) {
  RegionInputs inputs;
  inputs.ecs_metadata = R"({"a":)" + std::string(300000, '[');
  inputs.ec2_identity = R"({"a":)" + std::string(300000, '[') + std::string(300000, ']') +
                        R"(,"region":"us-east-1"})";
  EXPECT_EQ(choose_region(inputs).region, "us-east-1");
  inputs.ec2_identity = std::string(std::size_t{2} << 20U, ' ');
  EXPECT_EQ(choose_region(inputs).region, "");
}

TEST(Region, a_text_that_is_no_region_is_refused_by_the_name_of_its_source) {
  const auto complaint = [](const RegionInputs& inputs) -> std::string {
    try {
      return "none: " + choose_region(inputs).region;
    } catch (const EndpointError& error) {
      return error.what();
    }
  };
  EXPECT_THAT(complaint({.option = "x.y"}), HasSubstr("--region: 'x.y'"));
  EXPECT_THAT(complaint({.environment = "US"}), HasSubstr("AWS_REGION: 'US'"));
  EXPECT_THAT(complaint({.local_mode = true, .default_region = " "}),
              HasSubstr("AWS_DEFAULT_REGION: ' '"));
  EXPECT_THAT(complaint({.local_mode = true, .profile_region = "a\nb"}),
              HasSubstr("region of the profile: 'a?b'"));
}

}  // namespace
}  // namespace xrayd::aws
