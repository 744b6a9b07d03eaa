// What is asked and answered between the central sampler and X-Ray, as JSON.
//
// The answers come from the network: whatever they hold, reading them ends with what could be used
// of them and words for what could not.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rapidjson/document.h>

#include <xray/impl/json_check.hpp>
#include <xray/impl/output.hpp>
#include <xray/impl/rapidjson_memory.hpp>
#include <xray/impl/sampling/rule_matcher.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Bytes of an answer, and how deep it may be nested.
inline constexpr std::size_t largest_sampling_answer = std::size_t{1} << 20U;
inline constexpr unsigned deepest_sampling_answer = 32;

inline constexpr std::size_t longest_rule_name = 32;
inline constexpr std::string_view default_rule_name = "Default";

/// Documents of one kind that a GetSamplingTargets call may bring.
inline constexpr std::size_t most_statistics_a_call = 25;

/// A rule as GetSamplingRules describes it.
struct CentralRuleDefinition {
  std::string name;
  std::uint32_t priority = 0;
  double fixed_rate = 0;
  std::uint32_t reservoir_size = 0;
  RulePatterns patterns;
  /// SamplingRateBoost.MaxRate, where the rule may be boosted.
  std::optional<double> max_boost;
};

/// One page of GetSamplingRules.
struct RulesAnswer {
  std::string error;  ///< why none of it can be used; empty if it can
  std::vector<CentralRuleDefinition> rules;
  std::vector<std::string> skipped;  ///< for rules that can't be used, name and why; the first few
  std::size_t skipped_count = 0;     ///< all of them
  std::string next_token;            ///< of the next page; empty: this is the last one
  double newest_modification = 0;    ///< the latest ModifiedAt, of rules that were skipped too

  void skip(std::string why) {
    constexpr std::size_t few = 8;
    ++skipped_count;
    if (skipped.size() < few) skipped.push_back(std::move(why));
  }
};

/// What X-Ray assigns to one rule; whatever is not there stays as it was.
struct SamplingTarget {
  std::string rule_name;
  std::optional<double> fixed_rate;
  std::optional<std::uint32_t> quota;
  std::optional<double> quota_ttl;       ///< epoch seconds
  std::optional<std::int64_t> interval;  ///< seconds, above 0
  std::optional<double> boost_rate;      ///< 0 to 1; only together with
  std::optional<double> boost_rate_ttl;  ///< its epoch seconds
};

/// Statistics that X-Ray did not take.
struct UnprocessedStatistics {
  std::string rule_name;
  std::string code;  ///< like an HTTP status
};

/// The answer to GetSamplingTargets.
struct TargetsAnswer {
  std::string error;  ///< as above
  std::vector<SamplingTarget> targets;
  std::optional<double> last_rule_modification;  ///< epoch seconds
  std::vector<UnprocessedStatistics> unprocessed;
  std::vector<UnprocessedStatistics> unprocessed_boosts;
};

/// What one rule reports.
struct RuleStatistics {
  std::string_view rule_name;
  std::uint64_t requests = 0;
  std::uint64_t sampled = 0;
  std::uint64_t borrowed = 0;
};

/// What a rule that may be boosted reports beside that.
struct BoostStatistics {
  std::string_view rule_name;
  std::string_view service_name;
  std::uint64_t total = 0;
  std::uint64_t anomalies = 0;
  std::uint64_t sampled_anomalies = 0;
};

/// For messages: text from the network, cut, and without what could break out of its line.
inline std::string readable(std::string_view text) {
  std::string result(text.substr(0, 60));
  for (char& c : result) {
    if (c < ' ' || c > '~') c = '?';
  }
  return result;
}

/// Reads values of an answer, and remembers what was wrong with the last that was refused.
class SamplingAnswerReader {
 public:
  using Value = CheckedJsonDocument::ValueType;

