#include <xray/samplers.hpp>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <rapidjson/document.h>

#include <xray/impl/sampling/central_sampler.hpp>
#include <xray/xray.hpp>

#include "support/allocations.hpp"
#include "support/http_stand_in.hpp"
#include "support/process.hpp"
#include "support/seccomp.hpp"

using support::HttpStandIn;
using xray::Sampler;
using xray::SamplingDecision;
using xray::SamplingOutcome;
using xray::SamplingRequest;
using xray::detail::CentralSampler;
using xray::detail::CentralSettings;

namespace {

constexpr std::int64_t millisecond = 1'000'000;

/// Says no, and counts how often it was asked.
class Fallback : public Sampler {
 public:
  SamplingDecision decide(const SamplingRequest& /*request*/) noexcept override {
    ++asked;
    return {};
  }
  void observe(const SamplingOutcome& /*outcome*/) noexcept override { ++observed; }
  void stop(std::chrono::nanoseconds) noexcept override { ++stopped; }
  std::atomic<int> asked{0};
  std::atomic<int> observed{0};
  std::atomic<int> stopped{0};
};

std::string rule(const std::string& name, double rate, const std::string& more = "") {
  return R"({"SamplingRule":{"RuleName":")" + name + R"(","Priority":10,"FixedRate":)" +
         std::to_string(rate) + R"(,"ReservoirSize":0,"Version":1)" + more +
         R"(},"ModifiedAt":1000})";
}

std::string rules(const std::string& records) {
  return HttpStandIn::reply(200, R"({"SamplingRuleRecords":[)" + records + "]}");
}

std::string targets(const std::string& documents, const std::string& more = "") {
  return HttpStandIn::reply(200, R"({"SamplingTargetDocuments":[)" + documents + "]" + more + "}");
}

bool is_for_rules(const std::string& request) {
  return request.find("POST /GetSamplingRules ") == 0;
}

/// A daemon whose answers can be changed at any time.
class Daemon {
 public:
  explicit Daemon(std::string rules_answer = rules(rule("everything", 1)), int port = 0)
      : rules_(std::move(rules_answer)),
        server_([this](const std::string& request) { return answer(request); }, port) {}

  void set_rules(std::string answer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    rules_ = std::move(answer);
  }
  void set_targets(std::string answer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    targets_ = std::move(answer);
  }
  /// From here on answers are made for each request.
  void set_answer(std::function<std::string(const std::string&)> answer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    made_ = std::move(answer);
  }

  [[nodiscard]] std::size_t rules_requests() const { return bodies(true).size(); }
  [[nodiscard]] std::size_t targets_requests() const { return bodies(false).size(); }
  [[nodiscard]] std::vector<std::string> bodies(bool of_rules) const {
    std::vector<std::string> result;
    for (const std::string& request : server_.requests()) {
      const std::size_t head = request.find("\r\n\r\n");
      if (head == std::string::npos) continue;  // of a process that was killed
      if (is_for_rules(request) == of_rules) result.push_back(request.substr(head + 4));
    }
    return result;
  }
  [[nodiscard]] HttpStandIn& server() { return server_; }
  [[nodiscard]] int port() const { return std::stoi(server_.port()); }

 private:
  std::string answer(const std::string& request) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (made_) return made_(request);
    return is_for_rules(request) ? rules_ : targets_;
  }

  std::mutex mutex_;
  std::string rules_;
  std::string targets_ = targets("");
  std::function<std::string(const std::string&)> made_;
  HttpStandIn server_;
};

CentralSettings settings(int port) {
  CentralSettings result;
  result.daemon = {"127.0.0.1", std::to_string(port)};
  result.rules_interval = 20 * millisecond;
  result.targets_interval = 20 * millisecond;
  return result;
}

/// Settings with which rules are asked for once, unless there is a reason.
CentralSettings with_rare_rules(int port) {
  CentralSettings result = settings(port);
  result.rules_interval = 3600'000 * millisecond;
  return result;
}

bool wait_until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

int pollers() {
  int result = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "comm");
    std::string name;
    if (std::getline(file, name) && name == "xray-sampling") ++result;
  }
  return result;
}

struct Central {
  explicit Central(const CentralSettings& settings)
      : sampler(std::make_unique<CentralSampler>(settings, fallback)) {}

