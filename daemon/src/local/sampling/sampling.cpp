#include "local/sampling/sampling.hpp"

#include <cmath>
#include <utility>

#include "config/log.hpp"

namespace xrayd::local {
namespace {

constexpr double ms_per_second = 1000;
constexpr std::int64_t ms_between_news = 60'000;

std::string number_text(double value) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.Double(value);
  return {buffer.GetString(), buffer.GetSize()};
}

std::string described(const SamplingRule& rule) {
  return rule.name + ": priority " + std::to_string(rule.priority) + ", reservoir " +
         std::to_string(rule.reservoir_size) + ", rate " + number_text(rule.fixed_rate);
}

std::string counts_text(const RuleCounts& news) {
  return "rule " + news.rule + " " + std::to_string(news.counts.requests) + " requests, " +
         std::to_string(news.counts.sampled) + " sampled, " + std::to_string(news.counts.borrowed) +
         " borrowed";
}

std::string rule_label(std::string_view name) {
  std::string label = "rule=\"";
  for (const char c : name) {
    if (c == '\\' || c == '"') label += '\\';
    if (c == '\n') {
      label += "\\n";
    } else {
      label += c;
    }
  }
  label += '"';
  return label;
}

}  // namespace

Sampling::Sampling(SamplingSettings settings)
    : settings_(std::move(settings)),
      file_(SamplingFile::open(settings_.file)),
      targets_(settings_.interval, settings_.clock),
      // Clients that knew an earlier daemon had rules that may not be these.
      last_modification_(std::ceil(now())),
      told_ms_(settings_.clock() - ms_between_news) {
  load();
  if (settings_.default_rate) set_default_rate(*settings_.default_rate);
}

void Sampling::load() {
  for (auto& rule : file_.rules()) rules_.put(std::move(rule));
}

void Sampling::set_default_rate(double rate) {
  SamplingRuleChange change;
  change.key.name = default_rule_name;
  change.fixed_rate = rate;
  if (rules_.find(*change.key.name)->fixed_rate == rate) return;
  try {
    update(change);
  } catch (const SqliteError& error) {
    // Not worth refusing to start: only a later start without the option would miss it.
    log::warn(std::string(error.what()) + "; the rate of the rule Default is not stored");
    rules_.put(rules_.changed(change, now()));
  }
}

double Sampling::now() const {
  return static_cast<double>(settings_.clock()) / ms_per_second;
}

std::vector<SamplingRule> Sampling::rules() const {
  const std::lock_guard lock(mutex_);
  return rules_.all();
}

SamplingRule Sampling::create(SamplingRule rule) {
  const std::lock_guard change_lock(change_mutex_);
  const double time = now();
  auto created = rules_.created(std::move(rule), time);
  file_.put(created);
  {
    const std::lock_guard lock(mutex_);
    rules_.put(created);
    note_modification(time);
  }
  log::info("sampling: created rule " + described(created));
  return created;
}

SamplingRule Sampling::update(const SamplingRuleChange& change) {
  const std::lock_guard change_lock(change_mutex_);
  const double time = now();
  auto changed = rules_.changed(change, time);
  file_.put(changed);
  {
    const std::lock_guard lock(mutex_);
    rules_.put(changed);
    note_modification(time);
  }
  log::info("sampling: changed rule " + described(changed));
  return changed;
}

SamplingRule Sampling::remove(const RuleKey& key) {
  const std::lock_guard change_lock(change_mutex_);
  auto removed = rules_.removed(key);
  file_.erase(removed.name);
  {
    const std::lock_guard lock(mutex_);
    rules_.erase(removed.name);
    targets_.forget(removed.name);
    note_modification(now());
  }
  log::info("sampling: deleted rule " + removed.name);
  return removed;
}

bool Sampling::change_tags(std::string_view arn, const std::function<Tags(Tags)>& change) {
  const std::lock_guard change_lock(change_mutex_);
  const auto* found = rules_.find_arn(arn);
  if (found == nullptr) return false;
  SamplingRule rule = *found;
  rule.tags = change(std::move(rule.tags));
  file_.put(rule);
  const std::lock_guard lock(mutex_);
  rules_.put(std::move(rule));
  return true;
}

std::optional<Tags> Sampling::tags(std::string_view arn) const {
  const std::lock_guard lock(mutex_);
  const auto* rule = rules_.find_arn(arn);
  return rule == nullptr ? std::nullopt : std::optional(rule->tags);
}

std::optional<SamplingTarget> Sampling::report(const SamplingReport& report) {
  const std::lock_guard lock(mutex_);
  const auto* rule = rules_.find(report.rule);
  if (rule == nullptr) {
    ++unknown_rules_;
    return std::nullopt;
  }
  return SamplingTarget{rule->fixed_rate, targets_.report(rule->name, rule->reservoir_size,
                                                          report.client, report.counts)};
}

bool Sampling::has_rule(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return rules_.find(name) != nullptr;
}

void Sampling::note_modification(double time) {
  // Some clients compare whole seconds, with the one in which they fetched the rules: rounded down,
  // a change later in that second would be missed. And each change has a time of its own, for
  // others look whether it is another one.
  constexpr double a_little = 0.001;
  last_modification_ = std::max(std::ceil(time), last_modification_ + a_little);
}

double Sampling::last_modification() const {
  const std::lock_guard lock(mutex_);
  return last_modification_;
}

std::vector<SamplingWindow> Sampling::windows() const {
  const std::lock_guard lock(mutex_);
  return targets_.windows();
}

void Sampling::tell_news(bool last) {
  std::string line;
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t now = settings_.clock();
    // A clock that was set back is no reason for silence.
    const bool due = now - told_ms_ >= ms_between_news || now < told_ms_;
    if (!due && !last) return;
    for (const auto& news : targets_.take_news()) {
      line += (line.empty() ? "" : "; ") + counts_text(news);
    }
    if (line.empty()) return;
    told_ms_ = now;
  }
  log::info("sampling: " + line);
}

void Sampling::report(CounterRows& rows) const {
  constexpr std::array<const char*, sampling_call_count> operations = {
      "GetSamplingRules",   "GetSamplingTargets", "GetSamplingStatisticSummaries",
      "CreateSamplingRule", "UpdateSamplingRule", "DeleteSamplingRule"};
  for (std::size_t i = 0; i < operations.size(); ++i) {
    rows.push_back({"xrayd_sampling_calls_total", "Calls of the sampling operations.",
                    std::string("operation=\"") + operations[i] + "\"", calls_[i]});
  }
  rows.push_back({"xrayd_sampling_unknown_rules_total",
                  "Reports on rules that are not there.",
                  {},
                  unknown_rules_});

  std::vector<RuleCounts> totals;
  {
    const std::lock_guard lock(mutex_);
    totals = targets_.totals();
  }
  const auto add = [&](const char* name, const char* help, std::int64_t SamplingCounts::*figure) {
    for (const auto& [rule, counts] : totals) {
      rows.push_back({name, help, rule_label(rule), counts.*figure, false, true});
    }
  };
  add("xrayd_sampling_requests_total", "Requests that matched a rule, as clients report.",
      &SamplingCounts::requests);
  add("xrayd_sampling_sampled_total", "Those of them that were sampled.", &SamplingCounts::sampled);
  add("xrayd_sampling_borrowed_total", "Those that were sampled without a quota, one a second.",
      &SamplingCounts::borrowed);
}

}  // namespace xrayd::local
