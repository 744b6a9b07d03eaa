// The sampling operations as callers see them: JSON in, JSON out, and every limit of the model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "local/backend.hpp"
#include "temporary_directory.hpp"
#include "test_documents.hpp"

namespace xrayd::local {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* get_rules = "/GetSamplingRules";
constexpr const char* get_targets = "/SamplingTargets";
constexpr const char* get_statistics = "/SamplingStatisticSummaries";
constexpr const char* create = "/CreateSamplingRule";
constexpr const char* update = "/UpdateSamplingRule";
constexpr const char* remove = "/DeleteSamplingRule";

constexpr const char* invalid = "InvalidRequestException";
constexpr const char* validation = "ValidationException";
constexpr const char* serialization = "SerializationException";
constexpr const char* client = "0123456789abcdef01234567";

class SamplingApiTest : public testing::Test {
 protected:
  SamplingApiTest() {
    BackendSettings settings;
    settings.data_dir = directory_.path() / "data";
    backend_ = Backend::open(settings);
  }

  /// The body of an answer that must be a 200.
  std::string call(std::string_view path, std::string_view body) {
    const auto answer = backend_->call(path, body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }

  void expect_refused(std::string_view path, const std::string& body, std::string_view type,
                      const std::string& message) {
    const auto answer = backend_->call(path, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.error_type, type) << body;
    EXPECT_THAT(answer.body, HasSubstr(message)) << body;
    const bool lower_case = type == validation;
    EXPECT_THAT(answer.body, HasSubstr(lower_case ? R"("message":")" : R"("Message":")"));
  }

  /// A request to create: `members` replaces those of the same names; one that is null goes.
  static std::string new_rule(const std::string& members, const std::string& outer = "") {
    rapidjson::Document rule;
    rule.Parse(R"({"RuleName":"checkout","ResourceARN":"*","Priority":10,"FixedRate":0.1,)"
               R"("ReservoirSize":5,"ServiceName":"*","ServiceType":"*","Host":"*",)"
               R"("HTTPMethod":"*","URLPath":"*","Version":1})");
    rapidjson::Document changes;
    changes.Parse(("{" + members + "}").c_str());
    EXPECT_FALSE(changes.HasParseError()) << members;
    for (auto& [name, value] : changes.GetObject()) {
      rule.RemoveMember(name);
      if (!value.IsNull()) rule.AddMember(name, value, rule.GetAllocator());
    }
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    rule.Accept(writer);
    return R"({"SamplingRule":)" + std::string(buffer.GetString()) + outer + "}";
  }

  static std::string one_report(const std::string& rule, const std::string& more) {
    return R"({"SamplingStatisticsDocuments":[{"RuleName":")" + rule + R"(","ClientID":")" +
           client + R"(",)" + more + "}]}";
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Backend> backend_;
};

std::string quoted(std::size_t length) {
  return '"' + std::string(length, 'x') + '"';
}

// ---- GetSamplingRules ------------------------------------------------------------------------

TEST_F(SamplingApiTest, default_is_answered_as_the_service_writes_it) {
  const auto expected =
      R"({"SamplingRuleRecords":[{"SamplingRule":{"RuleName":"Default",)"
      R"("RuleARN":"arn:aws:xray:us-east-1:000000000000:sampling-rule/Default",)"
      R"("ResourceARN":"*","Priority":10000,"FixedRate":1.0,"ReservoirSize":1,)"
      R"("ServiceName":"*","ServiceType":"*","Host":"*","HTTPMethod":"*","URLPath":"*",)"
      R"("Version":1,"Attributes":{},"SamplingRateBoost":null},"CreatedAt":0.0,)"
      R"("ModifiedAt":0.0}],"NextToken":null})";
  for (const char* body :
       {"", "{}", R"({"NextToken":null})", R"({"NextToken":"any"})", R"({"Unknown":[1]})"}) {
    EXPECT_EQ(call(get_rules, body), expected) << body;
  }
}

