// Encryption, indexing rules and the destination of trace segments: stored and given back.
#include "account_api_test.hpp"

namespace xrayd::local {
namespace {

using testing::MatchesRegex;

constexpr const char* get_encryption = "/EncryptionConfig";
constexpr const char* put_encryption = "/PutEncryptionConfig";
constexpr const char* get_rules = "/GetIndexingRules";
constexpr const char* update_rule = "/UpdateIndexingRule";
constexpr const char* get_destination = "/GetTraceSegmentDestination";
constexpr const char* update_destination = "/UpdateTraceSegmentDestination";

using SettingsTest = AccountApiTest;

std::string encryption(const std::string& key, const char* status, const char* type) {
  return R"({"EncryptionConfig":{"KeyId":)" + key + R"(,"Status":")" + status + R"(","Type":")" +
         type + R"("}})";
}

// ---- encryption ------------------------------------------------------------------------------

TEST_F(SettingsTest, nothing_is_encrypted_at_first) {
  EXPECT_EQ(call(get_encryption), encryption("null", "ACTIVE", "NONE"));
  EXPECT_EQ(call(get_encryption, ""), encryption("null", "ACTIVE", "NONE"));
}

TEST_F(SettingsTest, a_key_is_updating_and_then_active_and_outlives_the_daemon) {
  EXPECT_EQ(call(put_encryption, R"({"Type":"KMS","KeyId":"alias/shop"})"),
            encryption("\"alias/shop\"", "UPDATING", "KMS"));
  EXPECT_EQ(call(get_encryption), encryption("\"alias/shop\"", "ACTIVE", "KMS"));
  restart();
  EXPECT_EQ(call(get_encryption), encryption("\"alias/shop\"", "ACTIVE", "KMS"));
  EXPECT_EQ(call(put_encryption, R"({"Type":"NONE"})"), encryption("null", "UPDATING", "NONE"));
  EXPECT_EQ(call(get_encryption), encryption("null", "ACTIVE", "NONE"));
  restart();
  EXPECT_EQ(call(get_encryption), encryption("null", "ACTIVE", "NONE"));
}

TEST_F(SettingsTest, a_key_without_encryption_is_left_out) {
  EXPECT_EQ(call(put_encryption, R"({"Type":"NONE","KeyId":"x"})"),
            encryption("null", "UPDATING", "NONE"));
}

TEST_F(SettingsTest, bad_requests_for_encryption_are_refused) {
  expect_refused(put_encryption, R"({"Type":"KMS"})", invalid,
                 "KeyId must be given for the type KMS");
  expect_violation(put_encryption, "{}",
                   "Value null at 'type' failed to satisfy constraint: Member must not be null");
  expect_violation(put_encryption, R"({"Type":"none"})",
                   "Value 'none' at 'type' failed to satisfy constraint: Member must satisfy enum "
                   "value set: [NONE, KMS]");
  expect_violation(put_encryption, R"({"Type":"KMS","KeyId":""})",
                   "Value '' at 'keyId' failed to satisfy constraint: Member must have length "
                   "greater than or equal to 1");
  expect_violation(put_encryption, R"({"Type":"KMS","KeyId":)" + quoted(3001) + "}",
                   "Value '" + std::string(256, 'x') +
                       "...' at 'keyId' failed to satisfy constraint: Member must have length less "
                       "than or equal to 3000");
  expect_refused(put_encryption, R"({"Type":1})", serialization, "type must be a string");
  EXPECT_EQ(call(get_encryption), encryption("null", "ACTIVE", "NONE"));
  call(put_encryption, R"({"Type":"KMS","KeyId":)" + quoted(3000) + "}");
}

// ---- indexing rules --------------------------------------------------------------------------

std::string percentage(const std::string& value, const std::string& name = "Default") {
  return R"({"Name":")" + name + R"(","Rule":{"Probabilistic":{"DesiredSamplingPercentage":)" +
         value + "}}}";
}

