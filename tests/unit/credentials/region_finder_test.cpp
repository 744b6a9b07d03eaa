#include "credentials/region_finder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "aws/endpoints.hpp"
#include "fake_network.hpp"
#include "temporary_directory.hpp"

namespace xrayd::credentials {
namespace {

using testing::answer;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::environment_of;
using testing::FakeNetwork;
using testing::hang;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TemporaryDirectory;
using testing::Variables;

const std::string imds = "http://169.254.169.254/latest/";

class RegionFinderTest : public ::testing::Test {
 protected:
  RegionQuestion question(Variables variables = {}) {
    variables.try_emplace("AWS_CONFIG_FILE", directory_.path("config"));
    variables.try_emplace("AWS_SHARED_CREDENTIALS_FILE", directory_.path("credentials"));
    RegionQuestion result;
    result.environment = environment_of(std::move(variables));
    result.clients = network_.factory();
    return result;
  }
  void has_instance() {
    network_.on("PUT " + imds + "api/token", answer(200, "token"));
    network_.on("GET " + imds + "dynamic/instance-identity/document",
                answer(200, R"({"region": "sa-east-1"})"));
    network_.on("GET " + imds + "meta-data/instance-id", answer(200, "i-1"));
    network_.on("GET " + imds + "meta-data/hostname", answer(200, "ip-10-0-0-1.internal"));
  }

