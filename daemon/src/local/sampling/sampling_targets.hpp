// What each client may sample: a rule's reservoir shared among the clients that use it, and what
// they report.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace xrayd::local {

/// What happened to requests that matched a rule.
struct SamplingCounts {
  std::int64_t requests = 0;
  std::int64_t sampled = 0;
  std::int64_t borrowed = 0;

  SamplingCounts& operator+=(const SamplingCounts& more) noexcept {
    requests += more.requests;
    sampled += more.sampled;
    borrowed += more.borrowed;
    return *this;
  }
};

struct RuleCounts {
  std::string rule;
  SamplingCounts counts;
};

/// What was reported within ten seconds.
struct SamplingWindow {
  std::string rule;
  /// Its beginning, in seconds since 1970, a multiple of ten.
  std::int64_t start = 0;
  SamplingCounts counts;
};

/// For one thread at a time. Memory is bounded by the rules that are reported on (the caller takes
/// no others): for each at most max_clients clients and half an hour of windows.
class SamplingTargets {
 public:
  /// Milliseconds since 1970.
  using Clock = std::function<std::int64_t()>;

  struct Quota {
    /// Requests a second.
    std::int64_t size = 0;
    std::int64_t expires_ms = 0;
  };

  /// Of one rule. One more client gets no quota until another one is gone.
  static constexpr std::size_t max_clients = 1000;
  static constexpr std::chrono::minutes windows_kept{30};

  /// `interval` is how often clients are told to report.
  SamplingTargets(std::chrono::seconds interval, Clock clock);

  /// Adds a client's report and answers its share of the rule's `reservoir`. Shares of all clients
  /// that reported within the last two intervals add up to the reservoir; what can't be divided
  /// goes to those that came first.
  Quota report(const std::string& rule, std::int64_t reservoir, std::string_view client,
               const SamplingCounts& counts);

  /// The rule is gone, and with it what was known of it.
  void forget(const std::string& rule);

  /// Newest first, then by the rule's name.
  [[nodiscard]] std::vector<SamplingWindow> windows() const;
  /// Since the start, by the rule's name.
  [[nodiscard]] std::vector<RuleCounts> totals() const;
  /// What was reported since the last call; rules without requests are left out.
  [[nodiscard]] std::vector<RuleCounts> take_news();

 private:
  struct Client {
    std::string id;
    std::int64_t seen_ms = 0;
  };
  struct Rule {
    /// In the order of arrival.
    std::vector<Client> clients;
    /// By their beginning in seconds.
    std::map<std::int64_t, SamplingCounts> windows;
    SamplingCounts totals;
    SamplingCounts news;
  };

  [[nodiscard]] std::int64_t share(Rule& rule, std::int64_t reservoir, std::string_view client,
                                   std::int64_t now) const;

  std::chrono::milliseconds memory_;
  std::chrono::milliseconds quota_life_;
  Clock clock_;
  std::map<std::string, Rule> rules_;
};

}  // namespace xrayd::local
