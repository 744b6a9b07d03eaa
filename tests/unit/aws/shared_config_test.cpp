// tests/conformance compares the grammar with botocore's.
#include "aws/shared_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace xrayd::aws {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

SharedConfig config_of(std::string_view config, std::string_view credentials = {}) {
  return {SharedConfig::File{"config", config}, SharedConfig::File{"credentials", credentials}};
}

template <typename Call>
std::string complaint_of(Call call) {
  try {
    call();
  } catch (const SharedConfigError& error) {
    return error.what();
  }
  return "none";
}

std::string file_complaint(std::string_view text) {
  return complaint_of([text] { (void)parse_sections(text, "file"); });
}

std::string profile_complaint(std::string_view text, std::string_view name = "default") {
  return complaint_of([=] { (void)config_of(text).profile(name); });
}

std::string chain_complaint(std::string_view text, std::string_view name = "default") {
  return complaint_of([=] { (void)config_of(text).source_chain(name); });
}

std::vector<std::string> chain_names(const SharedConfig& config, std::string_view name) {
  std::vector<std::string> names;
  for (const Profile& profile : config.source_chain(name)) names.push_back(profile.name);
  return names;
}

TEST(SharedConfig, every_setting_of_a_profile_is_read) {
  const Profile profile = config_of(R"([profile full]
region = eu-west-1
aws_access_key_id = AKID
aws_secret_access_key = abc/def+ghi=
aws_session_token = tok==
role_arn = arn:aws:iam::1:role/r
source_profile = base
credential_source = ec2instancemetadata
external_id = x-1
role_session_name = me
duration_seconds = 3600
mfa_serial = arn:aws:iam::1:mfa/m
web_identity_token_file = /var/run/token
credential_process = /bin/give --key "a b"
sts_regional_endpoints = Legacy
)")
                              .profile("full");
  EXPECT_EQ(profile.name, "full");
  EXPECT_EQ(profile.region, "eu-west-1");
  EXPECT_EQ(profile.access_key_id, "AKID");
  EXPECT_EQ(profile.secret_access_key.reveal(), "abc/def+ghi=");
  EXPECT_EQ(profile.session_token.reveal(), "tok==");
  EXPECT_EQ(profile.role_arn, "arn:aws:iam::1:role/r");
  EXPECT_EQ(profile.source_profile, "base");
  EXPECT_EQ(profile.credential_source, "Ec2InstanceMetadata");
  EXPECT_EQ(profile.external_id, "x-1");
  EXPECT_EQ(profile.role_session_name, "me");
  EXPECT_EQ(profile.duration, std::chrono::seconds(3600));
  EXPECT_EQ(profile.web_identity_token_file, "/var/run/token");
  EXPECT_EQ(profile.credential_process.reveal(), "/bin/give --key \"a b\"");
  EXPECT_EQ(profile.sts_regional_endpoints, StsEndpoints::legacy);
  EXPECT_TRUE(profile.has_keys());
}

TEST(SharedConfig, sections_are_profiles_by_other_names_in_the_two_files) {
  const SharedConfig config = config_of(
      "[default]\n[profile one]\n[two]\n[profile \"a b\"]\n[profiles x]\n[profile]\n[sso-session "
      "s]\n",
      "[three]\n[profile four]\n");
  EXPECT_THAT(config.profile_names(),
              ElementsAre("a b", "default", "one", "profile four", "three"));
  EXPECT_TRUE(config.has_profile("one"));
  EXPECT_FALSE(config.has_profile("two"));
}

TEST(SharedConfig, absent_files_have_no_profiles) {
  EXPECT_FALSE(SharedConfig().has_profile("default"));
  EXPECT_FALSE(SharedConfig(std::nullopt, std::nullopt).has_profile("default"));
  EXPECT_THAT(profile_complaint("", "prod"), HasSubstr("have no profile 'prod'"));
}

TEST(SharedConfig, the_credentials_file_counts_where_both_have_a_value) {
  const Profile profile =
      config_of("[profile x]\nregion=a\naws_access_key_id=C\naws_secret_access_key=c\n",
                "[x]\naws_access_key_id=K\naws_secret_access_key=k\n")
          .profile("x");
  EXPECT_EQ(profile.region, "a");
  EXPECT_EQ(profile.access_key_id, "K");
  EXPECT_EQ(profile.secret_access_key.reveal(), "k");
}

