#include "account_api_test.hpp"

namespace xrayd::local {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

constexpr const char* create = "/CreateGroup";
constexpr const char* get = "/GetGroup";
constexpr const char* list = "/Groups";
constexpr const char* update = "/UpdateGroup";
constexpr const char* remove = "/DeleteGroup";

constexpr const char* default_group =
    R"({"GroupName":"Default","GroupARN":"arn:aws:xray:us-east-1:000000000000:group/Default",)"
    R"("FilterExpression":null,)"
    R"("InsightsConfiguration":{"InsightsEnabled":false,"NotificationsEnabled":false}})";

class GroupsTest : public AccountApiTest {
 protected:
  static std::string new_group(const std::string& name, const std::string& filter,
                               const std::string& more = "") {
    return R"({"GroupName":)" + json_text(name) + R"(,"FilterExpression":)" + json_text(filter) +
           more + "}";
  }

  static std::string by_name(const std::string& name, const std::string& more = "") {
    return R"({"GroupName":)" + json_text(name) + more + "}";
  }

  std::string arn_of(const std::string& name) {
    const auto answer = ask(get, by_name(name));
    return std::string(text_member(*member(answer.value(), "Group"), "GroupARN").value_or(""));
  }

  std::vector<std::string> names() {
    const auto answer = ask(list);
    std::vector<std::string> result;
    for (const auto& group : member(answer.value(), "Groups")->GetArray()) {
      result.emplace_back(*text_member(group, "GroupName"));
    }
    return result;
  }

  void expect_bad_filter(std::string_view path, const std::string& body) {
    const auto answer = backend_->call(path, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.error_type, invalid) << body;
    EXPECT_THAT(answer.body, HasSubstr(R"("Message":"Error Location: line 1, position )")) << body;
  }
};

TEST_F(GroupsTest, default_is_there_from_the_beginning) {
  EXPECT_EQ(call(list), R"({"Groups":[)" + std::string(default_group) + R"(],"NextToken":null})");
  EXPECT_EQ(call(list, ""), call(list, R"({"NextToken":null,"Unknown":1})"));
  const std::string answer = R"({"Group":)" + std::string(default_group) + "}";
  EXPECT_EQ(call(get, by_name("Default")), answer);
  EXPECT_EQ(call(get, R"({"GroupARN":"arn:aws:xray:us-east-1:000000000000:group/Default"})"),
            answer);
}

TEST_F(GroupsTest, a_group_is_made_and_found_by_name_and_by_arn) {
  const auto answer = call(create, new_group("Shop-1", "fault = true"));
  EXPECT_THAT(answer,
              MatchesRegex(R"(\{"Group":\{"GroupName":"Shop-1","GroupARN":)"
                           R"("arn:aws:xray:us-east-1:000000000000:group/Shop-1/[A-Z2-7]+",)"
                           R"("FilterExpression":"fault = true","InsightsConfiguration":)"
                           R"(\{"InsightsEnabled":false,"NotificationsEnabled":false\}\}\})"));
  EXPECT_EQ(call(get, by_name("Shop-1")), answer);
  const auto arn = arn_of("Shop-1");
  EXPECT_GE(arn.size(),
            std::string("arn:aws:xray:us-east-1:000000000000:group/Shop-1/").size() + 20);
  EXPECT_EQ(call(get, R"({"GroupARN":")" + arn + "\"}"), answer);
}

TEST_F(GroupsTest, default_comes_first_and_the_others_by_name) {
  for (const char* name : {"b", "A", "Z", "a"}) call(create, new_group(name, "fault = true"));
  EXPECT_THAT(names(), ElementsAre("Default", "A", "Z", "a", "b"));
}

TEST_F(GroupsTest, names_are_case_sensitive) {
  call(create, new_group("shop", "fault = true"));
  call(create, new_group("SHOP", "error = true"));
  expect_refused(get, by_name("Shop"), invalid, "Group not found");
}

TEST_F(GroupsTest, a_group_at_every_upper_limit_is_stored) {
  std::string tags;
  for (int i = 0; i < 50; ++i) {
    tags += (i == 0 ? "" : ",") + std::string(R"({"Key":")") + std::to_string(i) +
            std::string(i < 10 ? 127 : 126, 'k') + R"(","Value":)" + quoted(256) + "}";
  }
  call(create, new_group(std::string(32, 'x'), "fault = true",
                         R"(,"Tags":[)" + tags +
                             R"(],"InsightsConfiguration":{"InsightsEnabled":true,)"
                             R"("NotificationsEnabled":true})"));
  const auto answer =
      ask("/ListTagsForResource", R"({"ResourceARN":")" + arn_of(std::string(32, 'x')) + "\"}");
  EXPECT_EQ(member(answer.value(), "Tags")->Size(), 50U);
}

