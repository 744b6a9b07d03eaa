#pragma once

#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

#include <xray/impl/clock.hpp>
#include <xray/impl/diagnostics.hpp>
#include <xray/impl/exceptions.hpp>
#include <xray/impl/helper_thread.hpp>
#include <xray/impl/keep_loaded.hpp>
#include <xray/impl/random.hpp>
#include <xray/impl/runtime.hpp>
#include <xray/impl/sampling/central_messages.hpp>
#include <xray/impl/sampling/central_sampler.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

class CentralPoller::Report {
 public:
  Report() {
    rules_.reserve(most_statistics_a_call);
    boosts_.reserve(most_statistics_a_call);
  }
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;
  ~Report() {
    for (const auto& [rule, counts] : rules_) rule->put_back(counts);
    for (const auto& [rule, counts] : boosts_) rule->put_back(counts);
  }

  [[nodiscard]] bool has_room_for_rule() const noexcept {
    return rules_.size() < most_statistics_a_call;
  }
  [[nodiscard]] bool has_room_for_boost() const noexcept {
    return boosts_.size() < most_statistics_a_call;
  }
  [[nodiscard]] bool empty() const noexcept { return rules_.empty() && boosts_.empty(); }

  void take(CentralRule& rule) { rules_.emplace_back(&rule, rule.snapshot()); }
  void take_boost(CentralRule& rule) { boosts_.emplace_back(&rule, rule.boost_snapshot()); }

  void write(Output& out, std::string_view client_id) const {
    std::vector<RuleStatistics> statistics;
    for (const auto& [rule, counts] : rules_) {
      statistics.push_back({rule->name(), counts.requests, counts.sampled, counts.borrowed});
    }
    std::vector<BoostStatistics> boosts;
    for (const auto& [rule, counts] : boosts_) {
      boosts.push_back({rule->name(), rule->service_name(), counts.total, counts.anomalies,
                        counts.sampled_anomalies});
    }
    write_targets_request(out, client_id, epoch_second(), statistics, boosts);
  }

  /// It arrived, but for what X-Ray could not process for the moment.
  void arrived(const TargetsAnswer& answer) {
    keep(rules_, answer.unprocessed);
    keep(boosts_, answer.unprocessed_boosts);
  }

 private:
  template <typename Taken>
  static void keep(Taken& taken, const std::vector<UnprocessedStatistics>& unprocessed) {
    taken.erase(std::remove_if(taken.begin(), taken.end(),
                               [&unprocessed](const auto& entry) {
                                 return std::none_of(
                                     unprocessed.begin(), unprocessed.end(),
                                     [&entry](const UnprocessedStatistics& refused) {
                                       return refused.code.substr(0, 1) == "5" &&
                                              entry.first->name() == refused.rule_name;
                                     });
                               }),
                taken.end());
  }

  std::vector<std::pair<CentralRule*, RuleCounts>> rules_;
  std::vector<std::pair<CentralRule*, BoostCounts>> boosts_;
};

XRAY_DECL CentralPoller::CentralPoller(const CentralSettings& settings)
    : settings_(settings),
      generation_(fork_generation),
      schedule_(settings.rules_interval, settings.targets_interval) {
}

XRAY_DECL CentralPoller::CentralPoller(const CentralSettings& settings,
                                       const CentralPoller& of_parent)
    : settings_(settings),
      generation_(fork_generation),
      of_parent_(&of_parent),
      schedule_(settings.rules_interval, settings.targets_interval) {
  // What is published is whole, whenever the fork came.
  latest_.reset(of_parent.rules_.current());
  if (latest_ == nullptr) return;
  for (const auto& rule : latest_->rules()) rule->begin_in_child();
  rules_.publish(latest_.get());
}

XRAY_DECL CentralPoller::~CentralPoller() {
  if (of_parent_ != nullptr && latest_.get() == of_parent_->rules_.current()) {
    (void)latest_.release();
  }
}

XRAY_DECL bool CentralPoller::start() noexcept {
  if (nanoseconds_of(CLOCK_MONOTONIC) < no_thread_before_.load(std::memory_order_relaxed)) {
    return false;
  }
  State expected = State::idle;
  if (!state_.compare_exchange_strong(expected, State::running)) return expected != State::over;
  keep_loaded(&CentralPoller::run);
  owners_.fetch_add(1, std::memory_order_relaxed);
  pthread_t thread{};
  if (start_thread(thread, ThreadEnd::detached, &CentralPoller::run, this) == 0) return true;
  owners_.fetch_sub(1, std::memory_order_relaxed);
  no_thread_before_.store(nanoseconds_of(CLOCK_MONOTONIC) + pause_after_no_thread,
                          std::memory_order_relaxed);
  state_.store(State::idle);
  reports.thread("xray: no thread could be started to fetch sampling rules; local rules decide");
  return false;
}

