#include "account_api_test.hpp"

namespace xrayd::local {
namespace {

using testing::HasSubstr;

constexpr const char* tag = "/TagResource";
constexpr const char* untag = "/UntagResource";
constexpr const char* list = "/ListTagsForResource";

constexpr const char* arn_start = "arn:aws:xray:us-east-1:000000000000:";

/// The same for groups and for sampling rules.
class TagsTest : public AccountApiTest, public testing::WithParamInterface<bool> {
 protected:
  TagsTest() { arn_ = make(); }

  std::string make(const std::string& tags = "[]") {
    if (GetParam()) {
      const auto answer = ask("/CreateGroup", R"({"GroupName":"shop","FilterExpression":"fault",)"
                                              R"("Tags":)" +
                                                  tags + "}");
      return std::string(*text_member(*member(answer.value(), "Group"), "GroupARN"));
    }
    const auto answer =
        ask("/CreateSamplingRule",
            R"({"SamplingRule":{"RuleName":"shop","ResourceARN":"*","Priority":10,"FixedRate":0.1,)"
            R"("ReservoirSize":5,"ServiceName":"*","ServiceType":"*","Host":"*","HTTPMethod":"*",)"
            R"("URLPath":"*","Version":1},"Tags":)" +
                tags + "}");
    const auto* rule = member(*member(answer.value(), "SamplingRuleRecord"), "SamplingRule");
    return std::string(*text_member(*rule, "RuleARN"));
  }

  void remove() {
    if (GetParam()) {
      call("/DeleteGroup", R"({"GroupName":"shop"})");
    } else {
      call("/DeleteSamplingRule", R"({"RuleName":"shop"})");
    }
  }

  std::string of_resource(const std::string& more = "") const {
    return R"({"ResourceARN":")" + arn_ + '"' + more + "}";
  }

  std::string of_resource(const std::string& name, const std::string& list_of) const {
    return of_resource(",\"" + name + "\":" + list_of);
  }

  std::string tags() { return call(list, of_resource()); }

  std::string arn_;
};

INSTANTIATE_TEST_SUITE_P(groups_and_rules, TagsTest, testing::Bool(),
                         [](const auto& each) { return each.param ? "group" : "rule"; });

constexpr const char* no_tags = R"({"Tags":[],"NextToken":null})";

TEST_P(TagsTest, tags_are_added_changed_and_taken_away) {
  EXPECT_EQ(tags(), no_tags);
  EXPECT_EQ(call(tag, of_resource("Tags", R"([{"Key":"b","Value":"1"},{"Key":"a","Value":""}])")),
            "{}");
  EXPECT_EQ(tags(),
            R"({"Tags":[{"Key":"a","Value":""},{"Key":"b","Value":"1"}],"NextToken":null})");
  call(tag, of_resource("Tags", R"([{"Key":"b","Value":"2"},{"Key":"B","Value":"3"}])"));
  EXPECT_EQ(tags(), R"({"Tags":[{"Key":"B","Value":"3"},{"Key":"a","Value":""},)"
                    R"({"Key":"b","Value":"2"}],"NextToken":null})");
  EXPECT_EQ(call(untag, of_resource("TagKeys", R"(["b","absent"])")), "{}");
  EXPECT_EQ(tags(),
            R"({"Tags":[{"Key":"B","Value":"3"},{"Key":"a","Value":""}],"NextToken":null})");
  call(tag, of_resource("Tags", "[]"));
  call(untag, of_resource("TagKeys", "[]"));
  call(untag, of_resource("TagKeys", R"(["a","B"])"));
  EXPECT_EQ(tags(), no_tags);
}

TEST_P(TagsTest, tags_given_at_the_beginning_are_there_and_outlive_the_daemon) {
  remove();
  arn_ = make(R"([{"Key":"team","Value":"shop + _.:/=+-@ \u00e4"}])");
  const char* expected = R"({"Tags":[{"Key":"team","Value":"shop + _.:/=+-@ )"
                         "\xC3\xA4"
                         R"("}],"NextToken":null})";
  EXPECT_EQ(tags(), expected);
  restart();
  EXPECT_EQ(tags(), expected);
  call(tag, of_resource("Tags", R"([{"Key":"more","Value":""}])"));
  const auto before = tags();
  restart();
  EXPECT_EQ(tags(), before);
}

TEST_P(TagsTest, tags_go_with_their_resource) {
  call(tag, of_resource("Tags", R"([{"Key":"a","Value":""}])"));
  remove();
  expect_refused(list, of_resource(), not_found, "Resource not found");
  arn_ = make();
  EXPECT_EQ(tags(), no_tags);
  restart();
  EXPECT_EQ(tags(), no_tags);
}

TEST_P(TagsTest, unknown_resources_are_404_and_named) {
  const std::string arn = arn_start + std::string(GetParam() ? "group/no" : "sampling-rule/no");
  const std::string named = R"({"ResourceARN":")" + arn + '"';
  for (const auto& [path, more] :
       {std::pair(tag, R"(,"Tags":[]})"), {untag, R"(,"TagKeys":[]})"}, {list, "}"}}) {
    expect_refused(path, named + more, not_found, "Resource not found");
    EXPECT_EQ(backend_->call(path, named + more).body,
              R"({"__type":"ResourceNotFoundException","Message":"Resource not found",)"
              R"("ResourceName":")" +
                  arn + "\"}");
  }
  expect_refused(list, R"({"ResourceARN":"x"})", not_found, "Resource not found");
}