TEST_F(SamplingApiTest, all_26_rules_fit_one_page) {
  for (int i = 0; i < 25; ++i) {
    call(create, new_rule(R"("RuleName":"rule-)" + std::to_string(i) + '"'));
  }
  const auto json = json_of(call(get_rules, ""));
  EXPECT_EQ(member(json.value(), "SamplingRuleRecords")->Size(), 26U);
  EXPECT_EQ(member(json.value(), "NextToken"), nullptr);
  expect_refused(create, new_rule(R"("RuleName":"one-more")"), "RuleLimitExceededException", "25");
}

// ---- CreateSamplingRule ----------------------------------------------------------------------

TEST_F(SamplingApiTest, a_rule_at_every_upper_limit_is_stored_and_given_back) {
  const auto body =
      new_rule(R"("RuleName":)" + quoted(32) + R"(,"ResourceARN":)" + quoted(500) +
                   R"(,"Priority":9999,"FixedRate":1,"ReservoirSize":2147483647,"ServiceName":)" +
                   quoted(64) + R"(,"ServiceType":)" + quoted(64) + R"(,"Host":)" + quoted(64) +
                   R"(,"HTTPMethod":)" + quoted(10) + R"(,"URLPath":)" + quoted(128) +
                   R"(,"Attributes":{)" + quoted(32) + ":" + quoted(32) +
                   R"(,"b":"c","d":"e","f":"g","h":"i"},)"
                   R"("SamplingRateBoost":{"MaxRate":1,"CooldownWindowMinutes":0},"Unknown":{})",
               R"(,"Tags":[{"Key":)" + quoted(128) + R"(,"Value":)" + quoted(256) + "}]");
  const auto answer = json_of(call(create, body));
  const auto* record = member(answer.value(), "SamplingRuleRecord");
  ASSERT_NE(record, nullptr);
  const auto& rule = *member(*record, "SamplingRule");
  EXPECT_EQ(number_member(rule, "ReservoirSize"), 2147483647);
  EXPECT_EQ(text_member(rule, "URLPath")->size(), 128U);
  EXPECT_EQ(member(rule, "Attributes")->MemberCount(), 5U);
  EXPECT_EQ(number_member(*member(rule, "SamplingRateBoost"), "MaxRate"), 1.0);
  EXPECT_EQ(member(*record, "Tags"), nullptr);
  EXPECT_GT(number_member(*record, "CreatedAt"), 1.6e9);
  EXPECT_EQ(number_member(*record, "CreatedAt"), number_member(*record, "ModifiedAt"));

  const auto listed = json_of(call(get_rules, ""));
  EXPECT_EQ((*member(listed.value(), "SamplingRuleRecords"))[0], *record);
}

TEST_F(SamplingApiTest, a_rule_at_every_lower_limit_is_stored) {
  call(create, new_rule(R"("RuleName":"x","ResourceARN":"","Priority":1,"FixedRate":0,)"
                        R"("ReservoirSize":0,"ServiceName":"","ServiceType":"","Host":"",)"
                        R"("HTTPMethod":"","URLPath":"","Attributes":{})",
                        R"(,"Tags":[])"));
}

TEST_F(SamplingApiTest, lengths_are_counted_in_characters) {
  std::string name;
  for (int i = 0; i < 32; ++i) name += "\xC3\xA4";
  call(create, new_rule(R"("RuleName":")" + name + '"'));
  expect_refused(create, new_rule(R"("RuleName":")" + name + R"(\u00e4")"), validation, "32");
}

TEST_F(SamplingApiTest, a_missing_member_is_named_in_the_services_words) {
  expect_refused(create, new_rule(R"("RuleName":null)"), validation,
                 "1 validation error detected: Value null at 'samplingRule.ruleName' failed to "
                 "satisfy constraint: Member must not be null");
  const struct {
    const char* member;
    const char* path;
  } cases[] = {{"ResourceARN", "resourceARN"},
               {"Priority", "priority"},
               {"FixedRate", "fixedRate"},
               {"ReservoirSize", "reservoirSize"},
               {"ServiceName", "serviceName"},
               {"ServiceType", "serviceType"},
               {"Host", "host"},
               {"HTTPMethod", "hTTPMethod"},
               {"URLPath", "uRLPath"},
               {"Version", "version"}};
  for (const auto& [name, path] : cases) {
    expect_refused(create, new_rule('"' + std::string(name) + R"(":null)"), validation,
                   "Value null at 'samplingRule." + std::string(path) + "' failed");
  }
  expect_refused(create, "{}", validation,
                 "1 validation error detected: Value null at 'samplingRule' failed");
}

TEST_F(SamplingApiTest, several_violations_are_told_in_one_message) {
  expect_refused(create, new_rule(R"("RuleName":"","Priority":10000,"Host":null)"), validation,
                 "3 validation errors detected: Value '' at 'samplingRule.ruleName' failed to "
                 "satisfy constraint: Member must have length greater than or equal to 1; "
                 "Value '10000' at 'samplingRule.priority' failed to satisfy constraint: Member "
                 "must have value less than or equal to 9999; Value null at 'samplingRule.host' "
                 "failed to satisfy constraint: Member must not be null");
}

TEST_F(SamplingApiTest, each_limit_of_a_new_rule_is_kept) {
  const struct {
    std::string members;
    const char* message;
  } cases[] = {
      {R"("RuleName":)" + quoted(33), "length less than or equal to 32"},
      {R"("ResourceARN":)" + quoted(501), "length less than or equal to 500"},
      {R"("Priority":0)", "Value '0' at 'samplingRule.priority'"},
      {R"("Priority":-5)", "value greater than or equal to 1"},
      {R"("FixedRate":-0.1)", "Value '-0.1' at 'samplingRule.fixedRate'"},
      {R"("FixedRate":1.5)", "value less than or equal to 1"},
      {R"("ReservoirSize":-1)", "value greater than or equal to 0"},
      {R"("ServiceName":)" + quoted(65), "length less than or equal to 64"},
      {R"("ServiceType":)" + quoted(65), "length less than or equal to 64"},
      {R"("Host":)" + quoted(65), "length less than or equal to 64"},
      {R"("HTTPMethod":)" + quoted(11), "length less than or equal to 10"},
      {R"("URLPath":)" + quoted(129), "length less than or equal to 128"},
      {R"("Version":0)", "samplingRule.version"},
      {R"("Version":2)", "samplingRule.version"},
      {R"("Attributes":{"":"x"})",
       "at 'samplingRule.attributes' failed to satisfy constraint: "
       "Map keys must satisfy constraint: ["},
      {R"("Attributes":{"x":""})", "Map value must satisfy"},
      {R"("Attributes":{"x":)" + quoted(33) + "}", "Map value must satisfy"},
      {R"("Attributes":{"1":"x","2":"x","3":"x","4":"x","5":"x","6":"x"})",
       "length less than or equal to 5"},
      {R"("SamplingRateBoost":{})", "samplingRule.samplingRateBoost.maxRate"},
      {R"("SamplingRateBoost":{"MaxRate":1.5,"CooldownWindowMinutes":1})", "less than or equal"},
      {R"("SamplingRateBoost":{"MaxRate":1,"CooldownWindowMinutes":-1})",
       "samplingRateBoost.cooldownWindowMinutes"},
  };
  for (const auto& [members, message] : cases) {
    expect_refused(create, new_rule(members), validation, message);
  }
  std::string tags;
  for (int i = 0; i < 201; ++i)
    tags += std::string(i == 0 ? "" : ",") + R"({"Key":"k","Value":""})";
  const struct {
    std::string tags;
    const char* message;
  } tag_cases[] = {
      {tags, "at 'tags' failed to satisfy constraint: Member must have length less than or equal"},
      {R"({"Key":"","Value":""})", "at 'tags.1.member.key'"},
      {R"({"Key":"a","Value":""},{"Key":"b"})", "Value null at 'tags.2.member.value'"},
      {R"({"Key":)" + quoted(129) + R"(,"Value":""})", "less than or equal to 128"},
      {R"({"Key":"a","Value":)" + quoted(257) + "}", "less than or equal to 256"},
  };
  for (const auto& [list, message] : tag_cases) {
    expect_refused(create, new_rule("", R"(,"Tags":[)" + list + "]"), validation, message);
  }
}

TEST_F(SamplingApiTest, a_member_of_another_type_is_named) {
  for (const char* members :
       {R"("RuleName":7)", R"("Priority":"1")", R"("Priority":1.5)", R"("Priority":4294967297)",
        R"("FixedRate":"x")", R"("Host":[])", R"("Attributes":[])", R"("Attributes":{"a":1})",
        R"("SamplingRateBoost":1)", R"("SamplingRateBoost":{"MaxRate":true})"}) {
    expect_refused(create, new_rule(members), serialization, "samplingRule.");
  }
  expect_refused(create, R"({"SamplingRule":7})", serialization, "samplingRule must be an object");
  expect_refused(create, new_rule("", R"(,"Tags":[7])"), serialization, "tags.1.member");
  expect_refused(create, new_rule("", R"(,"Tags":{})"), serialization, "tags must be a list");
  call(create, new_rule(R"("Priority":10.0,"FixedRate":1)"));
}

TEST_F(SamplingApiTest, long_values_and_many_violations_make_no_long_answer) {
  std::string documents;
  for (int i = 0; i < 25; ++i) {
    documents += std::string(i == 0 ? "" : ",") + R"({"RuleName":)" + quoted(30000) + "}";
  }
  const auto answer =
      backend_->call(get_targets, R"({"SamplingStatisticsDocuments":[)" + documents + "]}");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("125 validation errors detected"));
  EXPECT_LT(answer.body.size(), 10000U);
}

TEST_F(SamplingApiTest, duplicates_reserved_names_and_arns_are_invalid_requests) {
  call(create, new_rule(""));
  expect_refused(create, new_rule(""), invalid, "checkout already exists");
  expect_refused(create, new_rule(R"("RuleName":"Default")"), invalid, "reserved");
  expect_refused(create, new_rule(R"("RuleName":"x","RuleARN":"arn")"), invalid, "not both");
}

// ---- UpdateSamplingRule, DeleteSamplingRule --------------------------------------------------

TEST_F(SamplingApiTest, an_update_is_a_patch_in_which_null_is_absent_and_zero_is_not) {
  call(create, new_rule(R"("SamplingRateBoost":{"MaxRate":0.5,"CooldownWindowMinutes":2})"));
  const auto body = call(update, R"({"SamplingRuleUpdate":{"RuleName":"checkout","FixedRate":0,)"
                                 R"("ReservoirSize":null,"Host":"h","Unknown":1}})");
  EXPECT_THAT(body, HasSubstr(R"("FixedRate":0.0,"ReservoirSize":5)"));
  EXPECT_THAT(body, HasSubstr(R"("Host":"h")"));
  EXPECT_THAT(body, HasSubstr(R"({"MaxRate":0.5,"CooldownWindowMinutes":2})"));
  EXPECT_THAT(
      call(update,
           R"({"SamplingRuleUpdate":{"RuleARN":)"
           R"("arn:aws:xray:us-east-1:000000000000:sampling-rule/checkout","Priority":3}})"),
      HasSubstr(R"("Priority":3,"FixedRate":0.0)"));
}

TEST_F(SamplingApiTest, bad_updates_are_refused) {
  call(create, new_rule(""));
  expect_refused(update, "{}", validation, "Value null at 'samplingRuleUpdate'");
  const struct {
    std::string members;
    const char* type;
    const char* message;
  } cases[] = {
      {"", invalid, "either RuleName or RuleARN"},
      {R"("RuleName":"checkout","RuleARN":"x")", invalid, "not both"},
      {R"("RuleName":"nobody")", invalid, "not found"},
      {R"("RuleARN":"nobody")", invalid, "not found"},
      {R"("RuleName":"checkout","Priority":10000)", invalid, "Priority"},
      {R"("RuleName":"checkout","FixedRate":2)", invalid, "FixedRate"},
      {R"("RuleName":"checkout","ReservoirSize":-1)", invalid, "ReservoirSize"},
      {R"("RuleName":"Default","Priority":1)", invalid, "default sampling rule"},
      {R"("RuleName":"Default","FixedRate":2)", invalid, "FixedRate"},
      {R"("RuleName":"")", validation, "samplingRuleUpdate.ruleName"},
      {R"("RuleName":"checkout","URLPath":)" + quoted(129), validation, "uRLPath"},
      {R"("RuleName":"checkout","SamplingRateBoost":{})", validation, "maxRate"},
      {R"("RuleName":"checkout","Priority":"x")", serialization, "samplingRuleUpdate.priority"},
  };
  for (const auto& [members, type, message] : cases) {
    expect_refused(update, R"({"SamplingRuleUpdate":{)" + members + "}}", type, message);
  }
  EXPECT_THAT(call(get_rules, ""), HasSubstr(R"("Priority":10,"FixedRate":0.1)"));
}

TEST_F(SamplingApiTest, a_rule_is_deleted_once_by_name_or_arn) {
  for (const char* key :
       {R"("RuleName":"checkout")",
        R"("RuleARN":"arn:aws:xray:us-east-1:000000000000:sampling-rule/checkout")"}) {
    call(create, new_rule(""));
    const std::string body = "{" + std::string(key) + "}";
    EXPECT_THAT(call(remove, body), HasSubstr(R"({"SamplingRuleRecord":{"SamplingRule":{)"
                                              R"("RuleName":"checkout")"));
    expect_refused(remove, body, invalid, "not found");
  }
  expect_refused(remove, "", invalid, "either RuleName or RuleARN");
  expect_refused(remove, R"({"RuleName":"a","RuleARN":"b"})", invalid, "not both");
  expect_refused(remove, R"({"RuleName":"Default"})", invalid, "can not be deleted");
  expect_refused(remove, R"({"RuleName":7})", serialization, "ruleName");
}

// ---- GetSamplingTargets ----------------------------------------------------------------------

TEST_F(SamplingApiTest, a_report_is_answered_with_everything_a_sampler_needs) {
  call(create, new_rule(""));
  const auto before = json_of(call(get_targets, R"({"SamplingStatisticsDocuments":[]})"));
  const auto answer = json_of(call(
      get_targets, one_report("checkout", R"("Timestamp":1700000000.5,"RequestCount":110,)"
                                          R"("SampledCount":20,"BorrowCount":10,"Unknown":null)")));
  const auto& targets = *member(answer.value(), "SamplingTargetDocuments");
  ASSERT_EQ(targets.Size(), 1U);
  EXPECT_EQ(text_member(targets[0], "RuleName"), "checkout");
  EXPECT_EQ(number_member(targets[0], "FixedRate"), 0.1);
  EXPECT_EQ(number_member(targets[0], "ReservoirQuota"), 5);
  EXPECT_EQ(number_member(targets[0], "Interval"), 10);
  EXPECT_TRUE(targets[0]["SamplingBoost"].IsNull());
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_NEAR(*number_member(targets[0], "ReservoirQuotaTTL"), now + 20, 5);
  EXPECT_NEAR(*number_member(answer.value(), "LastRuleModification"), now, 5);
  EXPECT_EQ(*member(answer.value(), "LastRuleModification"),
            *member(before.value(), "LastRuleModification"));
  EXPECT_EQ(member(answer.value(), "UnprocessedStatistics")->Size(), 0U);
  EXPECT_EQ(member(answer.value(), "UnprocessedBoostStatistics")->Size(), 0U);
}

TEST_F(SamplingApiTest, unknown_rules_are_unprocessed_and_the_others_are_answered) {
  const std::string counts = std::string(R"("ClientID":")") + client +
                             R"(","Timestamp":1,"RequestCount":1,"SampledCount":0})";
  const auto answer =
      call(get_targets, R"({"SamplingStatisticsDocuments":[{"RuleName":"nobody",)" + counts +
                            R"(,{"RuleName":"Default",)" + counts +
                            R"(],"SamplingBoostStatisticsDocuments":[)"
                            R"({"RuleName":"Default","ServiceName":"s","Timestamp":1,)"
                            R"("AnomalyCount":1,"TotalCount":2,"SampledAnomalyCount":0},)"
                            R"({"RuleName":"gone","ServiceName":"s","Timestamp":1,)"
                            R"("AnomalyCount":1,"TotalCount":2,"SampledAnomalyCount":0}]})");
  EXPECT_THAT(answer, HasSubstr(R"("SamplingTargetDocuments":[{"RuleName":"Default",)"));
  EXPECT_THAT(answer,
              HasSubstr(R"("UnprocessedStatistics":[{"RuleName":"nobody","ErrorCode":"400",)"
                        R"("Message":"Unknown rule"}],"UnprocessedBoostStatistics":[)"
                        R"({"RuleName":"gone","ErrorCode":"400",)"
                        R"("Message":"Unknown rule"}]})"));
  EXPECT_THAT(answer, Not(HasSubstr("BoostRate")));
}

