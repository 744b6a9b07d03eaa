// The service graph of traces that are still in memory, minute by minute, kept up as they change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>

#include "local/document/trace_id.hpp"
#include "local/graph/graph_sum.hpp"
#include "local/trace/trace_record.hpp"

namespace xrayd::local {

/// What the documents of a trace come to, together with those that the files have.
struct LiveRecord {
  /// Null where there is nothing to show.
  std::shared_ptr<const TraceRecord> record;
  /// What the files' sums have of it already; null where they have nothing.
  std::shared_ptr<const TraceRecord> summed;
  /// Since 1970: the one whose sum it belongs in.
  std::int64_t minute = 0;
};

/// For one thread at a time.
class LiveSums {
 public:
  /// A trace is in here once at most: what was added is removed before another is.
  void add(const TraceId& id, const LiveRecord& live);
  /// `live` is what was added for the trace.
  void remove(const TraceId& id, const LiveRecord& live);
  void clear() noexcept;

  /// Adds the minutes `[begin, end)` to what `sum` answers for them, where the files' sums are
  /// already: what those have of the same traces is taken away.
  void add_to(std::int64_t begin, std::int64_t end,
              const std::function<GraphSum&(std::int64_t minute)>& sum) const;

 private:
  struct Minute {
    GraphSum sum;
    std::size_t traces = 0;
  };

  // Of traces that the files' sums don't have.
  std::map<std::int64_t, Minute> minutes_;
  // The others, whose documents came late: few.
  std::unordered_map<TraceId, LiveRecord, TraceIdHash> late_;
};

}  // namespace xrayd::local