XRAY_DECL void CentralPoller::stop(std::chrono::nanoseconds timeout) noexcept {
  stopping_.store(true);
  State expected = State::idle;
  if (state_.compare_exchange_strong(expected, State::over)) return;
  wake_.wake();
  const std::int64_t deadline = nanoseconds_of(CLOCK_MONOTONIC) + timeout.count();
  while (true) {
    const std::uint32_t seen = over_.read();
    if (state_.load() != State::running) return;
    const std::int64_t left = deadline - nanoseconds_of(CLOCK_MONOTONIC);
    if (left <= 0) return;
    over_.wait(seen, left);
  }
}

XRAY_DECL bool CentralPoller::decide(const SamplingRequest& request,
                                     SamplingDecision& decision) noexcept {
  const Published<CentralRules>::Reading reading(rules_);
  const CentralRules* const rules = reading.get();
  CentralRule* const rule = rules != nullptr ? rules->find(request) : nullptr;
  if (rule == nullptr) return false;
  decision.sampled = rule->decide(epoch_second(), random_bits(thread_state));
  decision.observed = rule->is_observed();
  // observe() finds the rule by its name.
  if (decision.sampled || decision.observed) decision.rule_name = rule->name();
  return true;
}

XRAY_DECL bool CentralPoller::observe(const SamplingOutcome& outcome) noexcept {
  const Published<CentralRules>::Reading reading(rules_);
  const CentralRules* const rules = reading.get();
  CentralRule* const rule = rules != nullptr ? rules->rule_named(outcome.rule_name) : nullptr;
  if (rule == nullptr) return false;
  if (rule->is_observed()) rule->observe(outcome.service_name, outcome.sampled, outcome.fault);
  return true;
}

XRAY_DECL void CentralPoller::look_at_age() noexcept {
  const Published<CentralRules>::Reading reading(rules_);
  const CentralRules* const rules = reading.get();
  if (rules != nullptr &&
      nanoseconds_of(CLOCK_MONOTONIC) - rules->fetched_at() > settings_.oldest_rules) {
    rules_.publish(nullptr);
  }
}

XRAY_DECL void* CentralPoller::run(void* self) noexcept {
  auto& poller = *static_cast<CentralPoller*>(self);
  pthread_setname_np(pthread_self(), "xray-sampling");
  poller.loop();
  poller.state_.store(State::over);
  poller.over_.wake();
  poller.release();
  return nullptr;
}

XRAY_DECL void CentralPoller::make_client_id() noexcept {
  char id[24];
  write_hex(id, random_bits(thread_state), 16);
  write_hex(id + 16, random_bits(thread_state), 8);
  client_id_.append({id, sizeof id});
}

/// Whether the work was done; where memory runs out it was not.
template <typename Work>
XRAY_DECL bool CentralPoller::attempt(Work&& work) noexcept {
  XRAY_TRY {
    return work();
  }
  XRAY_CATCH_BAD_ALLOC {
    count(counters.sampling_calls_failed);
    reports.no_memory("xray: no memory to ask for sampling rules or targets");
  }
  return false;
}

XRAY_DECL void CentralPoller::loop() noexcept {
  const auto now = [] { return nanoseconds_of(CLOCK_MONOTONIC); };
  const auto random = [] { return random_bits(thread_state); };
  make_client_id();
  schedule_.begin(now(), random());
  while (true) {
    const std::uint32_t seen = wake_.read();
    if (is_stopping()) return;
    if (schedule_.rules_are_due(now()) && !attempt([this] { return fetch_rules(); })) {
      schedule_.rules_failed(now());
    }
    if (is_stopping()) return;
    if (schedule_.targets_are_due(now())) {
      attempt([this] { return report_statistics(); });
      schedule_.targets_done(now(), random());
    }
    look_at_age();
    rules_.reclaim();
    std::int64_t next = schedule_.next();
    if (latest_ != nullptr) {
      const std::int64_t old_at = latest_->fetched_at() + settings_.oldest_rules + 1;
      if (old_at > now()) next = std::min(next, old_at);
    }
    wake_.wait(seen, next - now());
  }
}