TEST_F(SamplingApiTest, bad_reports_are_refused_and_count_nothing) {
  const std::string good = R"("Timestamp":1,"RequestCount":1,"SampledCount":0)";
  const auto list = [](const std::string& document) {
    return R"({"SamplingStatisticsDocuments":[)" + document + "]}";
  };
  const std::string statistics = "samplingStatisticsDocuments.1.member.";
  expect_refused(get_targets, "", validation, "Value null at 'samplingStatisticsDocuments'");
  expect_refused(get_targets, list("{}"), validation, "5 validation errors detected: ");
  expect_refused(get_targets, list("null"), serialization,
                 "samplingStatisticsDocuments.1.member must be an object");
  for (const std::size_t length : {0U, 23U, 25U}) {
    expect_refused(get_targets,
                   list(R"({"RuleName":"Default","ClientID":)" + quoted(length) + "," + good + "}"),
                   validation, "at '" + statistics + "clientID'");
  }
  expect_refused(get_targets, one_report("", good), validation, statistics + "ruleName");
  for (const char* name : {"requestCount", "sampledCount", "borrowCount"}) {
    std::string member(name);
    member[0] = static_cast<char>(member[0] - 'a' + 'A');
    // The first of two members of one name is the one that is read.
    expect_refused(get_targets, one_report("Default", '"' + member + R"(":-1,)" + good), validation,
                   "Value '-1' at '" + statistics + name);
    expect_refused(get_targets, one_report("Default", '"' + member + R"(":2147483648,)" + good),
                   serialization, statistics + name);
  }
  expect_refused(get_targets, one_report("Default", R"("Timestamp":"now",)" + good), serialization,
                 statistics + "timestamp");
  std::string many;
  for (int i = 0; i < 26; ++i) many += std::string(i == 0 ? "" : ",") + "{}";
  expect_refused(get_targets, list(many), validation,
                 "at 'samplingStatisticsDocuments' failed to satisfy constraint: Member must have "
                 "length less than or equal to 25");
  expect_refused(
      get_targets,
      R"({"SamplingStatisticsDocuments":[],"SamplingBoostStatisticsDocuments":[)" + many + "]}",
      validation, "samplingBoostStatisticsDocuments");
  expect_refused(get_targets,
                 R"({"SamplingStatisticsDocuments":[],"SamplingBoostStatisticsDocuments":[{}]})",
                 validation, "6 validation errors detected");
  EXPECT_THAT(call(get_statistics, ""), HasSubstr(R"("SamplingStatisticSummaries":[])"));
}