TEST(SharedConfig, the_long_name_of_the_default_profile_counts_before_the_short_one) {
  for (const char* text : {"[default]\nregion=a\noutput=o\n[profile default]\nregion=b\n",
                           "[profile default]\nregion=b\n[default]\nregion=a\noutput=o\n"}) {
    EXPECT_EQ(config_of(text).profile("default").region, "b") << text;
  }
}

TEST(SharedConfig, what_is_there_twice_is_joined_and_the_last_value_counts) {
  const Profile profile =
      config_of("[profile x]\nregion=a\nrole_arn=r\nregion=b\n[profile x]\nregion=c\n")
          .profile("x");
  EXPECT_EQ(profile.region, "c");
  EXPECT_EQ(profile.role_arn, "r");
}

TEST(SharedConfig, windows_lines_a_byte_order_mark_and_comments_are_no_part_of_values) {
  const Profile profile = config_of(
                              "\xEF\xBB\xBF[default]\r\n# c\r\nregion = us-east-1 # mine\r\n"
                              "role_arn = r#1\t; old\rexternal_id = e\r\n"
                              "credential_process = a ; b # c\n")
                              .profile("default");
  EXPECT_EQ(profile.region, "us-east-1");
  EXPECT_EQ(profile.role_arn, "r#1");
  EXPECT_EQ(profile.external_id, "e");
  EXPECT_EQ(profile.credential_process.reveal(), "a ; b # c");
}

TEST(SharedConfig, nested_settings_hide_nothing_and_are_no_settings_of_the_profile) {
  const Sections sections =
      parse_sections("[default]\ns3 =\n  region = inner\n  max = 1\nregion = outer\n", "f");
  const Settings& settings = sections.at("default");
  EXPECT_EQ(settings.at("region").value.reveal(), "outer");
  EXPECT_EQ(settings.at("region").line, 5U);
  const auto& nested = settings.at("s3").nested;
  ASSERT_EQ(nested.size(), 2U);
  EXPECT_EQ(nested[0].first, "region");
  EXPECT_EQ(nested[1].second.reveal(), "1");
}

TEST(SharedConfig, a_line_that_is_nothing_is_refused_with_its_place_and_without_its_text) {
  EXPECT_EQ(file_complaint("\nhunter2 = x\n"), "file:2: there is no [section] above this line");
  EXPECT_EQ(file_complaint("[a]\n= hunter2\n"), "file:2: there is no key before the equals sign");
  EXPECT_THAT(file_complaint("[a]\nk = v\nhunter2\n"), StartsWith("file:3: this line is no "));
  EXPECT_THAT(file_complaint("[a]\r\n\r\n[]\r\n"), StartsWith("file:3: "));
  EXPECT_THAT(file_complaint("[a]\nk =\n  hunter2\n"), StartsWith("file:2: 'k' has a line below"));
  for (const char* text : {"\nhunter2 = x\n", "[a]\n= hunter2\n", "[a]\nhunter2\n",
                           "[a]\nk =\n  hunter2\n", "[a]\nhunter2/+= \n  x\n[b\n"}) {
    EXPECT_THAT(file_complaint(text), AllOf(Not(HasSubstr("hunter2")), Not("none"))) << text;
  }
}

TEST(SharedConfig, a_bad_value_is_named_with_its_place_and_not_shown) {
  const auto in_default = [](const std::string& line) {
    return profile_complaint("[default]\n" + line + "\n");
  };
  EXPECT_EQ(in_default("duration_seconds = 1h"),
            "config:2: duration_seconds takes a number of seconds, 900 to 43200");
  for (const char* text : {"899", "43201", "-1", "900s", "99999999999999999999"}) {
    EXPECT_THAT(in_default(std::string("duration_seconds = ") + text), HasSubstr("900 to 43200"));
  }
  EXPECT_THAT(in_default("sts_regional_endpoints = hunter2"),
              HasSubstr("takes regional or legacy"));
  EXPECT_THAT(in_default("credential_source = hunter2"), HasSubstr("takes Environment, "));
  EXPECT_EQ(in_default("aws_secret_access_key = hunter2"),
            "config:2: aws_secret_access_key has no aws_access_key_id beside it");
  EXPECT_EQ(in_default("aws_access_key_id = hunter2"),
            "config:2: aws_access_key_id has no aws_secret_access_key beside it");
  EXPECT_THAT(in_default("aws_session_token = hunter2\n  more"), HasSubstr("one line"));
  EXPECT_THAT(in_default("aws_session_token =\n  hunter2 = 1"), HasSubstr("one line"));
  EXPECT_THAT(in_default(std::string("region = hunter2\0", 17)), HasSubstr("one line"));
  for (const char* line : {"sts_regional_endpoints = hunter2", "credential_source = hunter2",
                           "aws_session_token = hunter2\n  more", "duration_seconds = hunter2"}) {
    EXPECT_THAT(in_default(line), Not(HasSubstr("hunter2")));
  }
}