  /// Whether the text is one JSON object, not too large nor too deep; else `error` says what it is.
  bool parse(std::string_view text, std::string& error) {
    if (text.size() > largest_sampling_answer) {
      error = "an answer of more than 1 MiB";
      return false;
    }
    // First, for it bounds what the parser will keep.
    const JsonShape shape = json_shape(text);
    if (!shape.valid) {
      error = "an answer that is not JSON";
      return false;
    }
    document_.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
    if (shape.depth > deepest_sampling_answer || document_.HasParseError() ||
        !document_.IsObject()) {
      error = "an answer that is not the JSON object expected";
      return false;
    }
    return true;
  }

  [[nodiscard]] const Value& root() const noexcept { return document_; }

  /// A member of an object; null if it is not there, or null itself.
  [[nodiscard]] static const Value* member(const Value& object, const char* key) {
    const auto found = object.FindMember(key);
    return found == object.MemberEnd() || found->value.IsNull() ? nullptr : &found->value;
  }

  [[nodiscard]] static std::string_view view(const Value& string) {
    return {string.GetString(), string.GetStringLength()};
  }

  /// A text; empty if it is not there or something else.
  [[nodiscard]] static std::string text(const Value& object, const char* key) {
    const Value* const value = member(object, key);
    return value != nullptr && value->IsString() ? std::string(view(*value)) : std::string();
  }

  [[nodiscard]] static std::optional<double> number(const Value& object, const char* key) {
    const Value* const value = member(object, key);
    if (value == nullptr || !value->IsNumber()) return std::nullopt;
    return value->GetDouble();
  }

  /// From 0 to 1.
  [[nodiscard]] static std::optional<double> rate(const Value& object, const char* key) {
    const std::optional<double> value = number(object, key);
    return value && *value >= 0 && *value <= 1 ? value : std::nullopt;
  }

  /// A whole number, however it is written; what a double does not hold exactly is none.
  [[nodiscard]] static std::optional<std::int64_t> whole(const Value& object, const char* key) {
    const std::optional<double> value = number(object, key);
    if (!value || !(std::abs(*value) <= 9'007'199'254'740'991.0) || *value != std::floor(*value)) {
      return std::nullopt;
    }
    return static_cast<std::int64_t>(*value);
  }

  /// A whole number of 0 and above; what is beyond 32 bits is as many as they hold.
  [[nodiscard]] static std::optional<std::uint32_t> amount(const Value& object, const char* key) {
    const std::optional<std::int64_t> value = whole(object, key);
    if (!value || *value < 0) return std::nullopt;
    return static_cast<std::uint32_t>(std::min<std::int64_t>(*value, 0xffffffffLL));
  }

 private:
  CheckedJsonDocument document_;
};

/// Reads the members of one SamplingRule, up to the first that makes it unusable.
class CentralRuleReader {
 public:
  using Reader = SamplingAnswerReader;

  explicit CentralRuleReader(const SamplingAnswerReader::Value& rule) : rule_(rule) {}

  /// Fills in the rule; empty, or what is wrong with it.
  std::string read(CentralRuleDefinition& rule) const {
    rule.name = Reader::text(rule_, "RuleName");
    if (rule.name.empty() || rule.name.size() > longest_rule_name) {
      return "RuleName is not a text of 1 to 32 characters";
    }
    if (Reader::whole(rule_, "Version") != 1) return "Version is not 1";
    const bool is_default = rule.name == default_rule_name;
    const std::optional<std::int64_t> priority = Reader::whole(rule_, "Priority");
    if (is_default) {
      rule.priority = 10'000;  // the last one, whatever it says
    } else if (!priority || *priority < 1 || *priority > 9999) {
      return "Priority is not a whole number from 1 to 9999";
    } else {
      rule.priority = static_cast<std::uint32_t>(*priority);
    }
    const std::optional<double> rate = Reader::rate(rule_, "FixedRate");
    if (!rate) return "FixedRate is not a number from 0 to 1";
    rule.fixed_rate = *rate;
    const std::optional<std::uint32_t> size = Reader::amount(rule_, "ReservoirSize");
    if (!size) return "ReservoirSize is not a whole number of 0 or more";
    rule.reservoir_size = *size;
    if (std::string wrong = read_boost(rule); !wrong.empty()) return wrong;
    return is_default ? std::string() : read_patterns(rule.patterns);
  }

