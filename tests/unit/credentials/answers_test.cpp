#include "credentials/answers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "credentials/xml_fields.hpp"

namespace xrayd::credentials {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view container =
    R"({"RoleArn": "arn:aws:iam::1:role/r", "AccessKeyId": "ASIA", "SecretAccessKey": "s3/+=",)"
    R"( "Token": "t0k", "Expiration": "2026-11-22T15:12:41Z"})";

constexpr std::string_view instance =
    R"({"Code": "Success", "LastUpdated": "2026-11-22T09:12:41Z", "Type": "AWS-HMAC",)"
    R"( "AccessKeyId": "ASIA", "SecretAccessKey": "s3", "Token": "t0k",)"
    R"( "Expiration": "2026-11-22T15:12:41Z"})";

constexpr std::string_view sts = R"(<?xml version="1.0"?>
<!-- a comment -->
<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/r/xray-daemon</Arn></AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIA</AccessKeyId>
      <SecretAccessKey>a/b+c=&amp;&#38;</SecretAccessKey>
      <SessionToken>
        t0k==
      </SessionToken>
      <Expiration>2026-11-22T15:12:41Z</Expiration>
    </Credentials>
    <PackedPolicySize/>
  </AssumeRoleResult>
</AssumeRoleResponse>)";

// 2026-11-22 15:12:41
constexpr std::chrono::sys_seconds end{std::chrono::seconds(1795360361)};

TEST(ContainerAnswer, has_keys_token_and_end) {
  const KeysAnswer answer = read_container_answer(container);
  EXPECT_EQ(answer.problem, "");
  EXPECT_EQ(answer.keys.access_key_id, "ASIA");
  EXPECT_EQ(answer.keys.secret_access_key.reveal(), "s3/+=");
  EXPECT_EQ(answer.keys.session_token.reveal(), "t0k");
  EXPECT_EQ(answer.expires, end);
}

TEST(ContainerAnswer, of_an_error_says_what_the_service_said) {
  const KeysAnswer answer =
      read_container_answer(R"({"code": "NoSuchTask", "message": "what\r\ntask?"})");
  EXPECT_EQ(answer.problem, "the answer has no credentials: NoSuchTask: what  task?");
}

TEST(ContainerAnswer, that_lacks_something_says_what_and_no_values) {
  const auto problem_without = [](std::string_view name) {
    std::string text(container);
    text.replace(text.find(name), 2, "Xx");
    return read_container_answer(text).problem;
  };
  EXPECT_EQ(problem_without("AccessKeyId"), "the answer has no AccessKeyId");
  EXPECT_EQ(problem_without("SecretAccessKey"), "the answer has no SecretAccessKey");
  EXPECT_EQ(problem_without("Token"), "the answer has no Token");
  EXPECT_EQ(problem_without("Expiration"), "the answer has no Expiration");
  EXPECT_EQ(problem_without("2026"), "Expiration in the answer is no time");
}

TEST(ContainerAnswer, never_carries_a_line_break_into_a_header) {
  std::string text(container);
  text.replace(text.find("t0k"), 3, R"(t\r\nX-Evil: 1)");
  const KeysAnswer answer = read_container_answer(text);
  EXPECT_THAT(answer.problem, HasSubstr("Token in the answer has characters"));
  EXPECT_THAT(answer.problem, Not(HasSubstr("Evil")));
  EXPECT_TRUE(answer.keys.session_token.empty());
}

TEST(ContainerAnswer, that_is_garbage_is_a_problem) {
  for (const char* text : {"", "{", "[]", "null", "<html>", "\xff\xfe", R"({"AccessKeyId": 7})",
                           "{\"Code\":\"Success\",\"\363e", "{\"\363"}) {
    EXPECT_FALSE(read_container_answer(text).problem.empty()) << text;
  }
  EXPECT_FALSE(read_container_answer(std::string(longest_answer + 1, '[')).problem.empty());
}

TEST(InstanceAnswer, needs_the_code_success) {
  EXPECT_EQ(read_instance_answer(instance).problem, "");
  EXPECT_EQ(read_instance_answer(instance).expires, end);
  EXPECT_EQ(read_instance_answer(
                R"({"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume"})")
                .problem,
            "the answer has no credentials: AssumeRoleUnauthorizedAccess: EC2 cannot assume");
  EXPECT_FALSE(read_instance_answer(container).problem.empty());
}