// ---- GetSamplingStatisticSummaries -----------------------------------------------------------

TEST_F(SamplingApiTest, reports_come_back_as_summaries) {
  const auto body = one_report(
      "Default", R"("Timestamp":1700000000,"RequestCount":110,"SampledCount":20,"BorrowCount":10)");
  call(get_targets, body);
  const auto answer = json_of(call(get_statistics, R"({"NextToken":null})"));
  const auto& summaries = *member(answer.value(), "SamplingStatisticSummaries");
  ASSERT_EQ(summaries.Size(), 1U);
  EXPECT_EQ(text_member(summaries[0], "RuleName"), "Default");
  EXPECT_EQ(number_member(summaries[0], "RequestCount"), 110);
  EXPECT_EQ(number_member(summaries[0], "SampledCount"), 20);
  EXPECT_EQ(number_member(summaries[0], "BorrowCount"), 10);
  const auto start = static_cast<std::int64_t>(*number_member(summaries[0], "Timestamp"));
  EXPECT_EQ(start % 10, 0);
  EXPECT_EQ(member(answer.value(), "NextToken"), nullptr);
}

// ---- options ---------------------------------------------------------------------------------

TEST_F(SamplingApiTest, rate_and_interval_are_settings) {
  BackendSettings settings;
  settings.data_dir = directory_.path() / "other";
  settings.default_sampling = 0.25;
  settings.sampling_interval = std::chrono::seconds(2);
  const auto other = Backend::open(settings);
  EXPECT_THAT(other->call(get_rules, "").body, HasSubstr(R"("FixedRate":0.25,)"));
  const auto answer = other->call(
      get_targets, one_report("Default", R"("Timestamp":1,"RequestCount":1,"SampledCount":0)"));
  EXPECT_THAT(answer.body, HasSubstr(R"("Interval":2,)"));
}

}  // namespace
}  // namespace xrayd::local
