#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "credentials/chain.hpp"
#include "fake_network.hpp"
#include "temporary_directory.hpp"

namespace xrayd::credentials {
namespace {

using testing::answer;
using testing::environment_of;
using testing::FakeClock;
using testing::FakeNetwork;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Seen;
using testing::TemporaryDirectory;
using testing::Variables;

// 2026-11-22 15:12:41
constexpr std::chrono::sys_seconds start_time{std::chrono::seconds(1795360361)};

class ProfileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // Roles give keys that are called after them.
    network_.on("POST https://sts.eu-west-1.amazonaws.com/", [](const Seen& seen) {
      const std::size_t begin = seen.body.find("role%2F") + 7;
      const std::string role = seen.body.substr(begin, seen.body.find('&', begin) - begin);
      return answer(200, "<R><Credentials><AccessKeyId>" + role +
                             "</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t"
                             "</SessionToken><Expiration>2026-11-22T16:00:00Z</Expiration>"
                             "</Credentials></R>");
    });
  }

  Finding find(const std::string& config, Variables variables = {}, const std::string& named = {}) {
    directory_.write("config", config);
    variables.try_emplace("AWS_CONFIG_FILE", directory_.path("config"));
    variables.try_emplace("AWS_SHARED_CREDENTIALS_FILE", directory_.path("credentials"));
    variables.try_emplace("AWS_EC2_METADATA_DISABLED", "true");
    ChainSettings settings;
    settings.sts = {.environment = environment_of(std::move(variables)),
                    .clock = clock_.reader(),
                    .region = "eu-west-1"};
    settings.clients = network_.factory();
    settings.profile = named;
    return Chain(settings).find();
  }

  FakeNetwork network_;
  FakeClock clock_{start_time};
  TemporaryDirectory directory_;
};

TEST_F(ProfileTest, keys_are_taken_of_the_default_one_or_the_one_that_is_named) {
  const std::string config =
      "[default]\naws_access_key_id = D\naws_secret_access_key = d\n"
      "[profile x]\naws_access_key_id = X\naws_secret_access_key = x\naws_session_token = t\n";
  EXPECT_EQ(find(config).lease->keys.access_key_id, "D");
  EXPECT_EQ(find(config, {{"AWS_PROFILE", "x"}}).lease->keys.access_key_id, "X");
  EXPECT_EQ(find(config, {{"AWS_PROFILE", "x"}}).lease->origin, "profile x");
  EXPECT_EQ(find(config, {{"AWS_PROFILE", "x"}}).lease->keys.session_token.reveal(), "t");
  EXPECT_THAT(network_.lines(), IsEmpty());
}

TEST_F(ProfileTest, one_named_by_an_option_comes_before_the_environment) {
  const Variables keys = {{"AWS_ACCESS_KEY_ID", "E"}, {"AWS_SECRET_ACCESS_KEY", "e"}};
  const std::string config = "[profile x]\naws_access_key_id = X\naws_secret_access_key = x\n";
  EXPECT_EQ(find(config, keys).lease->keys.access_key_id, "E");
  EXPECT_EQ(find(config, keys, "x").lease->keys.access_key_id, "X");
}

TEST_F(ProfileTest, one_that_is_absent_is_named) {
  EXPECT_THAT(find("[default]\n", {{"AWS_PROFILE", "missing"}}).trouble,
              HasSubstr("profile missing: it is neither in " + directory_.path("config") + " nor " +
                        directory_.path("credentials")));
}

TEST_F(ProfileTest, roles_are_taken_one_after_the_other) {
  const Finding finding = find(
      "[default]\nrole_arn = arn:aws:iam::1:role/last\nsource_profile = middle\n"
      "external_id = e\nrole_session_name = me\nduration_seconds = 1800\n"
      "[profile middle]\nrole_arn = arn:aws:iam::1:role/middle\nsource_profile = base\n"
      "[profile base]\naws_access_key_id = BASE\naws_secret_access_key = b\n");
  ASSERT_TRUE(finding.lease) << finding.trouble;
  EXPECT_EQ(finding.lease->keys.access_key_id, "last");
  EXPECT_EQ(finding.lease->origin, "profile default, role arn:aws:iam::1:role/last");
  const auto seen = network_.seen();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_THAT(seen[0].header("Authorization"), HasSubstr("Credential=BASE/"));
  EXPECT_THAT(seen[0].body, HasSubstr("RoleSessionName=xray-daemon"));
  EXPECT_THAT(seen[1].header("Authorization"), HasSubstr("Credential=middle/"));
  EXPECT_THAT(seen[1].body, HasSubstr("RoleSessionName=me&DurationSeconds=1800&ExternalId=e"));
}

