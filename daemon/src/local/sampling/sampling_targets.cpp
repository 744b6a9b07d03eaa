#include "local/sampling/sampling_targets.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace xrayd::local {
namespace {

constexpr std::int64_t window_seconds = 10;
constexpr std::int64_t ms_per_second = 1000;
// X-Ray's own limit.
constexpr std::chrono::milliseconds longest_quota = std::chrono::minutes{5};
constexpr std::size_t max_windows =
    static_cast<std::size_t>(std::chrono::seconds(SamplingTargets::windows_kept).count() /
                             window_seconds) +
    1;

}  // namespace

// A quota ends when its client would be forgotten. If it lasted longer, a client that fell silent
// could come back and spend what was given to others meanwhile; if it were shorter, one lost report
// would take a quota away. So more than the reservoir is granted for one interval at most: when a
// client has come and those before it haven't reported since.
SamplingTargets::SamplingTargets(std::chrono::seconds interval, Clock clock)
    : memory_(2 * interval),
      quota_life_(std::min(memory_, longest_quota)),
      clock_(std::move(clock)) {
}

SamplingTargets::Quota SamplingTargets::report(const std::string& rule, std::int64_t reservoir,
                                               std::string_view client,
                                               const SamplingCounts& counts) {
  const std::int64_t now = clock_();
  Rule& entry = rules_[rule];
  entry.totals += counts;
  entry.news += counts;
  // By the time of arrival: clocks of clients are nothing to build on.
  const std::int64_t seconds = now / ms_per_second;
  entry.windows[seconds - seconds % window_seconds] += counts;
  const std::int64_t oldest = seconds - std::chrono::seconds(windows_kept).count();
  entry.windows.erase(entry.windows.begin(), entry.windows.lower_bound(oldest));
  // A clock that was set back leaves windows in what is the future now: those make room.
  if (entry.windows.size() > max_windows) entry.windows.erase(std::prev(entry.windows.end()));
  return {share(entry, reservoir, client, now), now + quota_life_.count()};
}

std::int64_t SamplingTargets::share(Rule& rule, std::int64_t reservoir, std::string_view client,
                                    std::int64_t now) const {
  auto& clients = rule.clients;
  // A clock that was set back must not keep clients for as long as it was set back.
  for (auto& each : clients) each.seen_ms = std::min(each.seen_ms, now);
  clients.erase(std::remove_if(clients.begin(), clients.end(),
                               [&](const Client& each) {
                                 return now - each.seen_ms > memory_.count() && each.id != client;
                               }),
                clients.end());
  auto found = std::find_if(clients.begin(), clients.end(),
                            [&](const Client& each) { return each.id == client; });
  if (found == clients.end()) {
    if (clients.size() == max_clients) return 0;
    found = clients.insert(clients.end(), {std::string(client), now});
  }
  found->seen_ms = now;
  const auto count = static_cast<std::int64_t>(clients.size());
  const auto rank = static_cast<std::int64_t>(found - clients.begin());
  return reservoir / count + (rank < reservoir % count ? 1 : 0);
}

void SamplingTargets::forget(const std::string& rule) {
  rules_.erase(rule);
}

std::vector<SamplingWindow> SamplingTargets::windows() const {
  const std::int64_t oldest = clock_() / ms_per_second - std::chrono::seconds(windows_kept).count();
  std::vector<SamplingWindow> list;
  for (const auto& [name, rule] : rules_) {
    for (const auto& [start, counts] : rule.windows) {
      if (start >= oldest) list.push_back({name, start, counts});
    }
  }
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
    return std::tie(b.start, a.rule) < std::tie(a.start, b.rule);
  });
  return list;
}

std::vector<RuleCounts> SamplingTargets::totals() const {
  std::vector<RuleCounts> list;
  list.reserve(rules_.size());
  for (const auto& [name, rule] : rules_) list.push_back({name, rule.totals});
  return list;
}

std::vector<RuleCounts> SamplingTargets::take_news() {
  std::vector<RuleCounts> list;
  for (auto& [name, rule] : rules_) {
    if (rule.news.requests > 0) list.push_back({name, rule.news});
    rule.news = {};
  }
  return list;
}

}  // namespace xrayd::local
