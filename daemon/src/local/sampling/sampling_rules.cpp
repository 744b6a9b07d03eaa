#include "local/sampling/sampling_rules.hpp"

#include <algorithm>
#include <utility>

#include "local/arn.hpp"

namespace xrayd::local {
namespace {

constexpr std::string_view arn_kind = "sampling-rule";

constexpr std::int64_t default_priority = 10000;
constexpr std::int64_t min_priority = 1;
constexpr std::int64_t max_priority = 9999;

SamplingRuleError invalid(const std::string& message) {
  return {SamplingRuleError::Kind::invalid, message};
}

/// X-Ray's model has no limits for these members of an update, so they are looked at here.
void check_ranges(const SamplingRuleChange& change) {
  if (change.priority && (*change.priority < min_priority || *change.priority > max_priority)) {
    throw invalid("Priority must be between 1 and 9999");
  }
  if (change.fixed_rate && !(*change.fixed_rate >= 0 && *change.fixed_rate <= 1)) {
    throw invalid("FixedRate must be between 0 and 1");
  }
  if (change.reservoir_size && *change.reservoir_size < 0) {
    throw invalid("ReservoirSize must not be negative");
  }
}

void check_default(const SamplingRuleChange& change) {
  const bool other = change.resource_arn || change.priority || change.host || change.service_name ||
                     change.service_type || change.http_method || change.url_path ||
                     change.attributes || change.boost;
  if (other) throw invalid("Invalid update request for default sampling rule");
}

template <typename Value>
void assign(Value& member, const std::optional<Value>& value) {
  if (value) member = *value;
}

}  // namespace

std::string SamplingRule::arn() const {
  return arn_of(arn_kind, name);
}

SamplingRules::SamplingRules() {
  SamplingRule rule;
  rule.name = default_rule_name;
  rule.priority = default_priority;
  rule.fixed_rate = 1;
  rule.reservoir_size = 1;
  put(std::move(rule));
}

std::vector<SamplingRule> SamplingRules::all() const {
  std::vector<SamplingRule> list;
  list.reserve(rules_.size());
  for (const auto& [name, rule] : rules_) list.push_back(rule);
  std::stable_sort(list.begin(), list.end(),
                   [](const auto& a, const auto& b) { return a.priority < b.priority; });
  return list;
}

const SamplingRule* SamplingRules::find(const std::string& name) const {
  const auto found = rules_.find(name);
  return found == rules_.end() ? nullptr : &found->second;
}

const SamplingRule* SamplingRules::find_arn(std::string_view arn) const {
  const auto name = resource_named(arn, arn_kind);
  return name ? find(std::string(*name)) : nullptr;
}

const SamplingRule& SamplingRules::named(const RuleKey& key) const {
  if (key.name && key.arn) throw invalid("Specify either RuleName or RuleARN, but not both");
  if (!key.name && !key.arn) throw invalid("Specify either RuleName or RuleARN");
  const SamplingRule* rule = key.name ? find(*key.name) : find_arn(*key.arn);
  if (rule == nullptr) throw invalid("Sampling rule not found");
  return *rule;
}

SamplingRule SamplingRules::created(SamplingRule rule, double now) const {
  if (rule.name == default_rule_name) throw invalid("Default is a reserved rule name");
  if (find(rule.name) != nullptr) throw invalid(rule.name + " already exists");
  if (const auto fault = tags_fault(rule.tags); !fault.empty()) throw invalid(fault);
  if (rules_.size() > max_custom_rules) {
    throw SamplingRuleError(SamplingRuleError::Kind::too_many,
                            "Sampling rule limit exceeded: " + std::to_string(max_custom_rules));
  }
  rule.created_at = now;
  rule.modified_at = now;
  return rule;
}

SamplingRule SamplingRules::changed(const SamplingRuleChange& change, double now) const {
  SamplingRule rule = named(change.key);
  if (rule.name == default_rule_name) check_default(change);
  check_ranges(change);
  assign(rule.resource_arn, change.resource_arn);
  assign(rule.priority, change.priority);
  assign(rule.fixed_rate, change.fixed_rate);
  assign(rule.reservoir_size, change.reservoir_size);
  assign(rule.host, change.host);
  assign(rule.service_name, change.service_name);
  assign(rule.service_type, change.service_type);
  assign(rule.http_method, change.http_method);
  assign(rule.url_path, change.url_path);
  assign(rule.attributes, change.attributes);
  if (change.boost) rule.boost = change.boost;
  rule.modified_at = now;
  return rule;
}

SamplingRule SamplingRules::removed(const RuleKey& key) const {
  SamplingRule rule = named(key);
  if (rule.name == default_rule_name) throw invalid("Default sampling rule can not be deleted");
  return rule;
}

void SamplingRules::put(SamplingRule rule) {
  auto name = rule.name;
  rules_.insert_or_assign(std::move(name), std::move(rule));
}

void SamplingRules::erase(const std::string& name) {
  rules_.erase(name);
}

}  // namespace xrayd::local