TEST_F(GroupsTest, a_filter_as_long_as_filters_may_be_is_stored_whole) {
  const std::string filter = "fault" + std::string(8187, ' ');
  call(create, new_group("a", filter));
  restart();
  const auto answer = ask(get, by_name("a"));
  EXPECT_EQ(text_member(*member(answer.value(), "Group"), "FilterExpression"), filter);
}

TEST_F(GroupsTest, one_group_more_than_25_is_refused_until_one_is_gone) {
  for (int i = 0; i < 24; ++i) call(create, new_group("g" + std::to_string(i), "fault = true"));
  expect_refused(create, new_group("one-more", "fault = true"), invalid,
                 "Group limit exceeded: 25");
  EXPECT_EQ(names().size(), 25U);
  call(remove, by_name("g7"));
  call(create, new_group("one-more", "fault = true"));
}

TEST_F(GroupsTest, names_that_are_taken_reserved_or_no_names_are_refused) {
  call(create, new_group("shop", "fault = true"));
  expect_refused(create, new_group("shop", "error = true"), invalid, "shop already exists");
  expect_refused(create, new_group("Default", "fault = true"), invalid,
                 "Default is a reserved group name");
  for (const char* name : {"a b", "a_b", "a/b", "\xC3\xA4", "a.", "*"}) {
    expect_refused(create, new_group(name, "fault = true"), invalid,
                   "Group name may only contain letters, digits and dashes");
  }
  EXPECT_THAT(names(), ElementsAre("Default", "shop"));
}

TEST_F(GroupsTest, constraints_of_the_model_are_kept) {
  expect_violation(
      create, "{}",
      "Value null at 'groupName' failed to satisfy constraint: Member must not be null");
  expect_violation(create, by_name(""),
                   "Value '' at 'groupName' failed to satisfy constraint: Member must have length "
                   "greater than or equal to 1");
  const std::string long_name(33, 'x');
  for (const char* path : {create, get, update, remove}) {
    expect_violation(path, by_name(long_name),
                     "Value '" + long_name +
                         "' at 'groupName' failed to satisfy constraint: Member must have length "
                         "less than or equal to 32");
  }
  const std::string long_arn(401, 'a');
  for (const char* path : {get, update, remove}) {
    expect_violation(path, R"({"GroupARN":")" + long_arn + "\"}",
                     "Value '" + long_arn.substr(0, 256) +
                         "...' at 'groupARN' failed to satisfy constraint: Member must have length "
                         "less than or equal to 400");
    expect_violation(path, R"({"GroupARN":""})",
                     "Value '' at 'groupARN' failed to satisfy constraint: Member must have length "
                     "greater than or equal to 1");
  }
  expect_violation(list, R"({"NextToken":""})",
                   "Value '' at 'nextToken' failed to satisfy constraint: Member must have length "
                   "greater than or equal to 1");
  expect_violation(
      list, R"({"NextToken":)" + quoted(101) + "}",
      "Value '" + std::string(101, 'x') +
          "' at 'nextToken' failed to satisfy constraint: Member must have length less "
          "than or equal to 100");
  expect_refused(list, R"({"NextToken":)" + quoted(100) + "}", invalid, "Next Token not supported");
  expect_refused(create, R"({"GroupName":7})", serialization, "groupName must be a string");
  expect_refused(create, by_name("a", R"(,"InsightsConfiguration":[])"), serialization,
                 "insightsConfiguration must be an object");
  expect_refused(create, by_name("a", R"(,"InsightsConfiguration":{"InsightsEnabled":1})"),
                 serialization, "insightsConfiguration.insightsEnabled must be a boolean");
  expect_refused(create, by_name("a", R"(,"FilterExpression":{})"), serialization,
                 "filterExpression must be a string");
}