  SamplingDecision decide() const { return sampler->decide(SamplingRequest()); }
  /// The rule that samples now; "" if none does.
  [[nodiscard]] std::string decider() const { return decide().rule_name.str(); }
  [[nodiscard]] bool decides_by(const std::string& name) const {
    return wait_until([this, &name] { return decider() == name; });
  }
  [[nodiscard]] bool falls_back() const {
    const int before = fallback->asked;
    (void)decide();
    return fallback->asked != before;
  }

  std::shared_ptr<Fallback> fallback = std::make_shared<Fallback>();
  std::unique_ptr<CentralSampler> sampler;
};

std::uint64_t failed_calls() {
  return xray::statistics().sampling_calls_failed;
}

bool wait_for_failed_calls(std::uint64_t more) {
  const std::uint64_t before = failed_calls();
  return wait_until([=] { return failed_calls() >= before + more; });
}

struct Totals {
  std::uint64_t requests = 0;
  std::uint64_t sampled = 0;
  std::uint64_t borrowed = 0;
};

/// What the reports say of each rule.
std::map<std::string, Totals> add_up(const std::vector<std::string>& bodies) {
  std::map<std::string, Totals> result;
  for (const std::string& body : bodies) {
    rapidjson::Document document;
    document.Parse(body.c_str());
    if (!document.IsObject()) continue;
    for (const auto& entry : document["SamplingStatisticsDocuments"].GetArray()) {
      Totals& totals = result[entry["RuleName"].GetString()];
      totals.requests += entry["RequestCount"].GetUint64();
      totals.sampled += entry["SampledCount"].GetUint64();
      totals.borrowed += entry["BorrowCount"].GetUint64();
    }
  }
  return result;
}

std::set<std::string> clients(const std::vector<std::string>& bodies) {
  std::set<std::string> result;
  for (const std::string& body : bodies) {
    const std::size_t key = body.find("\"ClientID\":\"");
    if (key != std::string::npos) result.insert(body.substr(key + 12, 24));
  }
  return result;
}

std::mutex log_mutex;
std::string log_text;

std::string logged() {
  const std::lock_guard<std::mutex> lock(log_mutex);
  return log_text;
}

void keep_log() {
  xray::Configuration configuration;
  configuration.log = [](std::string_view line) {
    const std::lock_guard<std::mutex> lock(log_mutex);
    log_text.append(line).append("\n");
  };
  EXPECT_FALSE(xray::configure(configuration));
}

}  // namespace

TEST(CentralSampler, nothing_is_asked_before_the_first_decision) {
  IN_A_FRESH_PROCESS({
    Daemon daemon;
    const Central central(settings(daemon.port()));
    EXPECT_EQ(pollers(), 0);
    EXPECT_EQ(daemon.rules_requests(), 0U);
    (void)central.decide();
    EXPECT_TRUE(wait_until([&] { return daemon.rules_requests() != 0; }));
    EXPECT_EQ(pollers(), 1);
  });
}

TEST(CentralSampler, rules_reach_decisions) {
  Daemon daemon;
  const Central central(settings(daemon.port()));
  EXPECT_TRUE(central.decides_by("everything"));
  const SamplingDecision decision = central.decide();
  EXPECT_TRUE(decision.sampled);
  EXPECT_FALSE(decision.observed);
  daemon.set_rules(rules(rule("nothing", 0)));
  EXPECT_TRUE(central.decides_by(""));
  EXPECT_FALSE(central.falls_back());
}