TEST(ProcessAnswer, has_a_version_and_may_last) {
  const KeysAnswer lasting =
      read_process_answer(R"({"Version": 1, "AccessKeyId": "AKIA", "SecretAccessKey": "s"})");
  EXPECT_EQ(lasting.problem, "");
  EXPECT_TRUE(lasting.keys.session_token.empty());
  EXPECT_FALSE(lasting.expires);
  const KeysAnswer ending = read_process_answer(
      R"({"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "s", "SessionToken": "t",)"
      R"( "Expiration": "2026-11-22T16:12:41+01:00"})");
  EXPECT_EQ(ending.problem, "");
  EXPECT_EQ(ending.keys.session_token.reveal(), "t");
  EXPECT_EQ(ending.expires, end);
  EXPECT_EQ(
      read_process_answer(R"({"Version": 2, "AccessKeyId": "A", "SecretAccessKey": "s"})").problem,
      "Version in the output is not 1");
}

TEST(StsAnswer, is_read_out_of_its_xml) {
  const KeysAnswer answer = read_sts_answer(sts);
  EXPECT_EQ(answer.problem, "");
  EXPECT_EQ(answer.keys.access_key_id, "ASIA");
  EXPECT_EQ(answer.keys.secret_access_key.reveal(), "a/b+c=&&");
  EXPECT_EQ(answer.keys.session_token.reveal(), "t0k==");
  EXPECT_EQ(answer.expires, end);
}

TEST(StsAnswer, cut_anywhere_is_a_problem) {
  for (std::size_t size = 0; size < sts.size(); ++size) {
    EXPECT_FALSE(read_sts_answer(sts.substr(0, size)).problem.empty()) << size;
  }
}

TEST(StsError, has_code_and_message) {
  const ServiceError error = read_sts_error(
      "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
      "<Message>User: a is not authorized &lt;here&gt;</Message></Error></ErrorResponse>");
  EXPECT_EQ(error.suffix(), ": AccessDenied: User: a is not authorized <here>");
  EXPECT_EQ(read_sts_error("<html><body>502</body></html>").suffix(), "");
  EXPECT_EQ(
      read_sts_error(std::string("<Error><Message>") + std::string(500, 'x') + "</Message></Error>")
          .message.size(),
      200U);
}

TEST(XmlFields, that_are_not_well_formed_are_none) {
  for (const char* text : {"",
                           "text",
                           "<a>",
                           "</a>",
                           "<a></b>",
                           "<a><b></a></b>",
                           "<a/><b/>",
                           "<a>&nbsp;</a>",
                           "<a>&#0;</a>",
                           "<a>&#xD800;</a>",
                           "<a>x</a>y",
                           "<a>x<b/></a>",
                           "<a><b/>x</a>",
                           "<!DOCTYPE a><a>x</a>",
                           "<a><![CDATA[x]]></a>",
                           "<a b='>x</a>",
                           "<>x</>",
                           "<a>x&amp</a>",
                           "<!-- <a>x</a>",
                           "<?xml"}) {
    EXPECT_THAT(read_xml_fields(text), IsEmpty()) << text;
  }
}

TEST(XmlFields, know_their_place) {
  const auto fields = read_xml_fields("<a x='>' y=\"/>\"><b>1</b><c><b> 2 </b></c ></a>");
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[0].path, "a/b");
  EXPECT_EQ(fields[1].path, "a/c/b");
  EXPECT_EQ(field_of(fields, "c/b"), "2");
  EXPECT_EQ(field_of(fields, "b"), "1");
  EXPECT_EQ(field_of(fields, "/b"), "");
}

TEST(XmlFields, are_bounded_in_depth_and_number) {
  const auto nested = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += "<a>";
    for (int i = 0; i < depth; ++i) text += "</a>";
    return text;
  };
  EXPECT_EQ(read_xml_fields(nested(16)).size(), 1U);
  EXPECT_THAT(read_xml_fields(nested(17)), IsEmpty());
  std::string many = "<a>";
  for (int i = 0; i < 257; ++i) many += "<b/>";
  EXPECT_THAT(read_xml_fields(many + "</a>"), IsEmpty());
}

}  // namespace
}  // namespace xrayd::credentials
