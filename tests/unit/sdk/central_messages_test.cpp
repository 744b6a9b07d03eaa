#include <xray/impl/sampling/central_messages.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

using xray::detail::BoostStatistics;
using xray::detail::Output;
using xray::detail::parse_sampling_rules;
using xray::detail::parse_sampling_targets;
using xray::detail::RulesAnswer;
using xray::detail::RuleStatistics;
using xray::detail::SamplingTarget;
using xray::detail::TargetsAnswer;

namespace {

/// A rule that can be used, and members that replace or follow its own.
std::string rule(const std::string& more) {
  return R"({"RuleName":"r","Priority":5,"FixedRate":0.25,"ReservoirSize":3,"Version":1)" +
         (more.empty() ? "" : "," + more) + "}";
}

RulesAnswer answer_with(const std::string& rule) {
  return parse_sampling_rules(R"({"SamplingRuleRecords":[{"SamplingRule":)" + rule + "}]}");
}

/// Why a rule of those members can't be used.
std::string reason(const std::string& rule) {
  const RulesAnswer answer = answer_with(rule);
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.rules.size() + answer.skipped.size(), 1U);
  return answer.skipped.empty() ? std::string() : answer.skipped.front();
}

std::string with(const std::string& key, const std::string& value) {
  std::string text = R"({"RuleName":"r")";
  for (const auto& [name, usual] : std::vector<std::pair<std::string, std::string>>{
           {"Version", "1"}, {"Priority", "5"}, {"FixedRate", "0.5"}, {"ReservoirSize", "1"}}) {
    if (name != key) text.append(",\"").append(name).append("\":").append(usual);
  }
  return text + ",\"" + key + "\":" + value + "}";
}

TargetsAnswer targets(const std::string& documents) {
  return parse_sampling_targets(R"({"SamplingTargetDocuments":[)" + documents + "]}");
}

std::string targets_request(const std::vector<RuleStatistics>& statistics,
                            const std::vector<BoostStatistics>& boosts) {
  Output out;
  xray::detail::write_targets_request(out, "0123456789abcdef01234567", 1'700'000'000, statistics,
                                      boosts);
  return std::string(out.view());
}

std::string rules_request(const std::string& token) {
  Output out;
  xray::detail::write_rules_request(out, token);
  return std::string(out.view());
}

}  // namespace

TEST(CentralMessages, a_rule_is_read_whole) {
  const RulesAnswer answer = parse_sampling_rules(R"({
    "NextToken": "more",
    "SamplingRuleRecords": [{
      "SamplingRule": {
        "RuleName": "checkout", "RuleARN": "arn:aws:xray:eu-west-1:1:sampling-rule/checkout",
        "ResourceARN": "arn:*", "Priority": 9999, "FixedRate": 1, "ReservoirSize": 0,
        "ServiceName": "shop", "ServiceType": "AWS::ECS::Container", "Host": "*.example",
        "HTTPMethod": "POST", "URLPath": "/cart/?", "Version": 1,
        "Attributes": {"tier": "gold", "region": "eu-*"},
        "SamplingRateBoost": {"MaxRate": 0.5, "CooldownWindowMinutes": 10}
      },
      "CreatedAt": 1.5, "ModifiedAt": 1.7E9
    }],
    "Unknown": [{"deep": {}}]
  })");
  ASSERT_EQ(answer.error, "");
  EXPECT_EQ(answer.next_token, "more");
  EXPECT_EQ(answer.newest_modification, 1.7e9);
  EXPECT_TRUE(answer.skipped.empty());
  ASSERT_EQ(answer.rules.size(), 1U);
  const auto& rule = answer.rules.front();
  EXPECT_EQ(rule.name, "checkout");
  EXPECT_EQ(rule.priority, 9999U);
  EXPECT_EQ(rule.fixed_rate, 1);
  EXPECT_EQ(rule.reservoir_size, 0U);
  EXPECT_EQ(rule.patterns.resource_arn, "arn:*");
  EXPECT_EQ(rule.patterns.service_name, "shop");
  EXPECT_EQ(rule.patterns.service_type, "AWS::ECS::Container");
  EXPECT_EQ(rule.patterns.host, "*.example");
  EXPECT_EQ(rule.patterns.method, "POST");
  EXPECT_EQ(rule.patterns.path, "/cart/?");
  EXPECT_EQ(rule.patterns.attributes, (std::vector<std::pair<std::string, std::string>>{
                                          {"tier", "gold"}, {"region", "eu-*"}}));
  EXPECT_EQ(rule.max_boost, 0.5);
}

TEST(CentralMessages, what_a_rule_leaves_out_or_null_asks_for_nothing) {
  const RulesAnswer answer =
      answer_with(rule(R"("Host":null,"Attributes":null,"SamplingRateBoost":null)"));
  ASSERT_EQ(answer.rules.size(), 1U);
  EXPECT_EQ(answer.rules.front().patterns.host, "*");
  EXPECT_EQ(answer.rules.front().patterns.path, "*");
  EXPECT_TRUE(answer.rules.front().patterns.attributes.empty());
  EXPECT_FALSE(answer.rules.front().max_boost);
}