TEST(CentralSampler, calls_are_what_the_daemon_expects) {
  Daemon daemon;
  const Central central(settings(daemon.port()));
  EXPECT_TRUE(central.decides_by("everything"));
  EXPECT_TRUE(wait_until([&] { return daemon.targets_requests() != 0; }));
  const std::string first = daemon.server().requests().front();
  EXPECT_EQ(first.find("POST /GetSamplingRules HTTP/1.1\r\n"), 0U);
  EXPECT_NE(first.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
  EXPECT_EQ(daemon.bodies(true).front(), "{}");
  const auto ids = clients(daemon.bodies(false));
  ASSERT_EQ(ids.size(), 1U);
  EXPECT_EQ(ids.begin()->find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(CentralSampler, where_no_rule_matches_the_fallback_decides) {
  Daemon daemon(rules(rule("elsewhere", 1, R"(,"Host":"other.example")")));
  const Central central(settings(daemon.port()));
  SamplingRequest request;
  request.host = "other.example";
  EXPECT_TRUE(wait_until([&] { return central.sampler->decide(request).sampled; }));
  request.host = "shop.example";
  const int before = central.fallback->asked;
  EXPECT_FALSE(central.sampler->decide(request).sampled);
  EXPECT_EQ(central.fallback->asked, before + 1);
}

TEST(CentralSampler, pages_are_followed) {
  Daemon daemon;
  daemon.set_answer([](const std::string& request) {
    if (!is_for_rules(request)) return targets("");
    if (request.find(R"({"NextToken":"two"})") != std::string::npos) {
      return rules(rule("first", 1, R"(,"Host":"b.example","Priority":1)"));
    }
    return HttpStandIn::reply(
        200, R"({"NextToken":"two","SamplingRuleRecords":[)" + rule("Default", 1) + "]}");
  });
  const Central central(settings(daemon.port()));
  SamplingRequest request;
  request.host = "a.example";
  EXPECT_TRUE(wait_until([&] { return central.sampler->decide(request).rule_name == "Default"; }));
  EXPECT_EQ(daemon.bodies(true).at(0), "{}");
  EXPECT_EQ(daemon.bodies(true).at(1), R"({"NextToken":"two"})");
}

TEST(CentralSampler, pages_without_end_change_no_rules) {
  Daemon daemon;
  const Central central(settings(daemon.port()));
  EXPECT_TRUE(central.decides_by("everything"));
  daemon.set_answer([](const std::string&) {
    return HttpStandIn::reply(200, R"({"NextToken":"t","SamplingRuleRecords":[]})");
  });
  EXPECT_TRUE(wait_for_failed_calls(1));
  EXPECT_EQ(central.decider(), "everything");
  int page = 0;
  daemon.set_answer([&page](const std::string&) {
    return HttpStandIn::reply(
        200, R"({"NextToken":")" + std::to_string(++page) + R"(","SamplingRuleRecords":[]})");
  });
  const std::size_t before = daemon.rules_requests();
  EXPECT_TRUE(wait_for_failed_calls(1));
  EXPECT_GE(daemon.rules_requests(), before + 100);
  EXPECT_EQ(central.decider(), "everything");
}

TEST(CentralSampler, rules_that_cannot_be_used_are_counted_and_said_once) {
  IN_A_FRESH_PROCESS({
    keep_log();
    Daemon daemon(rules(rule("everything", 1) + "," + rule("wrong", 7)));
    const Central central(settings(daemon.port()));
    EXPECT_TRUE(central.decides_by("everything"));
    EXPECT_TRUE(wait_until([] { return xray::statistics().sampling_rules_skipped >= 3; }));
    EXPECT_EQ(logged(),
              "xray: sampling rule \"wrong\": FixedRate is not a number from 0 to 1; such rules "
              "are left out\n");
  });
}

TEST(CentralSampler, requests_are_reported_and_quotas_used) {
  Daemon daemon(rules(R"({"SamplingRule":{"RuleName":"quota","Priority":1,"FixedRate":0,)"
                      R"("ReservoirSize":50,"Version":1}})"));
  daemon.set_targets(targets(
      R"({"RuleName":"quota","ReservoirQuota":100000,"ReservoirQuotaTTL":4.2E9,"Interval":null})"));
  const Central central(settings(daemon.port()));
  int requests = 0;
  int sampled = 0;
  const auto decide = [&] {
    const SamplingDecision decision = central.decide();
    if (decision.sampled) ++sampled;
    ++requests;
    return decision.sampled;
  };
  // Borrowed is one a second: a hundred in a row are the quota's.
  EXPECT_TRUE(wait_until([&] {
    for (int i = 0; i < 100; ++i) {
      if (!decide()) return false;
    }
    return true;
  }));
  requests -= central.fallback->asked;
  EXPECT_TRUE(wait_until([&] {
    const Totals totals = add_up(daemon.bodies(false))["quota"];
    return totals.requests == static_cast<std::uint64_t>(requests);
  }));
  const Totals totals = add_up(daemon.bodies(false))["quota"];
  EXPECT_EQ(totals.sampled + totals.borrowed, static_cast<std::uint64_t>(sampled));
  EXPECT_GE(totals.borrowed, 1U);
}

TEST(CentralSampler, with_nothing_to_report_no_targets_are_asked_for) {
  Daemon daemon;
  CentralSettings often = settings(daemon.port());
  often.targets_interval = millisecond;
  const Central central(often);
  (void)central.decide();  // the fallback's: there are no rules yet
  EXPECT_TRUE(wait_until([&] { return daemon.rules_requests() >= 10; }));
  EXPECT_EQ(daemon.targets_requests(), 0U);
}

TEST(CentralSampler, a_report_has_at_most_25_documents) {
  std::string records;
  for (int i = 0; i < 60; ++i) {
    const std::string number = std::to_string(100 + i);
    records += (i == 0 ? "" : ",") + rule("r" + number, 1, R"(,"URLPath":"/)" + number + "\"");
  }
  Daemon daemon(rules(records));
  CentralSettings rare = with_rare_rules(daemon.port());
  rare.targets_interval = 200 * millisecond;
  const Central central(rare);
  SamplingRequest request;
  request.path = "/100";
  EXPECT_TRUE(wait_until([&] { return central.sampler->decide(request).sampled; }));
  const std::vector<std::string> paths = [] {
    std::vector<std::string> result;
    result.reserve(60);
    for (int i = 0; i < 60; ++i) result.push_back("/" + std::to_string(100 + i));
    return result;
  }();
  const auto all = [&] {
    std::set<std::string> names;
    for (const auto& [name, totals] : add_up(daemon.bodies(false))) names.insert(name);
    return names.size() == 60;
  };
  EXPECT_TRUE(wait_until([&] {
    for (const std::string& path : paths) {
      request.path = path;
      (void)central.sampler->decide(request);
    }
    return all();
  }));
  std::size_t largest = 0;
  for (const std::string& body : daemon.bodies(false)) {
    rapidjson::Document document;
    document.Parse(body.c_str());
    largest = std::max<std::size_t>(largest, document["SamplingStatisticsDocuments"].Size());
  }
  EXPECT_EQ(largest, 25U);
}

TEST(CentralSampler, an_interval_that_x_ray_asks_for_is_honoured) {
  Daemon daemon;
  daemon.set_targets(targets(R"({"RuleName":"everything","Interval":3600})"));
  const Central central(settings(daemon.port()));
  EXPECT_TRUE(central.decides_by("everything"));
  EXPECT_TRUE(wait_until([&] { return daemon.targets_requests() == 1; }));
  // The call that a decision could fall into is over when rules come the second time.
  const std::size_t before = daemon.rules_requests();
  EXPECT_TRUE(wait_until([&] {
    (void)central.decide();
    return daemon.rules_requests() > before + 10;
  }));
  EXPECT_EQ(daemon.targets_requests(), 1U);
}

TEST(CentralSampler, rules_that_were_modified_are_fetched_out_of_band) {
  Daemon daemon;
  daemon.set_targets(targets("", R"(,"LastRuleModification":1000)"));
  const Central central(with_rare_rules(daemon.port()));
  EXPECT_TRUE(central.decides_by("everything"));
  EXPECT_TRUE(wait_until([&] { return daemon.targets_requests() >= 1; }));
  EXPECT_EQ(daemon.rules_requests(), 1U);
  daemon.set_rules(rules(rule("newer", 1)));
  daemon.set_targets(targets("", R"(,"LastRuleModification":1001)"));
  EXPECT_TRUE(central.decides_by("newer"));
  const std::size_t reports = daemon.targets_requests();
  EXPECT_TRUE(wait_until([&] {
    (void)central.decide();
    return daemon.targets_requests() >= reports + 3;
  }));
  EXPECT_EQ(daemon.rules_requests(), 2U);
}

TEST(CentralSampler, statistics_of_a_call_that_fails_are_reported_by_the_next) {
  for (const std::string& failure :
       {HttpStandIn::reply(500, "no"), HttpStandIn::reply(200, "garbage"), std::string("what?")}) {
    Daemon daemon;
    std::mutex mutex;
    std::vector<std::string> taken;
    bool failing = true;
    daemon.set_answer([&](const std::string& request) {
      if (is_for_rules(request)) return rules(rule("everything", 1));
      const std::lock_guard<std::mutex> lock(mutex);
      if (failing) return failure;
      taken.push_back(request.substr(request.find("\r\n\r\n") + 4));
      return targets("");
    });
    const Central central(with_rare_rules(daemon.port()));
    EXPECT_TRUE(central.decides_by("everything"));
    std::uint64_t decided = 1;
    const std::uint64_t before = failed_calls();
    EXPECT_TRUE(wait_until([&] {
      if (central.decide().sampled) ++decided;
      return failed_calls() >= before + 3;
    }));
    {
      const std::lock_guard<std::mutex> lock(mutex);
      failing = false;
    }
    const auto reported = [&] {
      const std::lock_guard<std::mutex> lock(mutex);
      return add_up(taken)["everything"].requests;
    };
    EXPECT_TRUE(wait_until([&] { return reported() >= decided; }));
    EXPECT_EQ(reported(), decided);
  }
}

TEST(CentralSampler, statistics_that_x_ray_could_not_process_are_reported_again) {
  Daemon daemon;
  daemon.set_targets(
      targets("", R"(,"UnprocessedStatistics":[{"RuleName":"everything","ErrorCode":"500"}])"));
  const Central central(with_rare_rules(daemon.port()));
  EXPECT_TRUE(central.decides_by("everything"));
  EXPECT_TRUE(wait_until([&] { return daemon.targets_requests() >= 3; }));
  EXPECT_EQ(add_up({daemon.bodies(false).at(0)})["everything"].requests, 1U);
  EXPECT_EQ(add_up({daemon.bodies(false).at(2)})["everything"].requests, 1U);
  EXPECT_EQ(daemon.rules_requests(), 1U);
}

TEST(CentralSampler, statistics_that_x_ray_refuses_are_dropped_and_rules_fetched_anew) {
  Daemon daemon;
  daemon.set_targets(
      targets("", R"(,"UnprocessedStatistics":[{"RuleName":"everything","ErrorCode":"400"}])"));
  const Central central(with_rare_rules(daemon.port()));
  const std::uint64_t before = failed_calls();
  EXPECT_TRUE(central.decides_by("everything"));
  EXPECT_TRUE(wait_until([&] { return daemon.rules_requests() >= 2; }));
  EXPECT_EQ(failed_calls(), before + 1);
  (void)central.decide();
  EXPECT_TRUE(wait_until([&] { return daemon.targets_requests() >= 2; }));
  EXPECT_EQ(add_up({daemon.bodies(false).at(1)})["everything"].requests, 1U);
}

TEST(CentralSampler, a_rule_that_may_be_boosted_is_told_how_segments_end) {
  Daemon daemon(rules(rule("boosted", 0, R"(,"SamplingRateBoost":{"MaxRate":1})")));
  const Central central(with_rare_rules(daemon.port()));
  EXPECT_TRUE(wait_until([&] { return central.decide().observed; }));
  const SamplingDecision decision = central.decide();
  EXPECT_FALSE(decision.sampled);
  EXPECT_EQ(decision.rule_name, "boosted");
  SamplingOutcome outcome;
  outcome.rule_name = decision.rule_name;
  outcome.service_name = "shop";
  outcome.fault = true;
  central.sampler->observe(outcome);
  outcome.fault = false;
  central.sampler->observe(outcome);
  EXPECT_EQ(central.fallback->observed, 0);
  const auto reported = [&] {
    for (const std::string& body : daemon.bodies(false)) {
      if (body.find(R"(,"AnomalyCount":1,"TotalCount":2,"SampledAnomalyCount":0}])") !=
              std::string::npos &&
          body.find(R"("SamplingBoostStatisticsDocuments":[{"RuleName":"boosted",)"
                    R"("ServiceName":"shop")") != std::string::npos) {
        return true;
      }
    }
    return false;
  };
  EXPECT_TRUE(wait_until(reported));
  daemon.set_targets(
      targets(R"({"RuleName":"boosted","SamplingBoost":{"BoostRate":1,"BoostRateTTL":4.2E9}})"));
  EXPECT_TRUE(wait_until([&] { return central.decide().sampled; }));
  outcome.rule_name = "somebody else's";
  central.sampler->observe(outcome);
  EXPECT_EQ(central.fallback->observed, 1);
}

TEST(CentralSampler, with_a_daemon_that_is_not_there_local_rules_decide_and_it_is_said_once) {
  IN_A_FRESH_PROCESS({
    keep_log();
    const int port = Daemon().port();
    const Central central(settings(port));
    EXPECT_TRUE(central.falls_back());
    EXPECT_TRUE(wait_for_failed_calls(3));
    EXPECT_TRUE(central.falls_back());
    EXPECT_EQ(logged(), "xray: sampling: 127.0.0.1:" + std::to_string(port) +
                            " can't be reached; local rules decide\n");
    const Daemon daemon(rules(rule("late", 1)), port);
    EXPECT_TRUE(central.decides_by("late"));
  });
}

TEST(CentralSampler, with_a_daemon_in_trouble_the_last_good_rules_go_on) {
  for (const std::string& trouble :
       {HttpStandIn::reply(500, "no"), HttpStandIn::reply(403, "{}"),
        HttpStandIn::reply(200, "<html>"), HttpStandIn::reply(200, "{}"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), std::string("garbage"),
        HttpStandIn::reply(200, std::string(1'200'000, ' '))}) {
    Daemon daemon;
    const Central central(settings(daemon.port()));
    EXPECT_TRUE(central.decides_by("everything"));
    daemon.set_rules(trouble);
    daemon.set_targets(trouble);
    EXPECT_TRUE(wait_for_failed_calls(2));
    EXPECT_EQ(central.decider(), "everything");
    daemon.set_rules(rules(rule("better", 1)));
    EXPECT_TRUE(central.decides_by("better"));
  }
}

TEST(CentralSampler, with_a_daemon_that_keeps_silent_decisions_go_on) {
  Daemon daemon;
  const Central central(settings(daemon.port()));
  EXPECT_TRUE(central.decides_by("everything"));
  daemon.set_rules("");
  daemon.set_targets("");
  const std::uint64_t before = failed_calls();
  EXPECT_TRUE(wait_until([&] {
    EXPECT_EQ(central.decider(), "everything");
    return failed_calls() != before;
  }));
}

TEST(CentralSampler, a_daemon_that_restarts_is_found_again) {
  auto daemon = std::make_unique<Daemon>();
  const int port = daemon->port();
  const Central central(settings(port));
  EXPECT_TRUE(central.decides_by("everything"));
  daemon.reset();
  EXPECT_TRUE(wait_for_failed_calls(1));
  EXPECT_EQ(central.decider(), "everything");
  daemon = std::make_unique<Daemon>(rules(rule("restarted", 1)), port);
  EXPECT_TRUE(central.decides_by("restarted"));
}

TEST(CentralSampler, rules_that_are_too_old_make_way_for_local_ones_until_there_are_new_ones) {
  Daemon daemon;
  CentralSettings ageing = settings(daemon.port());
  ageing.oldest_rules = 100 * millisecond;
  const Central central(ageing);
  EXPECT_TRUE(central.decides_by("everything"));
  daemon.set_rules(HttpStandIn::reply(500, ""));
  EXPECT_TRUE(wait_until([&] { return central.falls_back(); }));
  daemon.set_rules(rules(rule("everything", 1)));
  EXPECT_TRUE(central.decides_by("everything"));
}

TEST(CentralSampler, where_no_thread_can_be_started_local_rules_decide_and_it_is_said_once) {
  IN_A_FRESH_PROCESS({
    keep_log();
    support::forbid(SYS_clone3, EPERM);
    const Central central(settings(1));
    EXPECT_TRUE(central.falls_back());
    EXPECT_TRUE(central.falls_back());
    EXPECT_EQ(pollers(), 0);
    EXPECT_EQ(logged(),
              "xray: no thread could be started to fetch sampling rules; local rules decide\n");
  });
}

TEST(CentralSampler, a_decision_asks_for_no_memory) {
  Daemon daemon;
  const Central central(settings(daemon.port()));
  EXPECT_TRUE(central.decides_by("everything"));
  const std::uint64_t before = support::allocations();
  int sampled = 0;
  for (int i = 0; i < 1000; ++i) sampled += central.decide().sampled ? 1 : 0;
  EXPECT_EQ(support::allocations(), before);
  EXPECT_EQ(sampled, 1000);
}

TEST(CentralSampler, eight_threads_decide_while_rules_change_at_every_poll) {
  Daemon daemon;
  std::atomic<int> version{0};
  daemon.set_answer([&version](const std::string& request) {
    if (!is_for_rules(request)) return targets(R"({"RuleName":"a-kept","FixedRate":1})");
    const std::string name = "changing-" + std::to_string(++version);
    return rules(rule("a-kept", 1, R"(,"URLPath":"/kept")") + "," + rule(name, 1));
  });
  CentralSettings fast = settings(daemon.port());
  fast.rules_interval = millisecond;
  fast.targets_interval = millisecond;
  const Central central(fast);
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> kept{0};
  SamplingRequest other;
  other.path = "/";
  EXPECT_TRUE(wait_until([&] { return central.sampler->decide(other).sampled; }));
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      SamplingRequest request;
      std::uint64_t mine = 0;
      for (bool is_kept = false; !over.load(); is_kept = !is_kept) {
        request.path = is_kept ? "/kept" : "/";
        const SamplingDecision decision = central.sampler->decide(request);
        if (decision.rule_name == "a-kept") {
          ++mine;
        } else if (is_kept || decision.rule_name.view().substr(0, 9) != "changing-") {
          ADD_FAILURE() << decision.rule_name.view();
        }
      }
      kept += mine;
    });
  }
  EXPECT_TRUE(wait_until([&] { return version.load() >= 100; }));
  over.store(true);
  for (std::thread& thread : threads) thread.join();
  const auto reported = [&] { return add_up(daemon.bodies(false))["a-kept"].requests; };
  EXPECT_TRUE(wait_until([&] { return reported() >= kept.load(); }));
  EXPECT_EQ(reported(), kept.load());
}