TEST(SharedConfig, a_mistake_in_one_profile_does_not_cost_another) {
  const SharedConfig config =
      config_of("[profile bad]\nduration_seconds=x\n[profile good]\nregion=a\n");
  EXPECT_EQ(config.profile("good").region, "a");
  EXPECT_THROW((void)config.profile("bad"), SharedConfigError);
}

constexpr std::string_view keys = "aws_access_key_id=K\naws_secret_access_key=k\n";

TEST(SourceChain, follows_the_sources_to_the_keys) {
  const SharedConfig config = config_of(
      "[profile a]\nrole_arn=ra\nsource_profile=b\n[profile b]\nrole_arn=rb\nsource_profile=c\n",
      "[c]\n" + std::string(keys));
  EXPECT_THAT(chain_names(config, "a"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(chain_names(config, "c"), ElementsAre("c"));
  EXPECT_TRUE(config.source_chain("a").back().source_profile.empty());
}

TEST(SourceChain, a_source_s_own_keys_come_before_its_role) {
  const SharedConfig config = config_of(
      "[profile a]\nrole_arn=ra\nsource_profile=b\n[profile b]\nrole_arn=rb\n"
      "source_profile=c\nmfa_serial=m\n" +
      std::string(keys));
  const auto chain = config.source_chain("a");
  ASSERT_EQ(chain.size(), 2U);
  EXPECT_EQ(chain.back().role_arn, "");
}

TEST(SourceChain, a_profile_with_keys_may_be_its_own_source) {
  const SharedConfig config =
      config_of("[default]\nrole_arn=r\nsource_profile=default\n" + std::string(keys));
  EXPECT_THAT(chain_names(config, "default"), ElementsAre("default", "default"));
  EXPECT_EQ(config.source_chain("default").front().role_arn, "r");
  EXPECT_EQ(config.source_chain("default").back().role_arn, "");
}

TEST(SourceChain, other_sources_than_profiles_end_it) {
  EXPECT_THAT(
      chain_names(config_of("[default]\nrole_arn=r\ncredential_source=EcsContainer\n"), "default"),
      ElementsAre("default"));
  EXPECT_THAT(
      chain_names(config_of("[default]\nrole_arn=r\nweb_identity_token_file=/t\n"), "default"),
      ElementsAre("default"));
  EXPECT_THAT(chain_names(config_of("[default]\nrole_arn=r\nsource_profile=p\n[profile p]\n"
                                    "credential_process=/bin/x\n"),
                          "default"),
              ElementsAre("default", "p"));
}

TEST(SourceChain, circles_gaps_and_contradictions_are_refused_by_name) {
  EXPECT_EQ(chain_complaint("[default]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=r\n"
                            "source_profile=default\n"),
            "config:6: source_profile leads back to profile 'default', which then needs itself");
  EXPECT_THAT(chain_complaint("[default]\nrole_arn=r\nsource_profile=default\n"),
              HasSubstr("config:3: source_profile leads back to profile 'default'"));
  EXPECT_EQ(chain_complaint("[default]\nrole_arn=r\nsource_profile=gone\n"),
            "config:3: source_profile names profile 'gone', which is in neither file");
  EXPECT_EQ(chain_complaint("[default]\nrole_arn=r\n"),
            "config:2: role_arn needs source_profile, credential_source or "
            "web_identity_token_file beside it");
  EXPECT_EQ(chain_complaint("[default]\nrole_arn=r\nsource_profile=b\n[profile b]\nregion=x\n"),
            "profile 'b' is a source_profile, but has no credentials");
  EXPECT_EQ(chain_complaint("[default]\nrole_arn=r\nsource_profile=b\n"
                            "credential_source=Environment\n[profile b]\n" +
                            std::string(keys)),
            "config:3: source_profile and credential_source exclude each other");
  EXPECT_THAT(
      chain_complaint("[default]\nrole_arn=r\nsource_profile=b\nmfa_serial=m\n[profile b]\n" +
                      std::string(keys)),
      StartsWith("config:4: mfa_serial asks for a code"));
  EXPECT_THAT(chain_complaint("", "none-such"), HasSubstr("have no profile 'none-such'"));
}

}  // namespace
}  // namespace xrayd::aws