 private:
  std::string read_boost(CentralRuleDefinition& rule) const {
    const SamplingAnswerReader::Value* const boost = Reader::member(rule_, "SamplingRateBoost");
    if (boost == nullptr) return {};
    if (!boost->IsObject()) return "SamplingRateBoost is not an object";
    rule.max_boost = Reader::rate(*boost, "MaxRate");
    return rule.max_boost ? std::string()
                          : std::string("SamplingRateBoost.MaxRate is not a number from 0 to 1");
  }

  /// A pattern that is not there asks for nothing.
  std::string read_patterns(RulePatterns& patterns) const {
    const std::pair<const char*, std::string*> texts[] = {
        {"ServiceName", &patterns.service_name},
        {"ServiceType", &patterns.service_type},
        {"Host", &patterns.host},
        {"HTTPMethod", &patterns.method},
        {"URLPath", &patterns.path},
        {"ResourceARN", &patterns.resource_arn},
    };
    for (const auto& [key, text] : texts) {
      const SamplingAnswerReader::Value* const value = Reader::member(rule_, key);
      if (value == nullptr) continue;
      if (!value->IsString()) return std::string(key) + " is not a text";
      *text = std::string(Reader::view(*value));
    }
    const SamplingAnswerReader::Value* const attributes = Reader::member(rule_, "Attributes");
    if (attributes == nullptr) return {};
    if (!attributes->IsObject()) return "Attributes is not an object";
    for (const auto& attribute : attributes->GetObject()) {
      if (!attribute.value.IsString()) return "Attributes has a value that is not a text";
      patterns.attributes.emplace_back(Reader::view(attribute.name), Reader::view(attribute.value));
    }
    return {};
  }