TEST_F(GroupsTest, a_group_is_named_in_exactly_one_way) {
  call(create, new_group("shop", "fault = true"));
  const auto arn = arn_of("shop");
  for (const char* path : {get, update, remove}) {
    expect_refused(path, "{}", invalid, "Specify either GroupName or GroupARN");
    expect_refused(path, by_name("shop", R"(,"GroupARN":")" + arn + '"'), invalid,
                   "Specify either GroupName or GroupARN, but not both");
    expect_refused(path, by_name("nobody"), invalid, "Group not found");
    expect_refused(path, R"({"GroupARN":"nobody"})", invalid, "Group not found");
    // An ARN is good as a whole: neither without its id nor with another one.
    const auto without_id = arn.substr(0, arn.rfind('/'));
    expect_refused(path, R"({"GroupARN":")" + without_id + "\"}", invalid, "Group not found");
    expect_refused(path, R"({"GroupARN":")" + arn + "x\"}", invalid, "Group not found");
  }
}

TEST_F(GroupsTest, a_group_of_the_same_name_later_has_another_arn) {
  call(create, new_group("shop", "fault = true"));
  const auto before = arn_of("shop");
  EXPECT_EQ(call(remove, by_name("shop")), "{}");
  call(create, new_group("shop", "fault = true"));
  EXPECT_NE(arn_of("shop"), before);
  expect_refused(remove, R"({"GroupARN":")" + before + "\"}", invalid, "Group not found");
}

TEST_F(GroupsTest, filters_are_checked_before_they_are_stored) {
  for (const char* filter : {"", " ", "\t\n"}) {
    expect_refused(create, new_group("a", filter), invalid, "Filter Expression is empty");
  }
  expect_refused(create, by_name("a"), invalid, "Filter Expression is empty");
  expect_bad_filter(create, new_group("a", "fault ? true"));
  expect_bad_filter(create, new_group("a", R"(group.name = "nobody")"));
  expect_bad_filter(create, new_group("a", R"(group.name = "a")"));
  expect_bad_filter(create, new_group("a", std::string(8193, ' ') + "fault"));
  EXPECT_THAT(names(), ElementsAre("Default"));

  call(create, new_group("a", "fault = true"));
  expect_bad_filter(update, by_name("a", R"(,"FilterExpression":"fault ? true")"));
  expect_refused(update, by_name("a", R"(,"FilterExpression":"")"), invalid,
                 "Filter Expression is empty");
  EXPECT_THAT(call(get, by_name("a")), HasSubstr(R"("FilterExpression":"fault = true")"));
}

