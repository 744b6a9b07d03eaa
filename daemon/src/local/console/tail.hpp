// The newest traces, again and again: what has come or changed since one looked last.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "local/store/trace_source.hpp"

namespace xrayd::local {

struct TailQuery {
  /// What the last answer gave, or empty.
  std::string cursor;
  Filter filter;
  /// Of the answer, the newest ones.
  std::size_t limit = 100;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

struct TailAnswer {
  /// For the next question.
  std::string cursor;
  /// Newest first.
  std::vector<TraceRecord> records;
  /// There was no cursor, or one of another run of the daemon: these are simply the newest traces.
  bool reset = false;
  /// More has changed than is told.
  bool skipped = false;
};

/// Looks at the newest max_traces traces of the last ten minutes and remembers their revisions, for
/// all who ask. A change of an older trace goes unnoticed. Thread-safe.
class Tail {
 public:
  static constexpr std::size_t max_traces = 1000;
  static constexpr double seconds = 600;

  /// `traces` must outlive this.
  explicit Tail(const TraceSource& traces);

  /// `now` in seconds since 1970. Throws SqliteError where the store can't be read.
  [[nodiscard]] TailAnswer changes(const TailQuery& query, double now);

 private:
  struct Seen {
    std::int64_t revision = 0;
    /// When it was seen with this revision first.
    std::uint64_t change = 0;
    std::uint64_t look = 0;
  };

  [[nodiscard]] std::optional<std::uint64_t> change_of(std::string_view cursor) const;
  [[nodiscard]] std::uint64_t last_change();
  /// Notes what is new; answers for each record which change it was last, 0 if it
  /// has changed again since it was read. `alone`: nobody else has noted anything meanwhile.
  [[nodiscard]] std::vector<std::uint64_t> note(const std::vector<TraceRecord>& records,
                                                bool alone);

  const TraceSource& traces_;
  /// Tells this run's cursors from others'.
  const std::uint64_t run_;

  std::mutex mutex_;
  std::unordered_map<TraceId, Seen, TraceIdHash> seen_;
  std::uint64_t changes_ = 0;
  std::uint64_t looks_ = 0;
};

/// `{"Cursor":"...","Reset":b,"Skipped":b,"Traces":[...]}`, rows as write_trace_row() has them.
[[nodiscard]] std::string tail_json(const TailAnswer& answer);

}  // namespace xrayd::local
