#include "local/account/telemetry.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace xrayd::local {
namespace {

struct Figure {
  const char* label;
  std::int64_t TelemetryFigures::*value;
};

constexpr std::array<Figure, 4> segments{{
    {"received", &TelemetryFigures::received},
    {"sent", &TelemetryFigures::sent},
    {"spilled", &TelemetryFigures::spilled},
    {"rejected", &TelemetryFigures::rejected},
}};

constexpr std::array<Figure, 6> errors{{
    {"timeout", &TelemetryFigures::timeouts},
    {"refused", &TelemetryFigures::refused},
    {"http_4xx", &TelemetryFigures::http_4xx},
    {"http_5xx", &TelemetryFigures::http_5xx},
    {"unknown_host", &TelemetryFigures::unknown_hosts},
    {"other", &TelemetryFigures::others},
}};

}  // namespace

TelemetryFigures& TelemetryFigures::operator+=(const TelemetryFigures& more) noexcept {
  const auto add = [&](const Figure& figure) {
    this->*figure.value += std::max<std::int64_t>(more.*figure.value, 0);
  };
  std::for_each(segments.begin(), segments.end(), add);
  std::for_each(errors.begin(), errors.end(), add);
  return *this;
}

void Telemetry::add(const std::string& host, const std::vector<TelemetryRecord>& records) {
  const std::lock_guard lock(mutex_);
  ++calls_;
  if (hosts_.size() >= max_hosts && !hosts_.contains(host)) forget_the_most_silent();
  Host& entry = hosts_[host];
  entry.heard = calls_;
  for (const auto& record : records) {
    sums_ += record.figures;
    ++count_;
    entry.records.push_back(record);
    if (entry.records.size() > max_records_of_host) entry.records.pop_front();
  }
}

void Telemetry::forget_the_most_silent() {
  hosts_.erase(std::min_element(hosts_.begin(), hosts_.end(), [](const auto& a, const auto& b) {
    return a.second.heard < b.second.heard;
  }));
}

std::vector<TelemetryRecord> Telemetry::records(const std::string& host) const {
  const std::lock_guard lock(mutex_);
  const auto found = hosts_.find(host);
  if (found == hosts_.end()) return {};
  return {found->second.records.begin(), found->second.records.end()};
}

std::size_t Telemetry::hosts() const {
  const std::lock_guard lock(mutex_);
  return hosts_.size();
}

void Telemetry::report(CounterRows& rows) const {
  const std::lock_guard lock(mutex_);
  // For machines: hardly anybody has daemons that report here.
  const auto add = [&rows](const char* name, const char* help, std::string labels,
                           std::int64_t value, bool gauge) {
    rows.push_back({name, help, std::move(labels), value, gauge, false, true});
  };
  const auto kind = [](const Figure& figure) {
    return std::string("kind=\"") + figure.label + '"';
  };
  add("xrayd_reported_records_total", "Telemetry records that other daemons sent here.", {}, count_,
      false);
  add("xrayd_reported_hosts", "Hosts whose latest telemetry is kept.", {},
      static_cast<std::int64_t>(hosts_.size()), true);
  for (const auto& figure : segments) {
    add("xrayd_reported_segments_total", "Segments as other daemons' telemetry counts them.",
        kind(figure), sums_.*figure.value, false);
  }
  for (const auto& figure : errors) {
    add("xrayd_reported_errors_total", "Errors of other daemons' connections, by their telemetry.",
        kind(figure), sums_.*figure.value, false);
  }
}

}  // namespace xrayd::local
