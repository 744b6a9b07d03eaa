// All traces on disk: files of traces, the newest of which takes new ones; the oldest go.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "local/data_directory.hpp"
#include "local/meta_file.hpp"
#include "local/partition.hpp"
#include "local/trace_reader.hpp"

namespace xrayd::local {

struct StoreSettings {
  std::filesystem::path data_dir;
  /// Files together; less than min_retention_bytes counts as that.
  std::uint64_t retention_bytes = std::uint64_t{1} << 30U;
  std::chrono::seconds retention_age = std::chrono::hours{24 * 7};
  /// Milliseconds since 1970.
  std::function<std::int64_t()> clock;
};

/// Below this SQLite's own overhead would be most of the store.
inline constexpr std::uint64_t min_retention_bytes = std::uint64_t{16} << 20U;

struct StoreStatus {
  std::uint64_t bytes = 0;
  std::int64_t partitions = 0;
  std::int64_t traces = 0;
  /// Removed to keep the limits, since the start.
  std::int64_t expired_traces = 0;
  /// Files set aside since the start.
  std::int64_t damaged = 0;
};

class Store {
 public:
  /// Throws StartupError.
  explicit Store(StoreSettings settings);

  // ---- writer's thread -------------------------------------------------------------------------

  /// Stores the batches (one for each trace) and takes them out of the vector as they are safe on
  /// disk, adding to `counts`. Throws SqliteError where the disk fails; what is left in the vector
  /// then may be tried again.
  void write(std::vector<TraceBatch>& batches, WriteCounts& counts);

  /// Writes next to nothing. Throws SqliteError where the disk doesn't take even that.
  void probe();

  /// Keeps the limits. To be called about once a second; write() does it too.
  void maintain();

  // ---- any thread ------------------------------------------------------------------------------

  [[nodiscard]] std::optional<StoredTrace> trace(const TraceId& id) const;
  /// At most query.limit rows, newest first.
  [[nodiscard]] std::vector<SummaryRow> summaries(const SummaryQuery& query) const;
  /// When the oldest trace of the oldest file is listed, in seconds since 1970.
  [[nodiscard]] std::optional<double> oldest() const;
  [[nodiscard]] StoreStatus status() const;

 private:
  using PartitionPointer = std::shared_ptr<Partition>;

  void open_partitions();
  void open_partition(const std::string& name);
  void add_partition();
  PartitionPointer take_out(std::size_t index);
  void remove(std::size_t index);
  void unlist(const Partition& partition);
  void set_damaged_aside();
  [[nodiscard]] PartitionPointer partition_of(const TraceId& id) const;
  std::size_t write_some(std::vector<TraceBatch>& batches, WriteCounts& counts);
  void roll_if_due();
  void expire();
  [[nodiscard]] std::uint64_t bytes() const;
  void publish_status();
  [[nodiscard]] std::vector<PartitionPointer> snapshot() const;

  StoreSettings settings_;
  DataDirectory directory_;
  MetaFile meta_;
  std::uint64_t partition_bytes_;
  int wal_pages_;
  std::vector<std::filesystem::path> damaged_files_;

  // Changed by the writer's thread only, which therefore may read it without the lock.
  std::vector<PartitionPointer> partitions_;
  StoreStatus totals_;

  mutable std::mutex mutex_;
  std::vector<PartitionPointer> published_;
  StoreStatus status_;
};

}  // namespace xrayd::local