XRAY_DECL bool CentralPoller::fetch_rules() {
  std::vector<CentralRuleDefinition> definitions;
  std::size_t skipped = 0;
  std::string first_skipped;
  std::vector<std::string> tokens = {std::string()};
  double newest_modification = 0;
  while (true) {
    RulesAnswer page;
    if (!fetch_page(tokens.back(), page)) return false;
    newest_modification = std::max(newest_modification, page.newest_modification);
    std::move(page.rules.begin(), page.rules.end(), std::back_inserter(definitions));
    if (skipped == 0 && !page.skipped.empty()) first_skipped = page.skipped.front();
    skipped += page.skipped_count;
    const bool last = page.next_token.empty();
    const char* trouble = nullptr;
    if (definitions.size() + skipped > most_rules || (!last && tokens.size() == most_pages)) {
      trouble = "gave no end of rules";
    } else if (std::find(tokens.begin() + 1, tokens.end(), page.next_token) != tokens.end()) {
      trouble = "gave pages of rules in a circle";
    }
    if (trouble != nullptr) {
      complain(daemon(), trouble);
      return false;
    }
    if (last) break;
    tokens.push_back(std::move(page.next_token));
  }
  use(std::move(definitions));
  schedule_.rules_came(nanoseconds_of(CLOCK_MONOTONIC), random_bits(thread_state),
                       newest_modification);
  note_skipped(skipped, first_skipped);
  return true;
}

XRAY_DECL bool CentralPoller::fetch_page(const std::string& token, RulesAnswer& answer) {
  write_rules_request(out_, token);
  std::string text;
  if (!ask("/GetSamplingRules", text)) return false;
  answer = parse_sampling_rules(text);
  if (answer.error.empty()) return true;
  complain(daemon(), "gave " + answer.error);
  return false;
}

XRAY_DECL void CentralPoller::use(std::vector<CentralRuleDefinition> definitions) {
  auto rules = std::make_unique<CentralRules>(std::move(definitions), latest_.get(),
                                              nanoseconds_of(CLOCK_MONOTONIC));
  rules_.prepare_to_retire();
  rules_.publish(rules.get());
  std::swap(latest_, rules);
  if (of_parent_ != nullptr && rules.get() == of_parent_->rules_.current()) {
    (void)rules.release();
  }
  rules_.retire(std::move(rules));
}

XRAY_DECL void CentralPoller::note_skipped(std::size_t skipped, const std::string& first) {
  if (skipped == 0) return;
  count(counters.sampling_rules_skipped, skipped);
  if (reports.sampling_rules.is_due()) {
    log_line("xray: sampling " + first + "; such rules are left out");
  }
}

XRAY_DECL bool CentralPoller::report_statistics() {
  if (latest_ == nullptr) return true;
  const std::int64_t now = nanoseconds_of(CLOCK_MONOTONIC);
  const auto& rules = latest_->rules();
  for (const auto& rule : rules) rule->collect();
  // Each has its turn once: what a report takes and gives back is not for the next one.
  auto next_rule = rules.begin();
  auto next_boost = rules.begin();
  while (next_rule != rules.end() || next_boost != rules.end()) {
    Report report;
    for (; next_rule != rules.end() && report.has_room_for_rule(); ++next_rule) {
      if ((*next_rule)->has_requests() && (*next_rule)->is_due(now)) report.take(**next_rule);
    }
    for (; next_boost != rules.end() && report.has_room_for_boost(); ++next_boost) {
      CentralRule& rule = **next_boost;
      if (rule.has_observations() && rule.is_due(now)) report.take_boost(rule);
    }
    if (!report.empty() && !send(report)) return false;
  }
  return true;
}

XRAY_DECL bool CentralPoller::send(Report& report) {
  report.write(out_, client_id_);
  std::string text;
  if (!ask("/SamplingTargets", text)) return false;
  const TargetsAnswer answer = parse_sampling_targets(text);
  if (!answer.error.empty()) {
    complain(daemon(), "gave " + answer.error);
    return false;
  }
  take_answer(answer, report);
  return true;
}

XRAY_DECL void CentralPoller::take_answer(const TargetsAnswer& answer, Report& report) {
  report.arrived(answer);
  const std::int64_t now = nanoseconds_of(CLOCK_MONOTONIC);
  for (const SamplingTarget& target : answer.targets) {
    CentralRule* const rule = latest_->rule_named(target.rule_name);
    if (rule != nullptr) rule->apply(target, now);
  }
  for (const auto* const list : {&answer.unprocessed, &answer.unprocessed_boosts}) {
    for (const UnprocessedStatistics& refused : *list) {
      if (refused.code.substr(0, 1) == "4") schedule_.rules_were_refused(now);
      complain(daemon(), "did not take the statistics of rule \"" + readable(refused.rule_name) +
                             "\" (" + readable(refused.code) + ")");
    }
  }
  if (answer.last_rule_modification) {
    schedule_.rules_were_modified(now, *answer.last_rule_modification);
  }
}

