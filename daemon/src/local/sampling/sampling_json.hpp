// Sampling in JSON: members of the service model's structures, and the form in which rules are
// stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "local/json/json.hpp"
#include "local/json/members.hpp"
#include "local/sampling/sampling_rules.hpp"
#include "local/sampling/sampling_targets.hpp"

namespace xrayd::local {

/// One entry of SamplingStatisticsDocuments.
struct SamplingReport {
  std::string rule;
  std::string client;
  SamplingCounts counts;
};

// Each adds to the violations what is wrong; what it returns is good only where there are none.

/// `request` is that of CreateSamplingRule.
[[nodiscard]] SamplingRule read_new_rule(const rapidjson::Value& request, Violations& violations);
/// `request` is that of UpdateSamplingRule.
[[nodiscard]] SamplingRuleChange read_rule_change(const rapidjson::Value& request,
                                                  Violations& violations);
/// `request` is that of DeleteSamplingRule.
[[nodiscard]] RuleKey read_rule_key(const rapidjson::Value& request, Violations& violations);
/// `document` stands at `path`.
[[nodiscard]] SamplingReport read_report(const rapidjson::Value& document, std::string path,
                                         Violations& violations);
/// Of an entry of SamplingBoostStatisticsDocuments the rule's name is of interest.
[[nodiscard]] std::string read_boost_report(const rapidjson::Value& document, std::string path,
                                            Violations& violations);

/// A SamplingRuleRecord.
void write_rule_record(JsonWriter& writer, const SamplingRule& rule);

/// For stored_rule().
[[nodiscard]] std::string rule_text(const SamplingRule& rule);
/// Nothing if the text is damaged or breaks the limits of a rule.
[[nodiscard]] std::optional<SamplingRule> stored_rule(std::string_view text);

}  // namespace xrayd::local
