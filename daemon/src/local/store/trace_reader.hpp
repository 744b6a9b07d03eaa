// Reading one file of traces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "local/database/sqlite.hpp"
#include "local/document/trace_id.hpp"
#include "local/live/list_position.hpp"
#include "local/store/document_places.hpp"
#include "local/store/minute_sums.hpp"
#include "local/store/terms.hpp"

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

struct StoredTrace {
  bool limit_exceeded = false;
  std::int64_t revision = 0;
  /// In order of arrival.
  std::vector<std::string> documents;
};

/// A trace's row.
struct TraceRow {
  std::int64_t key = 0;
  std::int64_t revision = 0;
  bool limit_exceeded = false;
  /// Minutes since 1970.
  std::int64_t minute = 0;
  std::vector<DocumentPlace> places;
  std::string record;
};

/// Bounds of a list in one file.
struct RowRange {
  /// Of listed_at, `[begin, end)`.
  double begin = 0;
  double end = 0;
  double started_before = 0;
  /// `[ended_from, ended_before)`.
  double ended_from = 0;
  double ended_before = 0;
};

struct ListedRow {
  ListPosition position;
  std::int64_t key = 0;
  double ended = 0;
};

/// One connection that only reads. For one thread at a time. Members throw SqliteError, also where
/// a row makes no sense.
class TraceReader {
 public:
  explicit TraceReader(const std::filesystem::path& file);

  std::optional<TraceRow> find(const TraceId& id);
  std::vector<std::string> documents(std::span<const DocumentPlace> places);
  /// Both at one moment.
  std::optional<StoredTrace> trace(const TraceId& id);

  /// Newest first, behind `after`: all that are listed in the range, so that no call takes long
  /// however few of them started and ended in it.
  std::vector<ListedRow> list(const RowRange& range, const std::optional<ListPosition>& after,
                              std::size_t limit);
  /// The row with that key, if it is in the range.
  std::optional<ListedRow> listed(std::int64_t key, const RowRange& range);
  /// A record as Partition::unpack() takes it; empty if there is no such key.
  std::string record(std::int64_t key);
  /// Keys of traces that have the term, or too many terms to be told; sorted, each once.
  std::vector<std::int64_t> posting(Term term);
  void minutes(std::int64_t begin, std::int64_t end, const MinuteSums::Use& use);

  /// Texts of the dictionary, as they were written.
  void dictionary(const std::function<void(std::string_view texts)>& use);
  /// Empty where there is none.
  std::string record_prefix();
  /// Ids with keys behind `after`, in order of keys.
  std::vector<std::pair<std::int64_t, TraceId>> ids(std::int64_t after, std::size_t limit);
  /// Every id, in no order that matters.
  void all_ids(const std::function<void(const TraceId& id)>& use);
  /// When the oldest trace is listed.
  std::optional<double> oldest();

 private:
  [[nodiscard]] SqliteError damage(const char* what) const;

  Database database_;
  Statement find_trace_;
  Statement chunk_;
  Statement list_;
  Statement listed_;
  Statement record_;
  Statement posting_;
  Statement minutes_;
  Statement ids_;
  Statement oldest_;
};

/// A chunk's documents. False where it is damaged.
[[nodiscard]] bool read_chunk(Rows& row, std::string& out);

std::span<const std::byte> bytes_of(std::string_view text) noexcept;

}  // namespace xrayd::local