TEST(CentralSampler, can_be_destroyed_while_a_call_is_under_way) {
  IN_A_FRESH_PROCESS({
    Daemon daemon("");
    {
      const Central central(settings(daemon.port()));
      (void)central.decide();
      EXPECT_TRUE(wait_until([&] { return daemon.rules_requests() == 1; }));
      EXPECT_EQ(pollers(), 1);
    }
    EXPECT_TRUE(wait_until([] { return pollers() == 0; }));
    EXPECT_EQ(failed_calls(), 0U);
  });
}

TEST(CentralSampler, once_stopped_it_asks_no_more_and_still_decides) {
  IN_A_FRESH_PROCESS({
    Daemon daemon;
    const Central central(settings(daemon.port()));
    EXPECT_TRUE(central.decides_by("everything"));
    central.sampler->stop(std::chrono::seconds(1));
    EXPECT_TRUE(wait_until([] { return pollers() == 0; }));
    EXPECT_EQ(central.decider(), "everything");
    EXPECT_EQ(pollers(), 0);
    EXPECT_EQ(central.fallback->stopped, 1);
  });
}

TEST(CentralSampler, stopped_before_its_first_decision_it_never_asks) {
  IN_A_FRESH_PROCESS({
    Daemon daemon;
    const Central central(settings(daemon.port()));
    central.sampler->stop(std::chrono::seconds(1));
    EXPECT_TRUE(central.falls_back());
    EXPECT_EQ(pollers(), 0);
    EXPECT_EQ(daemon.rules_requests(), 0U);
  });
}