TEST_P(TagsTest, more_than_50_tags_are_refused_as_a_whole) {
  std::string many;
  for (int i = 0; i < 50; ++i) {
    many +=
        (i == 0 ? "" : ",") + std::string(R"({"Key":"k)") + std::to_string(i) + R"(","Value":""})";
  }
  const char* message = "The resultant tag set must not have more than 50 user tags.";
  expect_refused(tag, of_resource("Tags", "[" + many + R"(,{"Key":"x","Value":""}])"), invalid,
                 message);
  EXPECT_EQ(tags(), no_tags);
  call(tag, of_resource("Tags", "[" + many + "]"));
  expect_refused(tag, of_resource("Tags", R"([{"Key":"x","Value":""}])"), invalid, message);
  call(tag, of_resource("Tags", R"([{"Key":"k7","Value":"changed"}])"));
  call(untag, of_resource("TagKeys", R"(["k7"])"));
  call(tag, of_resource("Tags", R"([{"Key":"x","Value":""}])"));
}

TEST_P(TagsTest, keys_of_aws_and_odd_characters_are_refused) {
  for (const char* key : {"aws:x", "AWS:", "Aws:team"}) {
    expect_refused(tag,
                   of_resource("Tags", R"([{"Key":")" + std::string(key) + R"(","Value":""}])"),
                   invalid, "Tag keys must not start with aws:");
  }
  const char* message = "Tag keys and values may only contain letters, digits, spaces and _.:/=+-@";
  expect_refused(tag, of_resource("Tags", R"([{"Key":"a*","Value":""}])"), invalid, message);
  expect_refused(tag, of_resource("Tags", R"([{"Key":"a","Value":"\u0000"}])"), invalid, message);
  call(tag, of_resource("Tags", R"([{"Key":"my aws:x","Value":"aws:"}])"));
}

TEST_P(TagsTest, constraints_of_the_model_are_kept) {
  for (const char* path : {tag, untag, list}) {
    const std::string more = path == tag ? R"("Tags":[])" : R"("TagKeys":[])";
    expect_violation(path, "{" + more + "}",
                     "Value null at 'resourceARN' failed to satisfy constraint: Member must not be "
                     "null");
    expect_violation(path, R"({"ResourceARN":"",)" + more + "}",
                     "Value '' at 'resourceARN' failed to satisfy constraint: Member must have "
                     "length greater than or equal to 1");
    expect_violation(path, R"({"ResourceARN":)" + quoted(1012) + "," + more + "}",
                     "Value '" + std::string(256, 'x') +
                         "...' at 'resourceARN' failed to satisfy constraint: Member must have "
                         "length less than or equal to 1011");
    expect_refused(path, R"({"ResourceARN":)" + quoted(1011) + "," + more + "}", not_found,
                   "Resource not found");
  }
  expect_violation(tag, of_resource(),
                   "Value null at 'tags' failed to satisfy constraint: Member must not be null");
  expect_violation(untag, of_resource(),
                   "Value null at 'tagKeys' failed to satisfy constraint: Member must not be null");
  std::string keys = R"("a")";
  std::string tags = R"({"Key":"a","Value":""})";
  for (int i = 0; i < 200; ++i) {
    keys += R"(,"a")";
    tags += R"(,{"Key":"a","Value":""})";
  }
  const std::string too_long =
      " failed to satisfy constraint: Member must have length less than or equal to 200";
  expect_violation(untag, of_resource("TagKeys", "[" + keys + "]"),
                   "Value at 'tagKeys'" + too_long);
  expect_violation(tag, of_resource("Tags", "[" + tags + "]"), "Value at 'tags'" + too_long);
  for (const auto& key : {std::string(R"([""])"), "[" + quoted(129) + "]"}) {
    expect_violation(
        untag, of_resource("TagKeys", key),
        "Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: "
        "[Member must have length less than or equal to 128, Member must have length "
        "greater than or equal to 1]");
  }
  call(untag, of_resource("TagKeys", "[" + quoted(128) + "]"));
  expect_refused(
      tag, of_resource("Tags", R"([{"Key":"","Value":)" + quoted(257) + "},{}]"), validation,
      "4 validation errors detected: Value '' at 'tags.1.member.key' failed to satisfy "
      "constraint: Member must have length greater than or equal to 1; Value '" +
          std::string(256, 'x') +
          "...' at 'tags.1.member.value' failed to satisfy constraint: Member must have "
          "length less than or equal to 256; Value null at 'tags.2.member.key' failed to "
          "satisfy constraint: Member must not be null; Value null at "
          "'tags.2.member.value' failed to satisfy constraint: Member must not be null");
  expect_refused(untag, of_resource("TagKeys", "[1]"), serialization,
                 "tagKeys must be a list of strings");
  expect_refused(untag, of_resource("TagKeys", "{}"), serialization, "tagKeys must be a list");
  expect_refused(list, of_resource(R"(,"NextToken":"x")"), invalid,
                 "NextToken is currently not supported");
}

TEST_F(AccountApiTest, default_group_and_default_rule_can_be_tagged) {
  for (const char* kind : {"group", "sampling-rule"}) {
    const std::string arn = R"({"ResourceARN":")" + std::string(arn_start) + kind + R"(/Default")";
    call(tag, arn + R"(,"Tags":[{"Key":"a","Value":"b"}]})");
    const auto expected = R"({"Tags":[{"Key":"a","Value":"b"}],"NextToken":null})";
    EXPECT_EQ(call(list, arn + "}"), expected);
    restart();
    EXPECT_EQ(call(list, arn + "}"), expected);
  }
  EXPECT_THAT(call("/GetSamplingRules"), HasSubstr(R"("FixedRate":1.0,"ReservoirSize":1)"));
}

}  // namespace
}  // namespace xrayd::local
