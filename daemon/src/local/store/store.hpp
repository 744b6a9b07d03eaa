// All traces: those whose documents are still coming, in memory and journals, and those on disk in
// files, the newest of which takes new ones; the oldest go.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "local/live/journals.hpp"
#include "local/live/live_traces.hpp"
#include "local/store/data_directory.hpp"
#include "local/store/meta_file.hpp"
#include "local/store/partition.hpp"
#include "local/store/partition_writer.hpp"
#include "local/store/retention.hpp"
#include "local/store/trace_merge.hpp"
#include "local/store/trace_source.hpp"

namespace xrayd::local {

struct StoreSettings {
  std::filesystem::path data_dir;
  /// Files together; less than min_retention_bytes counts as that.
  std::uint64_t retention_bytes = std::uint64_t{1} << 30U;
  std::chrono::seconds retention_age = std::chrono::hours{24 * 7};
  /// Milliseconds since 1970.
  std::function<std::int64_t()> clock;
  LiveLimits live = {};
};

/// Below this SQLite's own overhead would be most of the store.
inline constexpr std::uint64_t min_retention_bytes = std::uint64_t{16} << 20U;

struct StoreStatus {
  std::uint64_t bytes = 0;
  std::int64_t partitions = 0;
  /// On disk, and live ones; those that are both count twice.
  std::int64_t traces = 0;
  /// Removed to keep the limits, since the start.
  std::int64_t expired_traces = 0;
  /// Files set aside since the start.
  std::int64_t damaged = 0;
  std::int64_t live_traces = 0;
  /// Memory of live traces.
  std::uint64_t live_bytes = 0;
  /// Part of `bytes`.
  std::uint64_t journal_bytes = 0;
};

/// Where an export stopped: among the live traces (sequence 0) behind `id`, or in a file behind a
/// key.
struct ExportPosition {
  TraceId id;
  std::int64_t sequence = 0;
  /// The file's name, for there may be two with one sequence.
  std::string file;
  std::int64_t key = 0;
};

struct ExportedTrace {
  TraceId id;
  /// As they were received, in their order.
  std::vector<std::string> documents;
};

struct ExportPage {
  std::vector<ExportedTrace> traces;
  /// Nothing: that was all.
  std::optional<ExportPosition> next;
};

class Store final : public TraceSource {
 public:
  /// Throws StartupError. Documents of journals that are there become live again.
  explicit Store(StoreSettings settings);
  /// Live traces that aren't flushed stay in the journals.
  ~Store() override;

  // ---- the gatherer's thread -------------------------------------------------------------------

  /// Makes the documents safe from the end of the process, and visible. Takes them out of the
  /// vector, adding to `counts` what is known by then of what became of them. Throws JournalError,
  /// and leaves them, where the disk fails. Those that nobody was told about may be missing from
  /// lists and sums for a second, while many come.
  void add(std::vector<SegmentDocument>& documents, WriteCounts& counts,
           Promise promise = Promise::visible_at_once);

  /// Writes next to nothing into a journal. Throws JournalError where the disk doesn't take it.
  void probe_journal();

  /// Where it has none, flush() comes first.
  [[nodiscard]] bool has_room() const;
  /// Nothing is live.
  [[nodiscard]] bool is_idle() const { return live_.traces() == 0; }
  /// There is hardly any room left.
  [[nodiscard]] bool is_crowded() const { return live_.crowded(); }

  // ---- the flusher's thread --------------------------------------------------------------------

  /// Moves traces that are due (with `everything` any) from memory to the files, some thousand
  /// documents at most. Answers how many traces it moved. Throws SqliteError where the disk fails;
  /// what wasn't moved stays live then.
  std::size_t flush(bool everything, WriteCounts& counts);

  /// Writes next to nothing. Throws SqliteError where the disk doesn't take even that.
  void probe();

  /// Keeps the limits. To be called about once a second; flush() does it too.
  void maintain();

  // ---- any thread ------------------------------------------------------------------------------

  /// Makes some records of live traces that have been quiet for a moment, so that nobody who asks
  /// has to. Answers how many. Throws SqliteError.
  std::size_t make_records() const;