  const SamplingAnswerReader::Value& rule_;
};

inline RulesAnswer parse_sampling_rules(std::string_view text) {
  using Reader = SamplingAnswerReader;
  RulesAnswer answer;
  Reader reader;
  if (!reader.parse(text, answer.error)) return answer;
  // Required, so that another server's `{}` does not take all rules away.
  const SamplingAnswerReader::Value* const records =
      Reader::member(reader.root(), "SamplingRuleRecords");
  if (records == nullptr || !records->IsArray()) {
    answer.error = "an answer without a list of SamplingRuleRecords";
    return answer;
  }
  const SamplingAnswerReader::Value* const token = Reader::member(reader.root(), "NextToken");
  if (token != nullptr && !token->IsString()) {
    answer.error = "an answer whose NextToken is not a text";
    return answer;
  }
  if (token != nullptr) answer.next_token = std::string(Reader::view(*token));
  for (const SamplingAnswerReader::Value& record : records->GetArray()) {
    const SamplingAnswerReader::Value* const rule =
        record.IsObject() ? Reader::member(record, "SamplingRule") : nullptr;
    if (rule == nullptr || !rule->IsObject()) {
      answer.skip("a record has no SamplingRule");
      continue;
    }
    answer.newest_modification =
        std::max(answer.newest_modification, Reader::number(record, "ModifiedAt").value_or(0));
    CentralRuleDefinition definition;
    std::string wrong = CentralRuleReader(*rule).read(definition);
    if (wrong.empty()) {
      answer.rules.push_back(std::move(definition));
    } else {
      answer.skip("rule \"" + readable(definition.name) + "\": " + wrong);
    }
  }
  return answer;
}

inline TargetsAnswer parse_sampling_targets(std::string_view text) {
  using Reader = SamplingAnswerReader;
  TargetsAnswer answer;
  Reader reader;
  if (!reader.parse(text, answer.error)) return answer;
  const auto each = [&reader](const char* key, auto&& take) {
    const SamplingAnswerReader::Value* const list = Reader::member(reader.root(), key);
    if (list == nullptr || !list->IsArray()) return;
    for (const SamplingAnswerReader::Value& element : list->GetArray()) {
      if (element.IsObject()) take(element);
    }
  };
  each("SamplingTargetDocuments", [&answer](const SamplingAnswerReader::Value& element) {
    SamplingTarget target;
    target.rule_name = Reader::text(element, "RuleName");
    if (target.rule_name.empty()) return;
    target.fixed_rate = Reader::rate(element, "FixedRate");
    target.quota = Reader::amount(element, "ReservoirQuota");
    target.quota_ttl = Reader::number(element, "ReservoirQuotaTTL");
    target.interval = Reader::whole(element, "Interval");
    if (target.interval && *target.interval <= 0) target.interval.reset();
    const SamplingAnswerReader::Value* const boost = Reader::member(element, "SamplingBoost");
    if (boost != nullptr && boost->IsObject()) {
      target.boost_rate = Reader::rate(*boost, "BoostRate");
      target.boost_rate_ttl = Reader::number(*boost, "BoostRateTTL");
    }
    answer.targets.push_back(std::move(target));
  });
  const auto read_unprocessed = [&each](const char* key, std::vector<UnprocessedStatistics>& to) {
    each(key, [&to](const SamplingAnswerReader::Value& element) {
      to.push_back({Reader::text(element, "RuleName"), Reader::text(element, "ErrorCode")});
    });
  };
  read_unprocessed("UnprocessedStatistics", answer.unprocessed);
  read_unprocessed("UnprocessedBoostStatistics", answer.unprocessed_boosts);
  answer.last_rule_modification = Reader::number(reader.root(), "LastRuleModification");
  return answer;
}

/// The body of GetSamplingRules; an empty token asks for the first page.
inline void write_rules_request(Output& out, std::string_view next_token) noexcept {
  out.clear();
  if (next_token.empty()) {
    out.text("{}");
    return;
  }
  out.text("{\"NextToken\":");
  out.string(next_token);
  out.character('}');
}

/// The body of GetSamplingTargets. The time is in epoch seconds, the client's id 24 digits.
inline void write_targets_request(Output& out, std::string_view client_id, std::int64_t time,
                                  const std::vector<RuleStatistics>& statistics,
                                  const std::vector<BoostStatistics>& boosts) noexcept {
  const auto amount = [&out](std::string_view key, std::uint64_t value) {
    out.text(key);
    out.integer(value);
  };
  out.clear();
  out.text("{\"SamplingStatisticsDocuments\":[");
  for (const RuleStatistics& rule : statistics) {
    out.text("{\"RuleName\":");
    out.string(rule.rule_name);
    out.text(",\"ClientID\":");
    out.string(client_id);
    out.text(",\"Timestamp\":");
    out.integer(time);
    amount(",\"RequestCount\":", rule.requests);
    amount(",\"SampledCount\":", rule.sampled);
    amount(",\"BorrowCount\":", rule.borrowed);
    out.text("},");
  }
  if (!statistics.empty()) out.drop_last();
  out.character(']');
  if (!boosts.empty()) {
    out.text(",\"SamplingBoostStatisticsDocuments\":[");
    for (const BoostStatistics& rule : boosts) {
      out.text("{\"RuleName\":");
      out.string(rule.rule_name);
      out.text(",\"ServiceName\":");
      out.string(rule.service_name);
      out.text(",\"Timestamp\":");
      out.integer(time);
      amount(",\"AnomalyCount\":", rule.anomalies);
      amount(",\"TotalCount\":", rule.total);
      amount(",\"SampledAnomalyCount\":", rule.sampled_anomalies);
      out.text("},");
    }
    out.drop_last();
    out.character(']');
  }
  out.character('}');
}

}  // namespace detail
XRAY_NAMESPACE_END