TEST_F(ProfileTest, a_credential_source_is_asked) {
  network_.on("GET http://169.254.170.2/c",
              answer(200, R"({"AccessKeyId": "ECS", "SecretAccessKey": "s", "Token": "t",)"
                          R"( "Expiration": "2026-11-22T16:00:00Z"})"));
  const std::string role = "role_arn = arn:aws:iam::1:role/r\ncredential_source = ";
  Finding finding = find("[default]\n" + role + "EcsContainer\n",
                         {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/c"}});
  ASSERT_TRUE(finding.lease) << finding.trouble;
  EXPECT_EQ(finding.lease->keys.access_key_id, "r");
  finding = find("[profile x]\n" + role + "Environment\n",
                 {{"AWS_ACCESS_KEY_ID", "ENV"}, {"AWS_SECRET_ACCESS_KEY", "s"}}, "x");
  ASSERT_TRUE(finding.lease) << finding.trouble;
  EXPECT_THAT(network_.seen().back().header("Authorization"), HasSubstr("Credential=ENV/"));
  finding = find("[default]\n" + role + "Ec2InstanceMetadata\n");
  EXPECT_THAT(finding.trouble, HasSubstr("profile default: credential_source: EC2 metadata: "
                                         "AWS_EC2_METADATA_DISABLED is true"));
}

TEST_F(ProfileTest, a_web_identity_is_the_role_already) {
  directory_.write("token", "jwt");
  const Finding finding = find(
      "[default]\nrole_arn = arn:aws:iam::1:role/web\n"
      "web_identity_token_file = " +
      directory_.path("token") + "\n");
  ASSERT_TRUE(finding.lease) << finding.trouble;
  EXPECT_EQ(finding.lease->keys.access_key_id, "web");
  ASSERT_EQ(network_.seen().size(), 1U);
  EXPECT_THAT(network_.seen()[0].body, HasSubstr("WebIdentityToken=jwt"));
}

TEST_F(ProfileTest, a_process_gives_keys) {
  const Finding finding = find(
      "[default]\ncredential_process = echo '{\"Version\": 1, \"AccessKeyId\": \"P\", "
      "\"SecretAccessKey\": \"s\", \"Expiration\": \"2026-11-22T16:00:00Z\"}' # as a shell does\n");
  ASSERT_TRUE(finding.lease) << finding.trouble;
  EXPECT_EQ(finding.lease->keys.access_key_id, "P");
  EXPECT_EQ(finding.lease->origin, "profile default, credential_process");
  EXPECT_TRUE(finding.lease->expires);
}

TEST_F(ProfileTest, a_process_that_fails_is_said_without_its_words) {
  const Finding finding =
      find("[default]\ncredential_process = echo hush; echo hush >&2; exit 3\n");
  EXPECT_THAT(finding.trouble,
              HasSubstr("profile default: credential_process: it ended with exit status 3"));
  EXPECT_THAT(finding.trouble, Not(HasSubstr("hush")));
}

TEST_F(ProfileTest, single_sign_on_is_said_not_to_be_read) {
  for (const char* key : {"sso_session = s", "sso_start_url = https://x.example/start"}) {
    EXPECT_THAT(find("[default]\nregion = eu-west-1\n" + std::string(key) + "\n").trouble,
                HasSubstr("profile default: it is one of IAM Identity Center (SSO), which xrayd "
                          "does not read"));
  }
  EXPECT_THAT(find("[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = s\n"
                   "[profile s]\nsso_session = s\n")
                  .trouble,
              HasSubstr("IAM Identity Center"));
}

TEST_F(ProfileTest, a_file_with_a_mistake_is_named_with_its_line) {
  EXPECT_THAT(find("[default]\nnonsense\n").trouble,
              HasSubstr("profile default: " + directory_.path("config") + ":2: "));
}

TEST_F(ProfileTest, home_is_where_the_files_are_looked_for) {
  std::filesystem::create_directory(directory_.path(".aws"));
  directory_.write(".aws/credentials",
                   "[default]\naws_access_key_id = H\naws_secret_access_key = h\n");
  ChainSettings settings;
  settings.sts = {.environment = environment_of(
                      {{"HOME", directory_.path("")}, {"AWS_EC2_METADATA_DISABLED", "true"}}),
                  .clock = clock_.reader(),
                  .region = "eu-west-1"};
  settings.clients = network_.factory();
  const Finding finding = Chain(settings).find();
  ASSERT_TRUE(finding.lease) << finding.trouble;
  EXPECT_EQ(finding.lease->keys.access_key_id, "H");
}

}  // namespace
}  // namespace xrayd::credentials
