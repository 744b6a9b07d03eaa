// One file of traces. A trace lives wholly in one file, and goes with it.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "local/database/sqlite.hpp"
#include "local/store/id_filter.hpp"
#include "local/store/minute_sums.hpp"
#include "local/store/record_codec.hpp"
#include "local/store/trace_reader.hpp"
#include "local/trace/dictionary.hpp"

namespace xrayd::local {

class PartitionWriter;

struct PartitionLimits {
  /// Of the write-ahead log that stands beside the file, in pages of partition_page_bytes.
  int wal_pages = 1000;
  /// Memory of the filter of ids.
  std::size_t filter_bytes = std::size_t{256} << 10U;
};

inline constexpr int partition_page_bytes = 8192;

/// The row of the table `info`.
struct PartitionInfo {
  /// Milliseconds since 1970.
  std::int64_t created_ms = 0;
  /// Rises from file to file, whatever the clock does.
  std::int64_t sequence = 0;
  std::int64_t newest_arrival_ms = 0;
  std::int64_t traces = 0;
  /// Transactions that have written postings.
  std::int64_t batches = 0;
  /// Sums of minutes below this are in the file as they should be.
  std::int64_t sums_until = std::numeric_limits<std::int64_t>::max();
  /// Bounds of listed_at, and how far a trace's other times are from it at most.
  double earliest = std::numeric_limits<double>::infinity();
  double latest = -std::numeric_limits<double>::infinity();
  double span = 0;
};

/// A file of an earlier version of xrayd.
class OlderFile : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A file of a later version of xrayd.
class LaterFile : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reading is for any thread, writing for one.
class Partition {
 public:
  static std::shared_ptr<Partition> create(const std::filesystem::path& file,
                                           const PartitionLimits& limits, std::int64_t sequence,
                                           std::int64_t now_ms);
  /// Opens a file that is there. Null if its making was interrupted, so that nothing is in it.
  /// Throws SqliteError, OlderFile, LaterFile, or std::runtime_error where the file isn't one of
  /// ours.
  static std::shared_ptr<Partition> open(const std::filesystem::path& file,
                                         const PartitionLimits& limits);

  Partition(std::filesystem::path file, const PartitionLimits& limits, const PartitionInfo& info);
  ~Partition();
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;

  // ---- writer's thread -------------------------------------------------------------------------

  /// Opened at the first call.
  PartitionWriter& writer();
  /// Writes the sums that are in memory only and moves the log into the file, where no reader is in
  /// the way; until the next call of writer() the file is only read.
  void close_writer();

  // ---- any thread ------------------------------------------------------------------------------

  [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }
  [[nodiscard]] const PartitionLimits& limits() const noexcept { return limits_; }
  [[nodiscard]] PartitionInfo info() const;
  void set_info(const PartitionInfo& info);
  /// File and log on disk.
  [[nodiscard]] std::uint64_t bytes() const noexcept;
  [[nodiscard]] IdFilter& ids() noexcept { return ids_; }
  [[nodiscard]] MinuteSums& sums() noexcept { return *sums_; }
  /// For sums(): reads by a connection of its own.
  [[nodiscard]] MinuteSums::Load load_minutes();
  /// The texts that records name by number; read from the file at the first call.
  [[nodiscard]] std::shared_ptr<Dictionary> dictionary();
  /// Null as long as the file has no prefix; read from it at the first call.
  [[nodiscard]] std::shared_ptr<RecordCodec> codec();
  /// For the writer: the file has that prefix now.
  void set_codec(std::shared_ptr<RecordCodec> codec);
  /// A record as the file has it. False where it makes no sense.
  [[nodiscard]] bool unpack(std::string_view stored, TraceRecord& record);

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
  void read_minutes();
  void read_ids();
  void rebuild_sums(std::int64_t from);

  std::unique_ptr<TraceReader> take_reader();
  void give_back(std::unique_ptr<TraceReader> reader);
  bool excuses(const SqliteError& error) noexcept;

  std::filesystem::path file_;
  PartitionLimits limits_;
  IdFilter ids_;
  std::unique_ptr<MinuteSums> sums_;
  std::unique_ptr<PartitionWriter> writer_;

  mutable std::mutex info_mutex_;
  PartitionInfo info_;

  // Of dictionary and codec.
  std::mutex dictionary_mutex_;
  std::shared_ptr<Dictionary> dictionary_;
  std::shared_ptr<RecordCodec> codec_;
  bool codec_read_ = false;

  std::mutex readers_mutex_;
  std::vector<std::unique_ptr<TraceReader>> idle_readers_;
  std::atomic<bool> damaged_ = false;
  std::atomic<bool> retired_ = false;
};

}  // namespace xrayd::local
