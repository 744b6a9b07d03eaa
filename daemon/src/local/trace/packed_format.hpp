// What packing and unpacking of records agree upon.
#pragma once

#include <algorithm>
#include <cstdint>

#include "local/trace/trace_record.hpp"

namespace xrayd::local::packed {

inline constexpr std::uint8_t version = 1;

using Flags = std::uint64_t;

constexpr Flags flag(unsigned bit) noexcept {
  return Flags{1} << bit;
}

// Of sets of more than eight flags, the first seven are those that are often set: together they
// take one byte.

enum RecordFlag : Flags {
  record_listed_by_id = flag(0),
  record_has_root = flag(1),
  /// `end` is that of the last segment to end.
  record_end_known = flag(2),
  record_has_duration = flag(3),
  /// `duration` is `end` - `start`.
  record_duration_known = flag(4),
  record_has_response_time = flag(5),
  /// `response_time` is that of the root segment.
  record_response_time_known = flag(6),
  record_fault = flag(7),
  record_error = flag(8),
  record_throttle = flag(9),
  record_partial = flag(10),
  record_limit_exceeded = flag(11),
  record_truncated = flag(12),
  record_flags_end = flag(13),
};

enum ListFlag : Flags {
  list_nodes = flag(0),
  list_segments = flag(1),
  list_calls = flag(2),
  list_annotations = flag(3),
  list_messages = flag(4),
  list_fault_causes = flag(5),
  list_error_causes = flag(6),
  list_response_time_causes = flag(7),
  list_flags_end = flag(8),
};

enum NodeFlag : Flags {
  node_state_mask = flag(0) | flag(1),
  node_root = flag(2),
  node_has_account = flag(3),
  node_flags_end = flag(4),
};

enum SegmentFlag : Flags {
  segment_has_end = flag(0),
  /// `last_end` is `end`.
  segment_last_end_known = flag(1),
  /// Its node is the one behind the node of the segment before.
  segment_node_follows = flag(2),
  segment_inferred = flag(3),
  segment_has_http = flag(4),
  segment_fault = flag(5),
  segment_error = flag(6),
  segment_throttle = flag(7),
  segment_in_progress = flag(8),
  segment_has_last_end = flag(9),
  segment_cold_start = flag(10),
  segment_has_user = flag(11),
  segment_has_resource_arn = flag(12),
  segment_has_instance_id = flag(13),
  segment_has_availability_zone = flag(14),
  segment_flags_end = flag(15),
};

enum CallFlag : Flags {
  call_kind_mask = flag(0) | flag(1),
  /// The target's segment is the one behind that of the call before.
  call_target_follows = flag(2),
  /// At ends that have a segment, the node is the segment's.
  call_nodes_known = flag(3),
  /// Times, outcome and progress are those of the target's segment.
  call_figures_known = flag(4),
  /// The target's segment has the same `http`.
  call_http_known = flag(5),
  call_has_end = flag(6),
  call_has_http = flag(7),
  call_fault = flag(8),
  call_error = flag(9),
  call_throttle = flag(10),
  call_in_progress = flag(11),
  call_has_alias = flag(12),
  call_has_event_age = flag(13),
  call_flags_end = flag(14),
};

enum HttpFlag : Flags {
  http_has_method = flag(0),
  http_has_url = flag(1),
  http_has_user_agent = flag(2),
  http_has_client_ip = flag(3),
  http_has_status = flag(4),
  /// Of calls: the URL is that of the target's segment.
  http_url_known = flag(5),
  http_flags_end = flag(6),
};

/// Written as the distance from here, so that most statuses take one byte.
inline constexpr std::int64_t usual_status = 200;

/// In the lowest three bits of an annotation's first number; its segment above them.
enum ValueKind : std::uint64_t {
  value_text = 0,
  value_real = 1,
  value_whole = 2,
  value_false = 3,
  value_true = 4,
};
inline constexpr unsigned value_kind_bits = 3;

enum EntityFlag : Flags {
  entity_remote = flag(0),
  entity_has_coverage = flag(1),
  entity_has_exceptions = flag(2),
  entity_flags_end = flag(3),
};

// Times are whole microseconds, within this on both sides of 1970.
inline constexpr double max_seconds = 4e11;
inline constexpr std::int64_t max_microseconds = 400'000'000'000'000'000;
inline constexpr std::int64_t microseconds_a_second = 1'000'000;

/// Seconds and their fraction are looked at apart: so the result is exact, and times that were
/// rounded before stay as they are, at any distance from 1970.
constexpr std::int64_t to_microseconds(double seconds) noexcept {
  if (seconds != seconds) return 0;
  if (seconds >= max_seconds) return max_microseconds;
  if (seconds <= -max_seconds) return -max_microseconds;
  const auto whole = static_cast<std::int64_t>(seconds);
  const double rest = (seconds - static_cast<double>(whole)) * 1e6;
  return whole * microseconds_a_second +
         static_cast<std::int64_t>(rest < 0 ? rest - 0.5 : rest + 0.5);
}

constexpr double to_seconds(std::int64_t microseconds) noexcept {
  const std::int64_t whole = microseconds / microseconds_a_second;
  const std::int64_t rest = microseconds % microseconds_a_second;
  return static_cast<double>(whole) + static_cast<double>(rest) / 1e6;
}

/// Two times at the ends of what is allowed lie further apart than that.
constexpr std::int64_t between(std::int64_t start, std::int64_t end) noexcept {
  return std::clamp(end - start, -max_microseconds, max_microseconds);
}

/// When the last of the segments ended; `start` where none has.
inline std::int64_t last_end(const TraceRecord& record, std::int64_t start) noexcept {
  std::int64_t last = start;
  for (const auto& segment : record.segments) {
    if (segment.end) last = std::max(last, to_microseconds(*segment.end));
    if (segment.last_end) last = std::max(last, to_microseconds(*segment.last_end));
  }
  return last;
}

}  // namespace xrayd::local::packed
