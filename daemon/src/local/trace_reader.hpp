// Reading one file of traces.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "local/sqlite.hpp"
#include "local/trace_id.hpp"

namespace xrayd::local {

/// Which of a trace's times a range of time is held against.
enum class TimeRange {
  /// The time in its id.
  trace_id,
  /// All the time that it was active.
  event,
  /// The time that it ended.
  service,
};

/// Where a list of traces stopped. Lists go from the newest to the oldest.
struct ListPosition {
  double listed_at = 0;
  double started = 0;
  TraceId id;

  friend bool operator<(const ListPosition& a, const ListPosition& b) noexcept {
    return std::tie(a.listed_at, a.started, a.id) < std::tie(b.listed_at, b.started, b.id);
  }
};

struct SummaryQuery {
  /// Seconds since 1970, `[start, end)`.
  double start = 0;
  double end = 0;
  TimeRange range = TimeRange::trace_id;
  /// Only what comes behind it in the list.
  std::optional<ListPosition> after;
  std::size_t limit = 0;
};

struct SummaryRow {
  ListPosition position;
  double ended = 0;
  /// JSON, as the compiler made it.
  std::string summary;
};

struct StoredTrace {
  bool limit_exceeded = false;
  std::int64_t revision = 0;
  /// In order of arrival.
  std::vector<std::string> documents;
};

/// One connection that only reads. For one thread at a time.
class TraceReader {
 public:
  explicit TraceReader(const std::filesystem::path& file);

  std::optional<StoredTrace> trace(const TraceId& id);
  std::vector<SummaryRow> summaries(const SummaryQuery& query);
  /// When the oldest trace is listed.
  std::optional<double> oldest();

 private:
  Database database_;
  Statement find_trace_;
  Statement documents_;
  Statement by_trace_id_;
  Statement by_event_;
  Statement by_service_;
  Statement oldest_;
};

}  // namespace xrayd::local