TEST_F(SettingsTest, there_is_one_indexing_rule_and_everything_is_indexed) {
  EXPECT_EQ(call(get_rules),
            R"({"IndexingRules":[{"Name":"Default","ModifiedAt":0.0,"Rule":{"Probabilistic":)"
            R"({"DesiredSamplingPercentage":1.0,"ActualSamplingPercentage":100.0}}}],)"
            R"("NextToken":null})");
}

TEST_F(SettingsTest, an_indexing_rule_is_changed_and_outlives_the_daemon) {
  for (const char* value : {"0", "100", "12.5"}) {
    EXPECT_THAT(
        call(update_rule, percentage(value)),
        MatchesRegex(R"(\{"IndexingRule":\{"Name":"Default","ModifiedAt":1[0-9]+\.[0-9]+,"Rule":\{)"
                     R"("Probabilistic":\{"DesiredSamplingPercentage":)" +
                     std::string(value) + R"((\.0)?,"ActualSamplingPercentage":100\.0\}\}\}\})"));
  }
  const auto before = call(get_rules);
  EXPECT_THAT(before, testing::HasSubstr("12.5"));
  restart();
  EXPECT_EQ(call(get_rules), before);
}

TEST_F(SettingsTest, bad_requests_for_indexing_rules_are_refused) {
  expect_refused(update_rule, percentage("5", "mine"), not_found, "Indexing rule not found");
  EXPECT_EQ(backend_->call(update_rule, percentage("5", "mine")).body,
            R"({"__type":"ResourceNotFoundException","Message":"Indexing rule not found",)"
            R"("ResourceName":"mine"})");
  for (const char* value : {"-0.1", "100.1", "1e300"}) {
    expect_refused(update_rule, percentage(value), invalid,
                   "DesiredSamplingPercentage must be between 0 and 100");
  }
  expect_refused(update_rule, "{}", validation,
                 "2 validation errors detected: Value null at 'name' failed to satisfy constraint: "
                 "Member must not be null; Value null at 'rule' failed to satisfy constraint: "
                 "Member must not be null");
  expect_violation(update_rule, R"({"Name":"Default","Rule":{}})",
                   "Value null at 'rule.probabilistic' failed to satisfy constraint: Member must "
                   "not be null");
  expect_violation(update_rule, R"({"Name":"Default","Rule":{"Probabilistic":{}}})",
                   "Value null at 'rule.probabilistic.desiredSamplingPercentage' failed to satisfy "
                   "constraint: Member must not be null");
  expect_refused(update_rule, percentage("\"5\""), serialization,
                 "rule.probabilistic.desiredSamplingPercentage must be a number");
  expect_refused(get_rules, R"({"NextToken":""})", invalid, "NextToken is currently not supported");
}

// ---- the destination of trace segments --------------------------------------------------------

TEST_F(SettingsTest, the_destination_is_stored_and_given_back) {
  EXPECT_EQ(call(get_destination), R"({"Destination":"XRay","Status":"ACTIVE"})");
  EXPECT_EQ(call(update_destination, R"({"Destination":"CloudWatchLogs"})"),
            R"({"Destination":"CloudWatchLogs","Status":"ACTIVE"})");
  restart();
  EXPECT_EQ(call(get_destination), R"({"Destination":"CloudWatchLogs","Status":"ACTIVE"})");
  EXPECT_EQ(call(update_destination), R"({"Destination":"CloudWatchLogs","Status":"ACTIVE"})");
  call(update_destination, R"({"Destination":"XRay"})");
  EXPECT_EQ(call(get_destination), R"({"Destination":"XRay","Status":"ACTIVE"})");
}

TEST_F(SettingsTest, unknown_destinations_are_refused) {
  expect_violation(
      update_destination, R"({"Destination":"xray"})",
      "Value 'xray' at 'destination' failed to satisfy constraint: Member must satisfy "
      "enum value set: [XRay, CloudWatchLogs]");
  EXPECT_EQ(call(get_destination), R"({"Destination":"XRay","Status":"ACTIVE"})");
}

}  // namespace
}  // namespace xrayd::local
