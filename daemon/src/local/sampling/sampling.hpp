// Sampling on this machine: rules that are kept, quotas, and what clients report.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "counter_row.hpp"
#include "local/sampling/sampling_file.hpp"
#include "local/sampling/sampling_json.hpp"
#include "local/sampling/sampling_rules.hpp"
#include "local/sampling/sampling_targets.hpp"

namespace xrayd::local {

struct SamplingSettings {
  std::filesystem::path file;
  /// The rate of Default, set when this is made; nothing leaves it as it was stored.
  std::optional<double> default_rate;
  /// How often clients report.
  std::chrono::seconds interval{10};
  /// Milliseconds since 1970.
  std::function<std::int64_t()> clock;
};

/// What a client that reported may do until its next report.
struct SamplingTarget {
  double fixed_rate = 0;
  SamplingTargets::Quota quota;
};

/// Operations that are counted.
enum class SamplingCall { get_rules, get_targets, get_statistics, create, update, remove };
inline constexpr std::size_t sampling_call_count = 6;

/// Thread-safe. Changes wait for the disk, everything else doesn't.
class Sampling {
 public:
  /// Throws StartupError.
  explicit Sampling(SamplingSettings settings);

  void count(SamplingCall call) noexcept { ++calls_[static_cast<std::size_t>(call)]; }

  /// In the order in which clients try them.
  [[nodiscard]] std::vector<SamplingRule> rules() const;

  // On disk when they come back; what is returned is what is stored now, or was until now. They
  // throw SamplingRuleError, and SqliteError where the disk fails: then nothing has changed.

  SamplingRule create(SamplingRule rule);
  SamplingRule update(const SamplingRuleChange& change);
  SamplingRule remove(const RuleKey& key);
  /// Puts what `change` makes of a rule's tags in their place; false if there is no such rule. What
  /// `change` throws comes through, and nothing has changed. It must not call back.
  bool change_tags(std::string_view arn, const std::function<Tags(Tags)>& change);

  /// Counts the report. Nothing if there is no such rule.
  std::optional<SamplingTarget> report(const SamplingReport& report);
  [[nodiscard]] bool has_rule(const std::string& name) const;
  /// Nothing if there is no such rule.
  [[nodiscard]] std::optional<Tags> tags(std::string_view arn) const;
  /// When a rule was last made, changed or deleted, in seconds since 1970.
  [[nodiscard]] double last_modification() const;
  [[nodiscard]] std::chrono::seconds interval() const noexcept { return settings_.interval; }
  [[nodiscard]] std::vector<SamplingWindow> windows() const;

  /// Writes what was reported since the last time to the log: at most a line a minute, unless
  /// `last`.
  void tell_news(bool last = false);

  void report(CounterRows& rows) const;

 private:
  [[nodiscard]] double now() const;
  void load();
  void set_default_rate(double rate);

  SamplingSettings settings_;
  std::array<std::atomic<std::int64_t>, sampling_call_count> calls_{};

  /// Held over the disk's work, so that changes come one after the other. Whoever holds it may
  /// read the rules without the other one.
  std::mutex change_mutex_;
  SamplingFile file_;

  mutable std::mutex mutex_;
  SamplingRules rules_;
  SamplingTargets targets_;
  /// With the mutex held.
  void note_modification(double time);

  double last_modification_ = 0;
  std::atomic<std::int64_t> unknown_rules_ = 0;
  std::int64_t told_ms_ = 0;
};

}  // namespace xrayd::local