  FakeNetwork network_;
  TemporaryDirectory directory_;
};

TEST_F(RegionFinderTest, nobody_is_asked_where_an_option_or_a_variable_tells) {
  RegionQuestion with = question({{"AWS_REGION", "eu-west-1"}});
  EXPECT_EQ(find_region(with).region, "eu-west-1");
  EXPECT_EQ(find_region(with).source, aws::RegionSource::environment);
  with.option = "us-east-2";
  EXPECT_EQ(find_region(with).region, "us-east-2");
  with.option = "nowhere!";
  EXPECT_THROW((void)find_region(with), aws::EndpointError);
  EXPECT_THAT(network_.lines(), IsEmpty());
}

TEST_F(RegionFinderTest, a_task_s_file_tells_if_it_is_switched_on) {
  directory_.write("task", R"({"TaskARN": "arn:aws:ecs:ap-south-1:1:task/t"})");
  Variables variables = {{"ECS_CONTAINER_METADATA_FILE", directory_.path("task")}};
  EXPECT_EQ(find_region(question(variables)).region, "");
  network_.on("PUT " + imds + "api/token", hang());
  variables["ECS_ENABLE_CONTAINER_METADATA"] = "true";
  const aws::RegionChoice choice = find_region(question(variables));
  EXPECT_EQ(choice.region, "ap-south-1");
  EXPECT_EQ(choice.source, aws::RegionSource::ecs_metadata);
}

TEST_F(RegionFinderTest, fargate_s_agent_tells_while_ec2_hangs) {
  network_.on("PUT " + imds + "api/token", hang());
  network_.on("GET http://169.254.170.2/v4/x/task",
              answer(200, R"({"TaskARN": "arn:aws:ecs:eu-north-1:1:task/c/t"})"));
  const aws::RegionChoice choice =
      find_region(question({{"ECS_CONTAINER_METADATA_URI_V4", "http://169.254.170.2/v4/x"}}));
  EXPECT_EQ(choice.region, "eu-north-1");
  EXPECT_EQ(choice.source, aws::RegionSource::ecs_metadata);
}

TEST_F(RegionFinderTest, ec2_tells_where_ecs_does_not) {
  has_instance();
  const aws::RegionChoice choice =
      find_region(question({{"ECS_CONTAINER_METADATA_URI_V4", "http://169.254.170.2/v4/x"},
                            {"ECS_ENABLE_CONTAINER_METADATA", "true"},
                            {"ECS_CONTAINER_METADATA_FILE", directory_.path("absent")}}));
  EXPECT_EQ(choice.region, "sa-east-1");
  EXPECT_EQ(choice.source, aws::RegionSource::ec2_metadata);
  EXPECT_THAT(choice.complaints,
              ElementsAre(HasSubstr("ECS_CONTAINER_METADATA_FILE: "),
                          HasSubstr("ECS metadata: http://169.254.170.2: refused")));
}

TEST_F(RegionFinderTest, without_any_the_complaints_say_what_was_asked) {
  const aws::RegionChoice choice = find_region(question());
  EXPECT_EQ(choice.region, "");
  EXPECT_THAT(choice.complaints, ElementsAre("EC2 metadata: http://169.254.169.254: refused"));
  EXPECT_THAT(find_region(question({{"AWS_EC2_METADATA_DISABLED", "true"}})).complaints,
              ElementsAre("EC2 metadata: AWS_EC2_METADATA_DISABLED is true"));
}

TEST_F(RegionFinderTest, local_mode_asks_nobody_and_reads_the_profile) {
  has_instance();
  directory_.write("config", "[default]\nregion = eu-west-2\n[profile x]\nregion = eu-west-3\n");
  RegionQuestion with = question();
  with.local_mode = true;
  EXPECT_EQ(find_region(with).region, "eu-west-2");
  with.profile = "x";
  EXPECT_EQ(find_region(with).region, "eu-west-3");
  EXPECT_EQ(find_region(with).source, aws::RegionSource::profile);
  with = question({{"AWS_DEFAULT_REGION", "us-west-1"}});
  with.local_mode = true;
  EXPECT_EQ(find_region(with).region, "us-west-1");
  directory_.write("config", "nonsense");
  with = question();
  with.local_mode = true;
  EXPECT_EQ(find_region(with).region, "");
  EXPECT_THAT(find_region(with).complaints,
              Contains(HasSubstr(directory_.path("config") + ":1: ")));
  EXPECT_THAT(network_.lines(), IsEmpty());
}

TEST_F(RegionFinderTest, the_instance_is_what_the_environment_says_else_what_ec2_says) {
  Instance instance = find_instance(question({{"AWS_HOSTNAME", "h"}, {"AWS_INSTANCE_ID", "i"}}));
  EXPECT_EQ(instance.hostname, "h");
  EXPECT_EQ(instance.id, "i");
  EXPECT_THAT(network_.lines(), IsEmpty());
  has_instance();
  instance = find_instance(question({{"AWS_HOSTNAME", "h"}}));
  EXPECT_EQ(instance.hostname, "h");
  EXPECT_EQ(instance.id, "i-1");
  EXPECT_EQ(network_.count("GET " + imds + "meta-data/hostname"), 0U);
  EXPECT_EQ(find_instance(question()).hostname, "ip-10-0-0-1.internal");
  RegionQuestion local = question();
  local.local_mode = true;
  EXPECT_EQ(find_instance(local).id, "");
}

TEST_F(RegionFinderTest, a_look_up_of_the_instance_is_given_up_when_it_goes) {
  std::promise<void> asked;
  network_.on("PUT " + imds + "api/token", [&asked](const testing::Seen&) {
    asked.set_value();
    return hang();
  });
  bool found = false;
  {
    const InstanceLookUp look_up(question(), [&found](const Instance&) { found = true; });
    asked.get_future().wait();
  }
  EXPECT_FALSE(found);
}

TEST_F(RegionFinderTest, a_look_up_of_the_instance_tells_what_it_found) {
  has_instance();
  std::promise<Instance> found;
  const InstanceLookUp look_up(question(),
                               [&found](const Instance& instance) { found.set_value(instance); });
  EXPECT_EQ(found.get_future().get().id, "i-1");
}

TEST_F(RegionFinderTest, an_instance_s_name_is_one_word) {
  has_instance();
  network_.on("GET " + imds + "meta-data/hostname", answer(200, "<html>\n</html>"));
  network_.on("GET " + imds + "meta-data/instance-id", answer(404, "no"));
  const Instance instance = find_instance(question());
  EXPECT_EQ(instance.hostname, "");
  EXPECT_EQ(instance.id, "");
}

}  // namespace
}  // namespace xrayd::credentials
