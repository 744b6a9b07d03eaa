// When a trace was, and how long it took.
#pragma once

#include <optional>
#include <span>

#include "local/document/trace_id.hpp"
#include "local/trace/inferred_segment.hpp"
#include "local/trace/trace_tree.hpp"

namespace xrayd::local {

/// In seconds since 1970.
struct TraceBounds {
  double start = 0;
  /// Absent while nothing has ended.
  std::optional<double> last_end;
};

/// Of the segments; where there is none, of the parts that have come.
TraceBounds trace_bounds(const TraceTree& tree, std::span<const SegmentPart> segments) noexcept;

/// Where in time lists show a trace: at the time in its id, if that is within a day of its start,
/// else at its start.
double listed_at(TraceId id, double start) noexcept;

/// Differences of times carry the noise of large doubles; what is below a microsecond is noise.
/// Never negative.
double whole_microseconds(double seconds) noexcept;

}  // namespace xrayd::local