TEST(CentralMessages, a_rule_that_cannot_be_used_is_skipped_and_the_reason_named) {
  EXPECT_EQ(reason(with("Version", "2")), "rule \"r\": Version is not 1");
  EXPECT_EQ(reason(with("Version", "\"1\"")), "rule \"r\": Version is not 1");
  const std::string name = "RuleName is not a text of 1 to 32 characters";
  EXPECT_EQ(reason(R"({"Version":1})"), "rule \"\": " + name);
  EXPECT_EQ(reason(R"({"RuleName":"","Version":1})"), "rule \"\": " + name);
  EXPECT_EQ(reason(R"({"RuleName":7,"Version":1})"), "rule \"\": " + name);
  const std::string long_name(33, 'n');
  EXPECT_EQ(reason("{\"RuleName\":\"" + long_name + "\"}"), "rule \"" + long_name + "\": " + name);
  for (const char* priority : {"0", "10000", "-1", "1.5", "\"1\"", "null", "1e300"}) {
    EXPECT_EQ(reason(with("Priority", priority)),
              "rule \"r\": Priority is not a whole number from 1 to 9999")
        << priority;
  }
  for (const char* rate : {"-0.1", "1.01", "\"0.5\"", "null", "[]"}) {
    EXPECT_EQ(reason(with("FixedRate", rate)), "rule \"r\": FixedRate is not a number from 0 to 1")
        << rate;
  }
  for (const char* size : {"-1", "0.5", "\"1\"", "null", "{}", "true"}) {
    EXPECT_EQ(reason(with("ReservoirSize", size)),
              "rule \"r\": ReservoirSize is not a whole number of 0 or more")
        << size;
  }
  for (const char* key :
       {"ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath", "ResourceARN"}) {
    EXPECT_EQ(reason(with(key, "5")), "rule \"r\": " + std::string(key) + " is not a text");
  }
  EXPECT_EQ(reason(with("Attributes", "[]")), "rule \"r\": Attributes is not an object");
  EXPECT_EQ(reason(with("Attributes", R"({"a":1})")),
            "rule \"r\": Attributes has a value that is not a text");
  EXPECT_EQ(reason(with("SamplingRateBoost", "1")),
            "rule \"r\": SamplingRateBoost is not an object");
  EXPECT_EQ(reason(with("SamplingRateBoost", R"({"MaxRate":1.5})")),
            "rule \"r\": SamplingRateBoost.MaxRate is not a number from 0 to 1");
}

TEST(CentralMessages, a_reason_brings_no_line_of_its_own) {
  EXPECT_EQ(reason(R"({"RuleName":"a\nb\u00e9","Version":3})"), "rule \"a?b??\": Version is not 1");
}

TEST(CentralMessages, rules_beside_one_that_cannot_be_used_are_used) {
  const RulesAnswer answer = parse_sampling_rules(
      R"({"SamplingRuleRecords":[7,{},{"SamplingRule":)" + with("Version", "2") +
      R"(},{"SamplingRule":)" + rule("") + R"(},{"SamplingRule":null}]})");
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.rules.size(), 1U);
  EXPECT_EQ(answer.skipped.size(), 4U);
}

