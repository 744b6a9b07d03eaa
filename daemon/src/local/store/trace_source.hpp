// What questions about traces are answered from, wherever they are kept.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "local/document/trace_id.hpp"
#include "local/filter/filter.hpp"
#include "local/graph/graph_sum.hpp"
#include "local/store/trace_reader.hpp"
#include "local/trace/trace_record.hpp"

namespace xrayd::local {

/// Which traces, and how far to look.
struct RecordQuery {
  /// Seconds since 1970, `[start, end)`.
  double start = 0;
  double end = 0;
  TimeRange range = TimeRange::trace_id;
  Filter filter;
  /// Only this share of the traces, by their ids: 0 to 1, always the same ones.
  double share = 1;
  /// Only what comes behind it in the list.
  std::optional<ListPosition> after;
  /// Traces that match: a page ends there.
  std::size_t matches = 1000;
  /// Traces that are looked at, matching or not: a page ends there too.
  std::size_t scanned = 10'000;
  /// A page ends when this time comes, with what there is by then, but never without progress.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

struct RecordPage {
  /// Newest first: by listed_at, then start, then id.
  std::vector<TraceRecord> records;
  /// Looked at, matching or not.
  std::uint64_t scanned = 0;
  /// Where the next page begins, if there may be one.
  std::optional<ListPosition> next;
};

/// A minute of the service graph, by when the documents were received.
struct GraphMinute {
  /// Minutes since 1970: the one that ends at (minute + 1) * 60.
  std::int64_t minute = 0;
  GraphSum sum;
};

/// Thread-safe. Members may read from disk and throw SqliteError. What was answered as stored
/// before is seen by every question asked after.
class TraceSource {
 public:
  TraceSource() = default;
  TraceSource(const TraceSource&) = delete;
  TraceSource& operator=(const TraceSource&) = delete;
  virtual ~TraceSource() = default;

  /// All documents of one trace.
  [[nodiscard]] virtual std::optional<StoredTrace> trace(const TraceId& id) const = 0;
  [[nodiscard]] virtual std::optional<TraceRecord> record(const TraceId& id) const = 0;
  [[nodiscard]] virtual RecordPage records(const RecordQuery& query) const = 0;

  /// The sum over the minutes that lie in `[start, end)`, in seconds since 1970.
  [[nodiscard]] virtual GraphSum graph(double start, double end) const = 0;
  /// The same minute by minute, oldest first; minutes without calls are absent.
  [[nodiscard]] virtual std::vector<GraphMinute> graph_minutes(double start, double end) const = 0;
};

}  // namespace xrayd::local