TEST_F(GroupsTest, filters_that_lead_back_to_their_own_group_are_refused) {
  call(create, new_group("a", "fault = true"));
  call(create, new_group("b", R"(group.name = "a")"));
  call(create, new_group("c", R"(group.arn = ")" + arn_of("b") + '"'));
  expect_bad_filter(update, by_name("a", R"(,"FilterExpression":"group.name = \"a\"")"));
  expect_bad_filter(update, by_name("a", R"(,"FilterExpression":"group.name = \"b\"")"));
  expect_bad_filter(update, by_name("a", R"(,"FilterExpression":"group.name = \"c\"")"));
  EXPECT_THAT(call(get, by_name("a")), HasSubstr(R"("FilterExpression":"fault = true")"));
}

TEST_F(GroupsTest, updates_change_what_they_name_and_nothing_else) {
  call(create, new_group("shop", "fault = true"));
  const auto arn = arn_of("shop");
  EXPECT_THAT(call(update, by_name("shop", R"(,"FilterExpression":"error = true")")),
              HasSubstr(R"("GroupARN":")" + arn +
                        R"(","FilterExpression":"error = true",)"
                        R"("InsightsConfiguration":{"InsightsEnabled":false,)"));
  EXPECT_THAT(call(update, R"({"GroupARN":")" + arn +
                               R"(","InsightsConfiguration":{"InsightsEnabled":true}})"),
              HasSubstr(R"("FilterExpression":"error = true","InsightsConfiguration":)"
                        R"({"InsightsEnabled":true,"NotificationsEnabled":false})"));
  EXPECT_THAT(
      call(update, by_name("shop", R"(,"InsightsConfiguration":{"NotificationsEnabled":true})")),
      HasSubstr(R"({"InsightsEnabled":true,"NotificationsEnabled":true})"));
  const auto before = call(get, by_name("shop"));
  EXPECT_EQ(call(update, by_name("shop", R"(,"InsightsConfiguration":{})")), before);
  EXPECT_EQ(call(update, by_name("shop")), before);
  EXPECT_THAT(
      call(update, by_name("shop", R"(,"InsightsConfiguration":{"InsightsEnabled":false})")),
      HasSubstr(R"({"InsightsEnabled":false,"NotificationsEnabled":false})"));
}

TEST_F(GroupsTest, notifications_need_insights) {
  const char* message = "Notifications can only be enabled on a group with insights enabled";
  const char* wish = R"(,"InsightsConfiguration":{"NotificationsEnabled":true})";
  expect_refused(create, new_group("shop", "fault = true", wish), invalid, message);
  call(create, new_group("shop", "fault = true"));
  expect_refused(update, by_name("shop", wish), invalid, message);
}

TEST_F(GroupsTest, of_default_only_the_insights_can_be_changed) {
  EXPECT_THAT(
      call(update, by_name("Default", R"(,"InsightsConfiguration":{"InsightsEnabled":true})")),
      HasSubstr(R"({"GroupName":"Default","GroupARN":)"
                R"("arn:aws:xray:us-east-1:000000000000:group/Default","FilterExpression":null,)"
                R"("InsightsConfiguration":{"InsightsEnabled":true,)"));
  expect_refused(update, by_name("Default", R"(,"FilterExpression":"fault = true")"), invalid,
                 "Invalid update request for default group");
  expect_refused(remove, by_name("Default"), invalid, "Default group can not be deleted");
  EXPECT_THAT(names(), ElementsAre("Default"));
}

TEST_F(GroupsTest, groups_outlive_the_daemon) {
  call(create, new_group("shop", "user = \"\xE2\x82\xAC\"",
                         R"(,"Tags":[{"Key":"team","Value":"a"}],)"
                         R"("InsightsConfiguration":{"InsightsEnabled":true})"));
  call(create, new_group("gone", "fault = true"));
  call(remove, by_name("gone"));
  call(update, by_name("Default", R"(,"InsightsConfiguration":{"InsightsEnabled":true})"));
  const auto before = call(list);
  const auto tags = call("/ListTagsForResource", R"({"ResourceARN":")" + arn_of("shop") + "\"}");
  restart();
  EXPECT_EQ(call(list), before);
  EXPECT_THAT(names(), ElementsAre("Default", "shop"));
  EXPECT_EQ(call("/ListTagsForResource", R"({"ResourceARN":")" + arn_of("shop") + "\"}"), tags);
}

}  // namespace
}  // namespace xrayd::local
