#include "account_api_test.hpp"

namespace xrayd::local {
namespace {

using testing::MatchesRegex;

constexpr const char* put = "/PutResourcePolicy";
constexpr const char* list = "/ListResourcePolicies";
constexpr const char* remove = "/DeleteResourcePolicy";

constexpr const char* bad_revision = "InvalidPolicyRevisionIdException";
constexpr const char* bad_revision_text =
    "The policy revision id does not match the latest revision";

class ResourcePoliciesTest : public AccountApiTest {
 protected:
  /// A policy of that many bytes.
  static std::string document(std::size_t bytes = 0) {
    std::string text = R"({"Statement":[{"Effect":"Allow","Principal":"*","Action":"xray:*"}]})";
    if (bytes > text.size()) text.append(bytes - text.size(), ' ');
    return text;
  }

  static std::string policy(const std::string& name, const std::string& more = "",
                            const std::string& text = document()) {
    return R"({"PolicyName":)" + json_text(name) + R"(,"PolicyDocument":)" + json_text(text) +
           more + "}";
  }

  static std::string by_name(const std::string& name, const std::string& more = "") {
    return R"({"PolicyName":)" + json_text(name) + more + "}";
  }

  std::string revision_of(const std::string& body) {
    const auto answer = ask(put, body);
    const auto* stored = member(answer.value(), "ResourcePolicy");
    return std::string(text_member(*stored, "PolicyRevisionId").value_or(""));
  }
};

TEST_F(ResourcePoliciesTest, policies_are_stored_listed_and_deleted) {
  EXPECT_EQ(call(list), R"({"ResourcePolicies":[],"NextToken":null})");
  const auto answer = call(put, policy("a", R"(,"BypassPolicyLockoutCheck":true)"));
  EXPECT_THAT(answer,
              MatchesRegex(R"(\{"ResourcePolicy":\{"PolicyName":"a","PolicyDocument":".*",)"
                           R"("PolicyRevisionId":"1","LastUpdatedTime":1[0-9]+\.[0-9]+\}\})"));
  const auto all = ask(list);
  const auto& policies = *member(all.value(), "ResourcePolicies");
  ASSERT_EQ(policies.Size(), 1U);
  EXPECT_EQ(text_member(policies[0], "PolicyDocument"), document());
  EXPECT_EQ(call(remove, by_name("a")), "{}");
  EXPECT_EQ(call(list), R"({"ResourcePolicies":[],"NextToken":null})");
}

TEST_F(ResourcePoliciesTest, policies_outlive_the_daemon) {
  call(put, policy("b"));
  call(put, policy("a"));
  call(put, policy("a", "", document(5120)));
  call(put, policy("gone"));
  call(remove, by_name("gone"));
  const auto before = call(list);
  restart();
  EXPECT_EQ(call(list), before);
  EXPECT_EQ(revision_of(policy("a", R"(,"PolicyRevisionId":"2")")), "3");
}

TEST_F(ResourcePoliciesTest, a_revision_is_good_until_the_next_change) {
  EXPECT_EQ(revision_of(policy("a", R"(,"PolicyRevisionId":"0")")), "1");
  expect_refused(put, policy("a", R"(,"PolicyRevisionId":"0")"), bad_revision, bad_revision_text);
  EXPECT_EQ(revision_of(policy("a", R"(,"PolicyRevisionId":"1")")), "2");
  expect_refused(put, policy("a", R"(,"PolicyRevisionId":"1")"), bad_revision, bad_revision_text);
  EXPECT_EQ(revision_of(policy("a")), "3");
  for (const char* id : {"", "03", "x", "4", "2"}) {
    const std::string more = R"(,"PolicyRevisionId":")" + std::string(id) + '"';
    expect_refused(put, policy("a", more), bad_revision, bad_revision_text);
    expect_refused(remove, by_name("a", more), bad_revision, bad_revision_text);
  }
  expect_refused(put, policy("new", R"(,"PolicyRevisionId":"1")"), bad_revision, bad_revision_text);
  call(remove, by_name("a", R"(,"PolicyRevisionId":"3")"));
}

TEST_F(ResourcePoliciesTest, a_sixth_policy_is_refused) {
  for (const char* name : {"a", "b", "c", "d", "e"}) call(put, policy(name));
  expect_refused(put, policy("f"), "PolicyCountLimitExceededException",
                 "Resource policy limit exceeded: 5");
  call(put, policy("e"));
  call(remove, by_name("a"));
  call(put, policy("f"));
}

TEST_F(ResourcePoliciesTest, documents_are_bounded_and_checked) {
  call(put, policy("a", "", document(5120)));
  expect_refused(put, policy("a", "", document(5121)), "PolicySizeLimitExceededException",
                 "Policy document exceeds the maximum size of 5120 bytes");
  for (const char* text : {"", "x", "[]", "\"a\"", "{\"Statement\":"}) {
    expect_refused(put, policy("a", "", text), "MalformedPolicyDocumentException",
                   "Policy document must be a JSON object");
  }
  expect_refused(put, policy("a", "", "{}"), "MalformedPolicyDocumentException",
                 "Policy document must contain a Statement");
}

TEST_F(ResourcePoliciesTest, a_policy_that_locks_its_owner_out_is_taken_only_on_purpose) {
  const std::string text = R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"xray:*"}})";
  expect_refused(put, policy("a", "", text), "LockoutPreventionException",
                 "The policy would prevent its owner from calling PutResourcePolicy");
  EXPECT_EQ(revision_of(policy("a", R"(,"BypassPolicyLockoutCheck":true)", text)), "1");
}

TEST_F(ResourcePoliciesTest, what_is_not_there_cannot_be_deleted) {
  expect_refused(remove, by_name("a"), invalid, "Resource policy not found");
}

TEST_F(ResourcePoliciesTest, constraints_of_the_model_are_kept) {
  expect_refused(put, "{}", validation,
                 "2 validation errors detected: Value null at 'policyName' failed to satisfy "
                 "constraint: Member must not be null; Value null at 'policyDocument' failed to "
                 "satisfy constraint: Member must not be null");
  expect_violation(remove, "{}",
                   "Value null at 'policyName' failed to satisfy constraint: Member must not be "
                   "null");
  for (const char* name : {"a b", "a/b", "a:b", "\xC3\xA4"}) {
    expect_violation(remove, by_name(name),
                     "Value '" + std::string(name) +
                         "' at 'policyName' failed to satisfy constraint: Member must satisfy "
                         "regular expression pattern: [\\w+=,.@-]+");
  }
  expect_refused(
      remove, by_name(""), validation,
      "2 validation errors detected: Value '' at 'policyName' failed to satisfy "
      "constraint: Member must have length greater than or equal to 1; Value '' at "
      "'policyName' failed to satisfy constraint: Member must satisfy regular expression "
      "pattern: [\\w+=,.@-]+");
  const std::string long_name(129, 'x');
  expect_violation(put, policy(long_name),
                   "Value '" + long_name +
                       "' at 'policyName' failed to satisfy constraint: Member must have length "
                       "less than or equal to 128");
  call(put, policy(std::string(120, 'x') + "_+=,.@-0"));
  expect_refused(put, policy("a", R"(,"BypassPolicyLockoutCheck":"true")"), serialization,
                 "bypassPolicyLockoutCheck must be a boolean");
  expect_refused(list, R"({"NextToken":"x"})", invalid, "NextToken is currently not supported");
  expect_violation(list, R"({"NextToken":""})",
                   "Value '' at 'nextToken' failed to satisfy constraint: Member must have length "
                   "greater than or equal to 1");
}

}  // namespace
}  // namespace xrayd::local