TEST(CentralMessages, the_default_rule_needs_no_priority_and_has_no_patterns) {
  const RulesAnswer answer = answer_with(
      R"({"RuleName":"Default","FixedRate":0.05,"ReservoirSize":1,"Version":1,"Priority":3,"Host":"x"})");
  ASSERT_EQ(answer.rules.size(), 1U);
  EXPECT_EQ(answer.rules.front().priority, 10'000U);
  EXPECT_EQ(answer.rules.front().patterns.host, "*");
}

TEST(CentralMessages, a_reservoir_of_more_than_32_bits_is_as_large_as_they_hold) {
  EXPECT_EQ(answer_with(with("ReservoirSize", "1e15")).rules.at(0).reservoir_size, 0xffffffffU);
}

TEST(CentralMessages, garbage_is_an_error_and_no_rules) {
  const std::string deep = std::string(200, '[') + std::string(200, ']');
  for (const std::string& text : {
           std::string(),
           std::string("<html>no</html>"),
           std::string("[]"),
           std::string("{}"),
           std::string("null"),
           std::string(R"({"SamplingRuleRecords":null})"),
           std::string(R"({"SamplingRuleRecords":{}})"),
           std::string(R"({"SamplingRuleRecords":[],"NextToken":5})"),
           std::string(R"({"SamplingRuleRecords":[)"),
           std::string("{\"SamplingRuleRecords\":[\"\xff\"]}"),
           std::string(500'000, '['),
           R"({"SamplingRuleRecords":[],"x":)" + deep + "}",
           R"({"SamplingRuleRecords":[],"x":")" + std::string(1'100'000, 'x') + "\"}",
       }) {
    const RulesAnswer answer = parse_sampling_rules(text);
    EXPECT_NE(answer.error, "") << text.substr(0, 60);
    EXPECT_TRUE(answer.rules.empty());
  }
  EXPECT_NE(parse_sampling_targets("garbage").error, "");
  EXPECT_NE(parse_sampling_targets("[]").error, "");
}

TEST(CentralMessages, an_answer_without_rules_is_one) {
  const RulesAnswer answer = parse_sampling_rules(R"({"SamplingRuleRecords":[],"NextToken":null})");
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.next_token, "");
}

TEST(CentralMessages, a_target_is_read_whole) {
  const TargetsAnswer answer = parse_sampling_targets(R"({
    "SamplingTargetDocuments": [
      {"RuleName": "a", "FixedRate": 0.1, "ReservoirQuota": 10, "ReservoirQuotaTTL": 1700000000.5,
       "Interval": 20, "SamplingBoost": {"BoostRate": 0.75, "BoostRateTTL": 1.7E9}},
      {"RuleName": "b"}],
    "LastRuleModification": 1.6E9,
    "UnprocessedStatistics": [{"RuleName": "c", "ErrorCode": "400", "Message": "Unknown rule"}],
    "UnprocessedBoostStatistics": [{"RuleName": "d", "ErrorCode": "500", "Message": ""}]
  })");
  ASSERT_EQ(answer.error, "");
  ASSERT_EQ(answer.targets.size(), 2U);
  const SamplingTarget& target = answer.targets.front();
  EXPECT_EQ(target.rule_name, "a");
  EXPECT_EQ(target.fixed_rate, 0.1);
  EXPECT_EQ(target.quota, 10U);
  EXPECT_EQ(target.quota_ttl, 1700000000.5);
  EXPECT_EQ(target.interval, 20);
  EXPECT_EQ(target.boost_rate, 0.75);
  EXPECT_EQ(target.boost_rate_ttl, 1.7e9);
  EXPECT_EQ(answer.last_rule_modification, 1.6e9);
  ASSERT_EQ(answer.unprocessed.size(), 1U);
  EXPECT_EQ(answer.unprocessed.front().rule_name, "c");
  EXPECT_EQ(answer.unprocessed.front().code, "400");
  ASSERT_EQ(answer.unprocessed_boosts.size(), 1U);
  EXPECT_EQ(answer.unprocessed_boosts.front().rule_name, "d");
}

TEST(CentralMessages, whatever_of_a_target_is_null_absent_or_nonsense_is_not_there) {
  const TargetsAnswer answer = targets(
      R"({"RuleName":"null","FixedRate":null,"ReservoirQuota":null,"ReservoirQuotaTTL":null,)"
      R"("Interval":null,"SamplingBoost":null},)"
      R"({"RuleName":"bad","FixedRate":2,"ReservoirQuota":-1,"ReservoirQuotaTTL":"soon",)"
      R"("Interval":0,"SamplingBoost":{"BoostRate":7,"BoostRateTTL":{}}},)"
      R"({"FixedRate":1},[],null)");
  ASSERT_EQ(answer.error, "");
  ASSERT_EQ(answer.targets.size(), 2U);
  for (const SamplingTarget& target : answer.targets) {
    EXPECT_FALSE(target.fixed_rate) << target.rule_name;
    EXPECT_FALSE(target.quota) << target.rule_name;
    EXPECT_FALSE(target.quota_ttl) << target.rule_name;
    EXPECT_FALSE(target.interval) << target.rule_name;
    EXPECT_FALSE(target.boost_rate) << target.rule_name;
    EXPECT_FALSE(target.boost_rate_ttl) << target.rule_name;
  }
  const TargetsAnswer empty = parse_sampling_targets(
      R"({"SamplingTargetDocuments":null,"LastRuleModification":null,"UnprocessedStatistics":null})");
  EXPECT_EQ(empty.error, "");
  EXPECT_TRUE(empty.targets.empty());
  EXPECT_FALSE(empty.last_rule_modification);
}

TEST(CentralMessages, requests_are_written_as_the_service_reads_them) {
  EXPECT_EQ(rules_request(""), "{}");
  EXPECT_EQ(rules_request("a\"b"), R"({"NextToken":"a\"b"})");
  EXPECT_EQ(targets_request({{"a", 110, 10, 10}, {"b", 1, 0, 0}}, {}),
            R"({"SamplingStatisticsDocuments":[)"
            R"({"RuleName":"a","ClientID":"0123456789abcdef01234567","Timestamp":1700000000,)"
            R"("RequestCount":110,"SampledCount":10,"BorrowCount":10},)"
            R"({"RuleName":"b","ClientID":"0123456789abcdef01234567","Timestamp":1700000000,)"
            R"("RequestCount":1,"SampledCount":0,"BorrowCount":0}]})");
  EXPECT_EQ(targets_request({}, {{"a", "shop", 7, 3, 2}}),
            R"({"SamplingStatisticsDocuments":[],"SamplingBoostStatisticsDocuments":[)"
            R"({"RuleName":"a","ServiceName":"shop","Timestamp":1700000000,"AnomalyCount":3,)"
            R"("TotalCount":7,"SampledAnomalyCount":2}]})");
}