TEST(CentralSampler, once_stopped_rules_grow_old_all_the_same) {
  Daemon daemon;
  CentralSettings ageing = with_rare_rules(daemon.port());
  ageing.oldest_rules = 200 * millisecond;
  const Central central(ageing);
  EXPECT_TRUE(central.decides_by("everything"));
  central.sampler->stop(std::chrono::seconds(1));
  EXPECT_TRUE(wait_until([&] { return central.falls_back(); }));
}

TEST(CentralSampler, a_forked_child_goes_on_with_the_rules_and_asks_under_another_client_id) {
  IN_A_FRESH_PROCESS({
    Daemon daemon(rules(rule("everything", 1)));
    const Central central(settings(daemon.port()));
    EXPECT_TRUE(central.decides_by("everything"));
    EXPECT_TRUE(wait_until([&] { return clients(daemon.bodies(false)).size() == 1; }));
    for (int i = 0; i < 1000; ++i) (void)central.decide();
    const pid_t child = ::fork();
    if (child == 0) {
      if (central.decider() != "everything") ::_exit(1);  // at once
      if (!wait_until([] { return pollers() == 1; })) ::_exit(2);
      while (true) ::pause();
    }
    EXPECT_TRUE(wait_until([&] { return clients(daemon.bodies(false)).size() == 2; }));
    ::kill(child, SIGKILL);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
    // Each has reported what it decided, and once.
    const auto reported = [&] { return add_up(daemon.bodies(false))["everything"].requests; };
    EXPECT_TRUE(wait_until([&] { return reported() >= 1002; }));
    EXPECT_EQ(reported(), 1002U);
  });
}