XRAY_DECL bool CentralPoller::ask(const char* path, std::string& answer) {
  const HostPort daemon = this->daemon();
  HttpRequest request;
  request.host = daemon.host;
  request.port = daemon.port;
  request.method = "POST";
  request.path = path;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = std::string(out_.view());
  HttpLimits limits;
  limits.body = largest_sampling_answer;
  HttpReply reply;
  if (out_.failed()) {
    complain(daemon, "was not asked, for want of memory");
    return false;
  }
  const HttpOutcome outcome = http_exchange(request, reply, limits, &stopping_);
  if (outcome != HttpOutcome::ok) {
    complain(daemon, describe(outcome));
    return false;
  }
  if (reply.status != 200) {
    complain(daemon,
             std::string("answered ") + path + " with status " + std::to_string(reply.status));
    return false;
  }
  answer = std::move(reply.body);
  return true;
}

XRAY_DECL void CentralPoller::complain(const HostPort& daemon, std::string_view trouble) {
  if (is_stopping()) return;
  count(counters.sampling_calls_failed);
  if (!reports.sampling.is_due()) return;
  log_line(
      "xray: sampling: " + daemon.host + ":" + daemon.port + " " + std::string(trouble) +
      (latest_ != nullptr ? "; the last good rules go on, for an hour" : "; local rules decide"));
}

XRAY_DECL HostPort CentralPoller::daemon() const {
  if (settings_.daemon) return *settings_.daemon;
  const Runtime* const runtime = runtime_instance.load();
  return runtime != nullptr ? runtime->settings().daemon.tcp : settings_.unconfigured_daemon;
}

XRAY_DECL CentralSampler::CentralSampler(const CentralSettings& settings,
                                         std::shared_ptr<Sampler> fallback)
    : settings_(settings),
      fallback_(std::move(fallback)),
      poller_(new CentralPoller(settings)),
      made_in_(fork_generation) {
  watch_forks();
  keep_loaded_for(fallback_.get());
}

XRAY_DECL CentralSampler::~CentralSampler() {
  CentralPoller* const poller = poller_.load();
  if (!poller->is_of_this_process()) return;  // it is the parent's, as its threads left it
  poller->stop(std::chrono::nanoseconds(0));
  poller->release();
}

XRAY_DECL SamplingDecision CentralSampler::decide(const SamplingRequest& request) noexcept {
  CentralPoller* poller = poller_.load(std::memory_order_acquire);
  if (__builtin_expect(static_cast<long>(poller->is_running()), 1) == 0) poller = prepare(poller);
  SamplingDecision decision;
  if (poller != nullptr && poller->decide(request, decision)) return decision;
  return fallback_->decide(request);
}

/// The poller to ask where it is not running; null if there is none.
XRAY_DECL CentralPoller* CentralSampler::prepare(CentralPoller* poller) noexcept {
  const bool is_stopped = stopped_in_.load(std::memory_order_relaxed) == fork_generation;
  if (!poller->is_of_this_process()) {
    if (is_stopped) return nullptr;
    poller = begin_in_child(poller);
    if (poller == nullptr) return nullptr;
  }
  if (is_stopped) {
    poller->look_at_age();
    return poller;
  }
  return poller->start() ? poller : nullptr;
}

/// Null where there is no memory, and for the moment in which another thread is at it.
XRAY_DECL CentralPoller* CentralSampler::begin_in_child(CentralPoller* of_parent) noexcept {
  std::uint32_t made_in = made_in_.load();
  if (made_in == fork_generation || !made_in_.compare_exchange_strong(made_in, fork_generation)) {
    return nullptr;
  }
  CentralPoller* poller = nullptr;
  XRAY_TRY {
    poller = new CentralPoller(settings_, *of_parent);
  }
  XRAY_CATCH_BAD_ALLOC {
    made_in_.store(made_in);  // the next decision tries again
    reports.no_memory("xray: no memory for central sampling in a forked process");
    return nullptr;
  }
  poller_.store(poller, std::memory_order_release);
  return poller;
}

XRAY_DECL void CentralSampler::observe(const SamplingOutcome& outcome) noexcept {
  CentralPoller* const poller = poller_.load(std::memory_order_acquire);
  // A decision of the parent's is the parent's to count.
  if (!poller->is_of_this_process()) return;
  if (!poller->observe(outcome)) fallback_->observe(outcome);
}

XRAY_DECL void CentralSampler::stop(std::chrono::nanoseconds timeout) noexcept {
  stopped_in_.store(fork_generation);
  CentralPoller* const poller = poller_.load(std::memory_order_acquire);
  if (poller->is_of_this_process()) poller->stop(timeout);
  fallback_->stop(std::chrono::nanoseconds(0));
}

}  // namespace detail
XRAY_NAMESPACE_END
