// The sampling rules of this machine: what X-Ray would keep for an account and a region.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "local/json/tags.hpp"

namespace xrayd::local {

/// Stored and given back; the rate is never raised here.
struct SamplingRateBoost {
  double max_rate = 0;
  std::int64_t cooldown_minutes = 0;
};

/// One rule. The texts are patterns with `*` and `?`, matched by clients, not here.
struct SamplingRule {
  std::string name;
  std::string resource_arn = "*";
  /// 1 to 9999, smaller ones first; 10000 for Default.
  std::int64_t priority = 0;
  /// Of requests beyond the reservoir, 0 to 1.
  double fixed_rate = 0;
  /// Requests a second that are sampled before the rate counts, over all clients together.
  std::int64_t reservoir_size = 0;
  std::string service_name = "*";
  std::string service_type = "*";
  std::string host = "*";
  std::string http_method = "*";
  std::string url_path = "*";
  std::map<std::string, std::string> attributes;
  std::optional<SamplingRateBoost> boost;
  Tags tags;
  /// Seconds since 1970.
  double created_at = 0;
  double modified_at = 0;

  [[nodiscard]] std::string arn() const;
};

inline constexpr std::string_view default_rule_name = "Default";
/// The only version of the rules' format.
inline constexpr std::int64_t rule_version = 1;

/// Names a rule in one of two ways.
struct RuleKey {
  std::optional<std::string> name;
  std::optional<std::string> arn;
};

/// What an update sets; the rest of the rule stays.
struct SamplingRuleChange {
  RuleKey key;
  std::optional<std::string> resource_arn;
  std::optional<std::int64_t> priority;
  std::optional<double> fixed_rate;
  std::optional<std::int64_t> reservoir_size;
  std::optional<std::string> host;
  std::optional<std::string> service_name;
  std::optional<std::string> service_type;
  std::optional<std::string> http_method;
  std::optional<std::string> url_path;
  std::optional<std::map<std::string, std::string>> attributes;
  std::optional<SamplingRateBoost> boost;
};

/// Why rules stay as they are; what() is for the caller.
class SamplingRuleError : public std::runtime_error {
 public:
  enum class Kind { invalid, too_many };
  SamplingRuleError(Kind kind, const std::string& message)
      : std::runtime_error(message), kind_(kind) {}
  [[nodiscard]] Kind kind() const noexcept { return kind_; }

 private:
  Kind kind_;
};

/// Default and up to 25 others, in memory. A change is asked for first (created(), changed(),
/// removed(), which throw SamplingRuleError), so that it can be put on disk, and made afterwards
/// (put(), erase()). For one thread at a time.
class SamplingRules {
 public:
  static constexpr std::size_t max_custom_rules = 25;

  /// Default alone: every request.
  SamplingRules();

  /// In the order in which clients try them: by priority, then by name, Default last.
  [[nodiscard]] std::vector<SamplingRule> all() const;
  /// Null if there is none.
  [[nodiscard]] const SamplingRule* find(const std::string& name) const;
  [[nodiscard]] const SamplingRule* find_arn(std::string_view arn) const;

  /// The rule as it would be stored. `now` in seconds since 1970.
  [[nodiscard]] SamplingRule created(SamplingRule rule, double now) const;
  [[nodiscard]] SamplingRule changed(const SamplingRuleChange& change, double now) const;
  /// The rule that would go.
  [[nodiscard]] SamplingRule removed(const RuleKey& key) const;

  void put(SamplingRule rule);
  void erase(const std::string& name);

 private:
  [[nodiscard]] const SamplingRule& named(const RuleKey& key) const;

  std::map<std::string, SamplingRule> rules_;
};

}  // namespace xrayd::local
