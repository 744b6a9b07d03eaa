#include "credentials/chain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "credentials/container_provider.hpp"
#include "fake_network.hpp"
#include "temporary_directory.hpp"

namespace xrayd::credentials {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using testing::answer;
using testing::environment_of;
using testing::FakeClock;
using testing::FakeNetwork;
using testing::hang;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::no_answer;
using ::testing::Not;
using testing::Seen;
using testing::TemporaryDirectory;
using testing::Variables;

// 2026-11-22 15:12:41
constexpr std::chrono::sys_seconds start_time{std::chrono::seconds(1795360361)};

const std::string imds = "http://169.254.169.254/latest/";
const std::string roles = "GET " + imds + "meta-data/iam/security-credentials/";
const std::string sts = "POST https://sts.eu-west-1.amazonaws.com/";

std::string json_keys(const std::string& id,
                      const std::string& expiration = "2026-11-22T20:00:00Z") {
  return R"({"Code": "Success", "AccessKeyId": ")" + id +
         R"(", "SecretAccessKey": "secret", "Token": "token", "Expiration": ")" + expiration +
         "\"}";
}

std::string sts_keys(const std::string& action, const std::string& id,
                     const std::string& expiration = "2026-11-22T16:00:00Z") {
  return "<" + action + "Response><" + action + "Result><Credentials><AccessKeyId>" + id +
         "</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token"
         "</SessionToken><Expiration>" +
         expiration + "</Expiration></Credentials></" + action + "Result></" + action + "Response>";
}

std::string sts_error(const std::string& code, const std::string& message) {
  return "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>" + message +
         "</Message></Error></ErrorResponse>";
}

class ChainTest : public ::testing::Test {
 protected:
  /// EC2's second version with a role.
  void has_instance(const std::string& id) {
    network_.on("PUT " + imds + "api/token", answer(200, "instance-token"));
    network_.on(roles, answer(200, "the-role\nanother"));
    network_.on(roles + "the-role", answer(200, json_keys(id)));
  }

  ChainSettings settings(Variables variables) {
    variables.try_emplace("AWS_CONFIG_FILE", directory_.path("config"));
    variables.try_emplace("AWS_SHARED_CREDENTIALS_FILE", directory_.path("credentials"));
    ChainSettings result;
    result.sts = {.environment = environment_of(std::move(variables)),
                  .clock = clock_.reader(),
                  .region = "eu-west-1"};
    result.clients = network_.factory();
    result.role.session_name = default_session_name;
    return result;
  }

  Finding find(Variables variables) { return Chain(settings(std::move(variables))).find(); }

  FakeNetwork network_;
  FakeClock clock_{start_time};
  TemporaryDirectory directory_;
};

