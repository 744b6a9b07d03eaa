// What other daemons say of themselves: the latest records of each host, and sums.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "counter_row.hpp"

namespace xrayd::local {

/// Since the record before. Figures below 0 count as 0.
struct TelemetryFigures {
  std::int64_t received = 0;
  std::int64_t sent = 0;
  std::int64_t spilled = 0;
  std::int64_t rejected = 0;
  // Of the daemon's connection to X-Ray.
  std::int64_t timeouts = 0;
  std::int64_t refused = 0;
  std::int64_t http_4xx = 0;
  std::int64_t http_5xx = 0;
  std::int64_t unknown_hosts = 0;
  std::int64_t others = 0;

  TelemetryFigures& operator+=(const TelemetryFigures& more) noexcept;
};

struct TelemetryRecord {
  /// Seconds since 1970.
  double timestamp = 0;
  TelemetryFigures figures;
};

/// Thread-safe. In memory alone: what is gone with the daemon is of no use to the next one.
class Telemetry {
 public:
  /// Older ones go.
  static constexpr std::size_t max_records_of_host = 100;
  /// The one that was silent for longest goes; the sums keep what it said.
  static constexpr std::size_t max_hosts = 100;

  /// `host` may be empty: not everybody says which one it is.
  void add(const std::string& host, const std::vector<TelemetryRecord>& records);

  /// Oldest first; none of a host that is unknown.
  [[nodiscard]] std::vector<TelemetryRecord> records(const std::string& host) const;
  [[nodiscard]] std::size_t hosts() const;

  /// Sums over all hosts since the start.
  void report(CounterRows& rows) const;

 private:
  struct Host {
    std::deque<TelemetryRecord> records;
    /// The number of the call that last named it.
    std::uint64_t heard = 0;
  };

  void forget_the_most_silent();

  mutable std::mutex mutex_;
  std::map<std::string, Host> hosts_;
  TelemetryFigures sums_;
  std::int64_t count_ = 0;
  std::uint64_t calls_ = 0;
};

}  // namespace xrayd::local
