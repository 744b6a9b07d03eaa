// One file of traces. A trace lives wholly in one file, and goes with it.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "local/segment_document.hpp"
#include "local/sqlite.hpp"
#include "local/trace_reader.hpp"

namespace xrayd::local {

/// The documents of one trace that came together.
struct TraceBatch {
  TraceId id;
  std::vector<SegmentDocument> documents;
};

/// What became of documents.
struct WriteCounts {
  std::int64_t stored = 0;
  /// Took the place of one in progress.
  std::int64_t replaced = 0;
  std::int64_t duplicates = 0;
  /// Not stored, for their trace has max_trace_bytes already.
  std::int64_t trace_full = 0;

  WriteCounts& operator+=(const WriteCounts& other) noexcept;
};

/// Documents of one trace together; beyond it they are dropped and the trace says LimitExceeded.
inline constexpr std::int64_t max_trace_bytes = std::int64_t{4} << 20U;

/// Reading is for any thread, writing for one.
class Partition {
 public:
  /// Makes the file; `wal_pages` bounds the write-ahead log that stands beside it.
  static std::shared_ptr<Partition> create(const std::filesystem::path& file, int wal_pages,
                                           std::int64_t now_ms);
  /// Opens a file that is there. Null if its making was interrupted, so that nothing is in it.
  /// Throws SqliteError, or std::runtime_error where the file isn't one of ours.
  static std::shared_ptr<Partition> open(const std::filesystem::path& file, int wal_pages);

  Partition(const std::filesystem::path& file, Database database);
  ~Partition();
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;

  // ---- writer's thread -------------------------------------------------------------------------

  [[nodiscard]] bool has(const TraceId& id);

  /// Stores all of the batches or, if it throws SqliteError, none.
  WriteCounts write(std::span<TraceBatch* const> batches, std::int64_t now_ms);

  /// Writes what is there already.
  void probe();

  /// Moves the log into the file, where no reader is in the way.
  void fold_log();

  [[nodiscard]] std::int64_t created_ms() const noexcept { return created_ms_; }
  [[nodiscard]] std::int64_t newest_arrival_ms() const noexcept { return newest_arrival_ms_; }
  [[nodiscard]] std::int64_t traces() const noexcept { return traces_; }
  /// File and log on disk.
  [[nodiscard]] std::uint64_t bytes() const noexcept;

  // ---- any thread ------------------------------------------------------------------------------

  [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

  /// Runs `read(TraceReader&)`. Where the file turns out to be damaged, or was removed meanwhile,
  /// it answers a default-made value and damaged() tells.
  template <typename Read>
  auto read(Read&& read) -> decltype(read(std::declval<TraceReader&>())) {
    std::unique_ptr<TraceReader> reader;
    try {
      reader = take_reader();
      auto answer = read(*reader);
      give_back(std::move(reader));
      return answer;
    } catch (const SqliteError& error) {
      if (!excuses(error)) throw;
      return {};
    }
  }

  [[nodiscard]] bool damaged() const noexcept { return damaged_; }
  void mark_damaged() noexcept { damaged_ = true; }
  /// Says that the file goes; readers that come later find nothing.
  void retire() noexcept { retired_ = true; }

 private:
  struct Writer;

  std::unique_ptr<TraceReader> take_reader();
  void give_back(std::unique_ptr<TraceReader> reader);
  bool excuses(const SqliteError& error) noexcept;
  bool has_all_of(const TraceBatch& batch, std::int64_t trace_key);
  WriteCounts write_trace(const TraceBatch& batch);

  std::filesystem::path file_;
  std::unique_ptr<Writer> writer_;
  std::int64_t created_ms_ = 0;
  std::int64_t newest_arrival_ms_ = 0;
  std::int64_t traces_ = 0;

  std::mutex readers_mutex_;
  std::vector<std::unique_ptr<TraceReader>> idle_readers_;
  std::atomic<bool> damaged_ = false;
  std::atomic<bool> retired_ = false;
};

}  // namespace xrayd::local