TEST_F(ChainTest, keys_of_the_environment_come_first_and_nobody_else_is_asked) {
  has_instance("EC2");
  directory_.write("credentials", "[default]\naws_access_key_id = P\naws_secret_access_key = p\n");
  const Finding finding = find({{"AWS_ACCESS_KEY_ID", "E"},
                                {"AWS_SECRET_ACCESS_KEY", "e"},
                                {"AWS_SESSION_TOKEN", "t"},
                                {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x"}});
  ASSERT_TRUE(finding.lease);
  EXPECT_EQ(finding.lease->keys.access_key_id, "E");
  EXPECT_EQ(finding.lease->keys.session_token.reveal(), "t");
  EXPECT_EQ(finding.lease->origin, "environment");
  EXPECT_FALSE(finding.lease->expires);
  EXPECT_THAT(network_.lines(), IsEmpty());
}

TEST_F(ChainTest, half_a_key_in_the_environment_is_said_and_passed_over) {
  has_instance("EC2");
  const Finding finding = find({{"AWS_ACCESS_KEY_ID", "E"}});
  ASSERT_TRUE(finding.lease);
  EXPECT_EQ(finding.lease->keys.access_key_id, "EC2");
  EXPECT_EQ(finding.trouble,
            "environment: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
}

TEST_F(ChainTest, without_any_each_place_says_why_it_has_none) {
  const Finding finding = find({});
  EXPECT_FALSE(finding.lease);
  EXPECT_THAT(finding.trouble,
              AllOf(HasSubstr("environment: AWS_ACCESS_KEY_ID is not set"),
                    HasSubstr("web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set"),
                    HasSubstr("profile default: there is neither " + directory_.path("config") +
                              " nor " + directory_.path("credentials")),
                    HasSubstr("container metadata: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
                    HasSubstr("EC2 metadata: http://169.254.169.254: refused")));
}

TEST_F(ChainTest, in_local_mode_and_where_it_is_disabled_ec2_is_not_asked) {
  has_instance("EC2");
  EXPECT_THAT(find({{"AWS_EC2_METADATA_DISABLED", "True"}}).trouble,
              HasSubstr("EC2 metadata: AWS_EC2_METADATA_DISABLED is true"));
  ChainSettings local = settings({});
  local.local_mode = true;
  EXPECT_THAT(Chain(local).find().trouble, HasSubstr("EC2 metadata: not asked in local mode"));
  EXPECT_THAT(network_.lines(), IsEmpty());
}

TEST_F(ChainTest, ec2_is_asked_with_a_token) {
  has_instance("EC2");
  const Finding finding = find({});
  ASSERT_TRUE(finding.lease);
  EXPECT_EQ(finding.lease->keys.access_key_id, "EC2");
  EXPECT_EQ(finding.lease->origin, "EC2 metadata");
  EXPECT_TRUE(finding.outlives_expiry);
  const auto seen = network_.seen();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].method, "PUT");
  EXPECT_EQ(seen[0].header("X-aws-ec2-metadata-token-ttl-seconds"), "300");
  EXPECT_EQ(seen[1].header("X-aws-ec2-metadata-token"), "instance-token");
  EXPECT_EQ(seen[2].header("X-aws-ec2-metadata-token"), "instance-token");
  EXPECT_FALSE(seen[0].through_proxy);
}

TEST_F(ChainTest, ec2_without_tokens_is_asked_in_the_old_way) {
  for (const int status : {403, 404, 405}) {
    FakeNetwork network;
    network.on("PUT " + imds + "api/token", answer(status, ""));
    network.on(roles, answer(200, "the-role"));
    network.on(roles + "the-role", answer(200, json_keys("V1")));
    ChainSettings with = settings({});
    with.clients = network.factory();
    const Finding finding = Chain(with).find();
    ASSERT_TRUE(finding.lease) << status;
    EXPECT_EQ(finding.lease->keys.access_key_id, "V1");
    EXPECT_EQ(network.seen().back().header("X-aws-ec2-metadata-token"), "");

    ChainSettings strict = settings({{"AWS_EC2_METADATA_V1_DISABLED", "true"}});
    strict.clients = network.factory();
    EXPECT_THAT(Chain(strict).find().trouble,
                HasSubstr("answered " + std::to_string(status) +
                          ", and AWS_EC2_METADATA_V1_DISABLED is true"));
  }
}

TEST_F(ChainTest, ec2_whose_token_does_not_arrive_is_asked_in_the_old_way) {
  has_instance("V1");
  network_.on("PUT " + imds + "api/token", no_answer(aws::RequestEnd::timed_out, "timed out"));
  const Finding finding = find({});
  ASSERT_TRUE(finding.lease);
  EXPECT_EQ(finding.lease->keys.access_key_id, "V1");
  EXPECT_EQ(network_.count("PUT " + imds + "api/token"), 3U);
}

TEST_F(ChainTest, ec2_of_a_bad_moment_is_asked_three_times) {
  has_instance("EC2");
  int asked = 0;
  network_.on(roles, [&asked](const Seen&) {
    return ++asked < 3 ? answer(503, "") : answer(200, "the-role");
  });
  EXPECT_TRUE(find({}).lease);
  EXPECT_EQ(asked, 3);
}

TEST_F(ChainTest, ec2_s_address_can_be_set) {
  network_.on("PUT http://127.0.0.1:9/base/latest/api/token", answer(200, "t"));
  network_.on("PUT http://[fd00:ec2::254]/latest/api/token", answer(200, "t"));
  EXPECT_FALSE(find({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9/base/"}}).lease);
  EXPECT_FALSE(find({{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6"}}).lease);
  EXPECT_EQ(network_.count("PUT http://127.0.0.1:9/base/latest/api/token"), 1U);
  EXPECT_EQ(network_.count("PUT http://[fd00:ec2::254]/latest/api/token"), 1U);
  EXPECT_THAT(find({{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv5"}}).trouble,
              HasSubstr("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE takes IPv4 or IPv6"));
}

TEST_F(ChainTest, a_role_s_name_of_ec2_cannot_change_the_path) {
  has_instance("EC2");
  for (const char* name : {"../../user-data", "a b", "", "..", "a/b", "a?b"}) {
    network_.on(roles, answer(200, name));
    EXPECT_THAT(find({}).trouble, HasSubstr("EC2 metadata: the answer is no name of a role"))
        << name;
  }
}

TEST_F(ChainTest, a_container_s_agent_is_asked_with_the_token_of_the_file) {
  directory_.write("token", "pod-token");
  const std::string url = "http://169.254.170.23/v1/credentials?x=1";
  network_.on("GET " + url, answer(200, json_keys("EKS")));
  const Variables variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url},
                               {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "not this one"},
                               {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", directory_.path("token")},
                               {"AWS_EC2_METADATA_DISABLED", "true"}};
  Chain chain(settings(variables));
  ASSERT_TRUE(chain.find().lease);
  directory_.write("token", "next-token");
  const Finding finding = chain.find();
  ASSERT_TRUE(finding.lease);
  EXPECT_EQ(finding.lease->origin, "container metadata");
  const auto seen = network_.seen();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].header("Authorization"), "pod-token");
  EXPECT_EQ(seen[1].header("Authorization"), "next-token");
  EXPECT_FALSE(seen[0].through_proxy);
}

TEST_F(ChainTest, a_token_with_a_line_break_is_not_sent) {
  directory_.write("token", "pod-token\r\nX-Evil: 1");
  const Finding finding =
      find({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/"},
            {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", directory_.path("token")},
            {"AWS_EC2_METADATA_DISABLED", "true"}});
  EXPECT_THAT(finding.trouble,
              AllOf(HasSubstr("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: the token has a line break"),
                    Not(HasSubstr("Evil"))));
  EXPECT_THAT(network_.lines(), IsEmpty());
}

TEST_F(ChainTest, the_relative_address_of_ecs_comes_first) {
  network_.on("GET http://169.254.170.2/v2/credentials/abc", answer(200, json_keys("ECS")));
  const Finding finding = find({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/abc"},
                                {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/"}});
  ASSERT_TRUE(finding.lease);
  EXPECT_EQ(finding.lease->keys.access_key_id, "ECS");
}

TEST_F(ChainTest, plain_http_is_for_hosts_of_this_machine_and_its_agents) {
  for (const char* host : {"127.0.0.1", "127.9.9.9", "localhost", "[::1]", "169.254.170.2:80",
                           "169.254.170.23", "[fd00:ec2::23]", "[fd00:0ec2:0:0:0:0:0:23]"}) {
    EXPECT_NO_THROW((void)parse_container_url(std::string("http://") + host + "/x")) << host;
  }
  for (const char* host : {"169.254.170.3", "10.0.0.1", "example.com", "[fd00:ec2::24]",
                           "localhost.example.com", "2130706433"}) {
    EXPECT_THROW((void)parse_container_url(std::string("http://") + host + "/x"),
                 aws::EndpointError)
        << host;
    EXPECT_NO_THROW((void)parse_container_url(std::string("https://") + host + "/x")) << host;
  }
  for (const char* url : {"", "/x", "ftp://127.0.0.1/", "http://127.0.0.1/a b",
                          "http://u@127.0.0.1/", "http://127.0.0.1/#f", "http://127.0.0.1:0/"}) {
    EXPECT_THROW((void)parse_container_url(url), aws::EndpointError) << url;
  }
  EXPECT_EQ(parse_container_url("http://127.0.0.1?a=b").target, "/?a=b");
}

TEST_F(ChainTest, a_web_identity_s_token_is_read_each_time_and_sent_to_the_region_s_sts) {
  directory_.write("token", "first.token\n");
  network_.on(sts, answer(200, sts_keys("AssumeRoleWithWebIdentity", "WEB")));
  Chain chain(settings({{"AWS_WEB_IDENTITY_TOKEN_FILE", directory_.path("token")},
                        {"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"},
                        {"AWS_EC2_METADATA_DISABLED", "true"}}));
  Finding finding = chain.find();
  ASSERT_TRUE(finding.lease);
  EXPECT_EQ(finding.lease->keys.access_key_id, "WEB");
  EXPECT_EQ(finding.lease->origin, "web identity, role arn:aws:iam::1:role/r");
  directory_.write("token", "second.token");
  ASSERT_TRUE(chain.find().lease);
  const auto seen = network_.seen();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3A"
            "role%2Fr&RoleSessionName=xray-daemon&WebIdentityToken=first.token");
  EXPECT_THAT(seen[1].body, HasSubstr("WebIdentityToken=second.token"));
  EXPECT_EQ(seen[0].header("Authorization"), "");
  EXPECT_TRUE(seen[0].through_proxy);
}

TEST_F(ChainTest, a_role_is_taken_with_a_signed_request) {
  network_.on(sts, answer(200, sts_keys("AssumeRole", "ROLE")));
  ChainSettings with = settings({{"AWS_ACCESS_KEY_ID", "AKIA"}, {"AWS_SECRET_ACCESS_KEY", "s"}});
  with.role = {.arn = "arn:aws:iam::1:role/x",
               .session_name = std::string(default_session_name),
               .external_id = "e 1",
               .duration = 900s};
  const Finding finding = Chain(with).find();
  ASSERT_TRUE(finding.lease);
  EXPECT_EQ(finding.lease->keys.access_key_id, "ROLE");
  EXPECT_EQ(finding.lease->origin, "role arn:aws:iam::1:role/x by way of environment");
  const auto seen = network_.seen();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].body,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx"
            "&RoleSessionName=xray-daemon&DurationSeconds=900&ExternalId=e%201");
  EXPECT_THAT(seen[0].header("Authorization"),
              HasSubstr("Credential=AKIA/20261122/eu-west-1/sts/aws4_request"));
}

TEST_F(ChainTest, a_role_that_is_refused_is_not_replaced_by_what_should_have_taken_it) {
  network_.on(sts, answer(403, sts_error("AccessDenied", "not you")));
  ChainSettings with = settings({{"AWS_ACCESS_KEY_ID", "AKIA"}, {"AWS_SECRET_ACCESS_KEY", "s"}});
  with.role.arn = "arn:aws:iam::1:role/x";
  const Finding finding = Chain(with).find();
  EXPECT_FALSE(finding.lease);
  EXPECT_EQ(finding.trouble,
            "role arn:aws:iam::1:role/x by way of environment: STS at sts.eu-west-1.amazonaws.com "
            "answered 403: AccessDenied: not you");
  EXPECT_EQ(network_.seen().size(), 1U);
}

TEST_F(ChainTest, a_clock_that_is_wrong_is_corrected_by_what_sts_says) {
  network_.on(sts, [](const Seen& seen) {
    const std::vector<net::Header> date = {{"Date", "Sun, 22 Nov 2026 16:12:41 GMT"}};
    if (seen.header("X-Amz-Date") != "20261122T161241Z") {
      return answer(403, sts_error("SignatureDoesNotMatch", "Signature expired"), date);
    }
    return answer(200, sts_keys("AssumeRole", "ROLE", "2026-11-22T16:27:41Z"), date);
  });
  ChainSettings with = settings({{"AWS_ACCESS_KEY_ID", "AKIA"}, {"AWS_SECRET_ACCESS_KEY", "s"}});
  with.role.arn = "arn:aws:iam::1:role/x";
  const Finding finding = Chain(with).find();
  ASSERT_TRUE(finding.lease) << finding.trouble;
  EXPECT_EQ(finding.lease->expires, start_time + 15min);
  EXPECT_EQ(network_.seen().size(), 2U);
}

TEST_F(ChainTest, a_signature_that_is_wrong_with_the_right_clock_is_not_tried_again) {
  network_.on(sts, answer(403, sts_error("SignatureDoesNotMatch", "no"),
                          {{"Date", "Sun, 22 Nov 2026 15:13:00 GMT"}}));
  ChainSettings with = settings({{"AWS_ACCESS_KEY_ID", "AKIA"}, {"AWS_SECRET_ACCESS_KEY", "s"}});
  with.role.arn = "arn:aws:iam::1:role/x";
  EXPECT_FALSE(Chain(with).find().lease);
  EXPECT_EQ(network_.seen().size(), 1U);
}

TEST_F(ChainTest, sts_can_be_elsewhere) {
  ChainSettings with = settings({{"AWS_ACCESS_KEY_ID", "AKIA"},
                                 {"AWS_SECRET_ACCESS_KEY", "s"},
                                 {"AWS_ENDPOINT_URL", "http://127.0.0.1:1"},
                                 {"AWS_ENDPOINT_URL_STS", "http://127.0.0.1:2/sts/"}});
  with.role.arn = "arn:aws:iam::1:role/x";
  network_.on("POST http://127.0.0.1:2/sts/", answer(200, sts_keys("AssumeRole", "ROLE")));
  EXPECT_TRUE(Chain(with).find().lease);
}

TEST_F(ChainTest, an_address_that_is_none_is_said_with_its_variable_and_without_its_secrets) {
  ChainSettings with = settings({{"AWS_ACCESS_KEY_ID", "AKIA"},
                                 {"AWS_SECRET_ACCESS_KEY", "s"},
                                 {"AWS_ENDPOINT_URL", "http://user:hush@127.0.0.1/"}});
  with.role.arn = "arn:aws:iam::1:role/x";
  EXPECT_THAT(Chain(with).find().trouble,
              AllOf(HasSubstr("STS: AWS_ENDPOINT_URL: "), Not(HasSubstr("hush"))));
  EXPECT_THAT(find({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "ftp://user:hush@127.0.0.1/"}}).trouble,
              AllOf(HasSubstr("EC2 metadata: AWS_EC2_METADATA_SERVICE_ENDPOINT: "),
                    Not(HasSubstr("hush"))));
  EXPECT_THAT(find({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://user:hush@127.0.0.1/hush?hush"},
                    {"AWS_EC2_METADATA_DISABLED", "true"}})
                  .trouble,
              AllOf(HasSubstr("AWS_CONTAINER_CREDENTIALS_FULL_URI: "), Not(HasSubstr("hush"))));
  EXPECT_THAT(network_.lines(), IsEmpty());
}

TEST_F(ChainTest, credentials_that_come_expired_are_not_used_but_for_ec2_s) {
  const std::string past = "2026-11-22T15:00:00Z";
  network_.on("GET http://127.0.0.1/x", answer(200, json_keys("ECS", past)));
  has_instance("EC2");
  network_.on(roles + "the-role", answer(200, json_keys("EC2", past)));
  const Finding finding = find({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/x"}});
  ASSERT_TRUE(finding.lease);
  EXPECT_EQ(finding.lease->keys.access_key_id, "EC2");
  EXPECT_EQ(finding.trouble,
            "container metadata: 127.0.0.1 gave credentials that had expired at "
            "2026-11-22T15:00:00Z");
}

TEST_F(ChainTest, places_are_asked_at_the_same_time_and_the_first_in_order_counts) {
  has_instance("EC2");
  std::promise<void> ec2_answered;
  network_.on(roles + "the-role", [&](const Seen&) {
    ec2_answered.set_value();
    return answer(200, json_keys("EC2"));
  });
  // It answers only after EC2 has done so.
  network_.on("GET http://127.0.0.1/x", [&](const Seen&) {
    ec2_answered.get_future().wait();
    return answer(200, json_keys("ECS"));
  });
  const Finding finding = find({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/x"}});
  ASSERT_TRUE(finding.lease);
  EXPECT_EQ(finding.lease->keys.access_key_id, "ECS");
}

TEST_F(ChainTest, a_place_that_hangs_does_not_hold_up_one_before_it) {
  network_.on("PUT " + imds + "api/token", hang());
  network_.on("GET http://127.0.0.1/x", answer(200, json_keys("ECS")));
  const Finding finding = find({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/x"}});
  ASSERT_TRUE(finding.lease);
  EXPECT_EQ(finding.lease->keys.access_key_id, "ECS");
}

TEST_F(ChainTest, that_is_called_off_ends_at_once) {
  std::promise<void> asked;
  network_.on("PUT " + imds + "api/token", [&](const Seen&) {
    asked.set_value();
    return hang();
  });
  network_.on("GET http://127.0.0.1/x", hang());
  Chain chain(settings({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/x"}}));
  std::thread other([&] {
    asked.get_future().wait();
    chain.call_off();
  });
  EXPECT_FALSE(chain.find().lease);
  other.join();
  EXPECT_FALSE(chain.find().lease);
}

}  // namespace
}  // namespace xrayd::credentials