  [[nodiscard]] std::optional<StoredTrace> trace(const TraceId& id) const override;
  [[nodiscard]] std::optional<TraceRecord> record(const TraceId& id) const override;
  [[nodiscard]] RecordPage records(const RecordQuery& query) const override;
  /// Every minute that shares a moment with `[start, end)` counts as a whole.
  [[nodiscard]] GraphSum graph(double start, double end) const override;
  [[nodiscard]] std::vector<GraphMinute> graph_minutes(double start, double end) const override;

  /// The traces behind `after`, page by page until none comes back with `next`: live ones first,
  /// then those on disk, the oldest first, so that what moves from one to the other meanwhile comes
  /// at least once (perhaps twice). A page has `max_bytes` of documents, or a trace more, and ends
  /// when `deadline` comes, perhaps with none. Only traces that `wanted` takes, by their records
  /// (which only it needs: if it is null, they aren't read).
  struct ExportQuery {
    ExportPosition after;
    std::function<bool(const TraceId&, const TraceRecord&)> wanted;
    std::size_t max_bytes = std::size_t{2} << 20U;
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  };
  [[nodiscard]] ExportPage export_page(const ExportQuery& query) const;

  /// Removes every trace, live or on disk, and every file that was set aside as damaged. Throws
  /// SqliteError where no new file can be made.
  void clear();

  /// When the oldest trace of the oldest file is listed, in seconds since 1970.
  [[nodiscard]] std::optional<double> oldest() const;
  [[nodiscard]] StoreStatus status() const;

 private:
  using PartitionPointer = std::shared_ptr<Partition>;

  /// A row and where it is.
  struct Found {
    PartitionPointer partition;
    TraceRow row;
  };

  // store_open.cpp
  void open_partitions();
  void open_partition(const std::string& name);
  static void leave_file(const std::string& why);
  void set_file_aside(const std::string& name, const std::string& why, const char* added);
  void replay_journals();

  // store.cpp
  void add_partition();
  PartitionPointer take_out(std::size_t index);
  void remove(std::size_t index);
  void unlist(const Partition& partition);
  void set_damaged_aside();
  void roll_if_due();
  void expire();
  void expire_by_age();
  void keep_limits();
  [[nodiscard]] std::uint64_t bytes() const;
  void publish_status();
  std::size_t flush_some(Pressure pressure, WriteCounts& counts);
  bool write_group(Partition& partition, std::vector<TraceToWrite>& group, WriteCounts& counts);
  void move_sums(Partition& partition, std::span<const TraceToWrite> group,
                 std::span<const SumChange> changes);
  [[nodiscard]] bool may_have(const TraceId& id) const;

  // store_questions.cpp, store_export.cpp
  [[nodiscard]] std::vector<PartitionPointer> snapshot() const;
  [[nodiscard]] std::optional<Found> find(const TraceId& id) const;
  [[nodiscard]] MergedTrace merged(const LiveTrace& live, const std::optional<Found>& found) const;
  class Exporter;
  [[nodiscard]] LiveRecord made(const LiveTrace& live) const;
  std::shared_ptr<const TraceRecord> make_record(LiveTrace live) const;
  void make_owed_records() const;

  StoreSettings settings_;
  DataDirectory directory_;
  MetaFile meta_;
  std::uint64_t partition_bytes_;
  std::uint64_t journal_bytes_;
  PartitionLimits partition_limits_;
  std::vector<std::filesystem::path> damaged_files_;

  // One gathers, one flushes; who clears holds both, in this order.
  std::mutex flush_mutex_;
  std::mutex gather_mutex_;

  // Changed under flush_mutex_ only, whose holder therefore may read it without the other lock.
  std::vector<PartitionPointer> partitions_;
  StoreStatus totals_;
  std::int64_t next_sequence_ = 1;
  bool found_damage_ = false;
  RetentionClock retention_clock_;

  Journals journals_;
  mutable LiveTraces live_;

  // Held by the one who moves traces from memory to sums, shared by those who add both up.
  mutable std::shared_mutex moving_;

  mutable std::mutex mutex_;
  std::vector<PartitionPointer> published_;
  StoreStatus status_;
};

}  // namespace xrayd::local
