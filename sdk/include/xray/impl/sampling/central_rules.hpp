// X-Ray's sampling rules, in their order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <xray/impl/sampling/central_rule.hpp>
#include <xray/impl/sampling/rule_matcher.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// A set of rules that stays as it is; only what the rules hold changes. The next set takes the
/// rules of the same names over.
class CentralRules {
 public:
  /// Of several with one name the first is taken; `previous` may be null. Fetched at a time of a
  /// steady clock, in nanoseconds.
  CentralRules(std::vector<CentralRuleDefinition> definitions, const CentralRules* previous,
               std::int64_t fetched_at)
      : fetched_at_(fetched_at) {
    std::stable_sort(definitions.begin(), definitions.end(), [](const auto& a, const auto& b) {
      return std::tie(a.priority, a.name) < std::tie(b.priority, b.name);
    });
    rules_.reserve(definitions.size());
    for (const CentralRuleDefinition& definition : definitions) {
      if (rule_named(definition.name) != nullptr) continue;
      std::shared_ptr<CentralRule> rule =
          previous != nullptr ? previous->shared_rule_named(definition.name) : nullptr;
      if (rule != nullptr) {
        rule->update(definition);
      } else {
        rule = std::make_shared<CentralRule>(definition);
      }
      // The last one matches whatever its patterns say.
      const bool is_default = definition.name == default_rule_name;
      matcher_.add(is_default ? RulePatterns() : definition.patterns);
      rules_.push_back(std::move(rule));
    }
  }

  /// The rule that decides; null if none does (there was no Default).
  [[nodiscard]] CentralRule* find(const SamplingRequest& request) const noexcept {
    const std::size_t index = matcher_.find(request);
    return index != RuleMatcher::none ? rules_[index].get() : nullptr;
  }

  [[nodiscard]] CentralRule* rule_named(std::string_view name) const noexcept {
    const auto found = find_name(name);
    return found != rules_.end() ? found->get() : nullptr;
  }

  [[nodiscard]] const std::vector<std::shared_ptr<CentralRule>>& rules() const noexcept {
    return rules_;
  }

  [[nodiscard]] std::int64_t fetched_at() const noexcept { return fetched_at_; }

 private:
  using Rules = std::vector<std::shared_ptr<CentralRule>>;

  [[nodiscard]] Rules::const_iterator find_name(std::string_view name) const noexcept {
    return std::find_if(rules_.begin(), rules_.end(),
                        [name](const auto& rule) { return rule->name() == name; });
  }
  [[nodiscard]] std::shared_ptr<CentralRule> shared_rule_named(
      std::string_view name) const noexcept {
    const auto found = find_name(name);
    return found != rules_.end() ? *found : nullptr;
  }

  RuleMatcher matcher_;
  Rules rules_;
  const std::int64_t fetched_at_;
};

}  // namespace detail
XRAY_NAMESPACE_END