TEST(CentralSampler, forks_while_rules_change_and_threads_decide_leave_children_that_decide) {
  IN_A_FRESH_PROCESS({
    Daemon daemon;
    CentralSettings fast = settings(daemon.port());
    fast.rules_interval = millisecond;
    fast.targets_interval = millisecond;
    Central central(fast);
    EXPECT_TRUE(central.decides_by("everything"));
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    threads.reserve(3);
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        while (!over.load()) (void)central.decide();
      });
    }
    for (int i = 0; i < 30; ++i) {
      const pid_t child = ::fork();
      if (child == 0) {
        ::alarm(60);
        const bool decides = central.decides_by("everything");
        central.sampler.reset();
        ::_exit(decides ? 0 : 1);
      }
      int status = -1;
      EXPECT_EQ(::waitpid(child, &status, 0), child);
      EXPECT_EQ(status, 0);
    }
    over.store(true);
    for (std::thread& thread : threads) thread.join();
  });
}

TEST(CentralSampler, a_child_that_never_decides_destroys_nothing_of_its_parents) {
  IN_A_FRESH_PROCESS({
    Daemon daemon;
    Central central(settings(daemon.port()));
    EXPECT_TRUE(central.decides_by("everything"));
    const pid_t child = ::fork();
    if (child == 0) {
      central.sampler->observe(SamplingOutcome());
      central.sampler->stop(std::chrono::seconds(1));
      const bool falls_back = central.falls_back();
      central.sampler.reset();
      ::_exit(falls_back && pollers() == 0 ? 0 : 1);
    }
    int status = -1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(central.decider(), "everything");
  });
}

