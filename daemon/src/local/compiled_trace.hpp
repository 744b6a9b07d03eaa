// What a trace looks like when all its documents are taken together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "local/trace_id.hpp"

namespace xrayd::local {

/// One segment with everything that belongs into it, as BatchGetTraces answers it.
struct CompiledSegment {
  EntityId id = 0;
  /// JSON.
  std::string document;
};

struct CompiledTrace {
  TraceId id;
  /// By start time; empty where nothing but parts without a segment has come.
  std::vector<CompiledSegment> segments;
  /// Of the segments, in seconds since 1970; where there is none, of the parts.
  double started = 0;
  double ended = 0;
  /// Seconds between the first start and the last end; absent while nothing has ended.
  std::optional<double> duration;
  std::size_t orphans = 0;
  /// One element of GetTraceSummaries' `TraceSummaries`: a JSON object.
  std::string summary;

  /// Where in time the trace is listed: at the time in its id, if that is within a day of its
  /// start.
  [[nodiscard]] double listed_at() const noexcept;
};

}  // namespace xrayd::local
