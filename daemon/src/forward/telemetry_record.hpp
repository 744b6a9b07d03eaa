// What the daemon tells AWS of itself.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

namespace xrayd::forward {

/// The ten counters, since the start or of an interval.
struct TelemetryCounts {
  std::uint64_t received = 0;
  std::uint64_t rejected = 0;
  std::uint64_t sent = 0;
  std::uint64_t spilled = 0;
  std::uint64_t status_4xx = 0;
  std::uint64_t status_5xx = 0;
  std::uint64_t refused = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t unknown_host = 0;
  std::uint64_t other = 0;
};

[[nodiscard]] TelemetryCounts operator-(const TelemetryCounts& now, const TelemetryCounts& before);

struct TelemetryRecord {
  std::chrono::system_clock::time_point time;
  TelemetryCounts counts;
};

struct TelemetrySender {
  std::string resource_arn;
  std::string hostname;
  std::string instance_id;
};

/// The body of a PutTelemetryRecords with the first `records` of them. Counts beyond 32 bits are
/// the greatest number that the service takes.
[[nodiscard]] std::string telemetry_body(const TelemetrySender& sender,
                                         const std::deque<TelemetryRecord>& records,
                                         std::size_t count);

}  // namespace xrayd::forward