// What users call.

TEST(CentralSampler, is_made_with_an_address_of_its_own) {
  Daemon daemon;
  xray::samplers::CentralOptions options;
  options.daemon_address = daemon.server().address();
  options.fallback = std::make_shared<Fallback>();
  const auto sampler = xray::samplers::central(options);
  EXPECT_TRUE(
      wait_until([&] { return sampler->decide(SamplingRequest()).rule_name == "everything"; }));
}

TEST(CentralSampler, asks_the_configured_daemon_and_falls_back_on_the_default_rules) {
  IN_A_FRESH_PROCESS({
    Daemon daemon;
    daemon.set_answer([](const std::string&) { return std::string(); });
    xray::Configuration configuration;
    configuration.daemon_address =
        "tcp:" + daemon.server().address() + " udp:127.0.0.1:" + daemon.server().port();
    EXPECT_FALSE(xray::configure(configuration));
    const auto sampler = xray::samplers::central();
    EXPECT_TRUE(wait_until([&] { return sampler->decide(SamplingRequest()).sampled; }));
    EXPECT_TRUE(wait_until([&] { return daemon.rules_requests() != 0; }));
  });
}

TEST(CentralSampler, before_anything_is_configured_the_environments_daemon_is_asked) {
  IN_A_FRESH_PROCESS({
    Daemon daemon;
    ::setenv("AWS_XRAY_DAEMON_ADDRESS", daemon.server().address().c_str(), 1);
    const auto sampler = xray::samplers::central();
    EXPECT_TRUE(
        wait_until([&] { return sampler->decide(SamplingRequest()).rule_name == "everything"; }));
  });
}

TEST(CentralSampler, an_address_that_is_none_is_named) {
  IN_A_FRESH_PROCESS({
    keep_log();
    xray::samplers::CentralOptions options;
    options.daemon_address = "nowhere";
    EXPECT_NE(xray::samplers::central(options), nullptr);
    EXPECT_EQ(logged(),
              "xray: CentralOptions::daemon_address: \"nowhere\" lacks :port; the "
              "configuration's daemon is asked\n");
  });
}
