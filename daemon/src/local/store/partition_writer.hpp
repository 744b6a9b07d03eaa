// Writing one file of traces: many traces in one transaction.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "local/database/sqlite.hpp"
#include "local/live/live_traces.hpp"
#include "local/store/chunk_codec.hpp"
#include "local/store/partition.hpp"
#include "local/store/trace_merge.hpp"

namespace xrayd::local {

/// A trace to be written, and the row that the file has of it, if it has one.
struct TraceToWrite {
  const LiveTrace* live = nullptr;
  std::optional<TraceRow> row;
};

/// What a transaction has done.
struct Written {
  WriteCounts counts;
  /// For Partition::sums(), which doesn't have them yet.
  std::vector<SumChange> sums;
};

/// For one thread. The partition must outlive it.
class PartitionWriter {
 public:
  explicit PartitionWriter(Partition& partition);
  PartitionWriter(const PartitionWriter&) = delete;
  PartitionWriter& operator=(const PartitionWriter&) = delete;

  /// Stores all of the traces or, if it throws SqliteError, none.
  Written write(std::span<const TraceToWrite> traces, std::int64_t now_ms);

  /// Writes what is there already.
  void probe();
  /// Writes the sums that are in memory only, and moves the log into the file.
  void finish();

 private:
  class Batch;

  struct CachedChunk {
    std::int64_t key;
    std::string text;
  };

  /// Documents by their places; recent chunks are kept for traces that lie beside each other.
  std::vector<std::string> documents(std::span<const DocumentPlace> places);
  const std::string& chunk(std::int64_t key);
  void write_sums(std::span<const std::pair<std::int64_t, std::string>> minutes);
  void write_info(const PartitionInfo& info);
  std::shared_ptr<RecordCodec> begin_codec();

  Partition& partition_;
  Database database_;
  std::shared_ptr<Dictionary> dictionary_;
  /// Texts of the dictionary that the file has.
  std::size_t saved_texts_;
  std::shared_ptr<RecordCodec> codec_;
  /// While there is no codec: what its prefix will be made of.
  std::string samples_;
  std::int64_t next_trace_;
  std::int64_t next_chunk_;
  ChunkCompressor compressor_;
  std::list<CachedChunk> chunks_;

  Statement add_trace_;
  Statement update_trace_;
  Statement add_chunk_;
  Statement read_chunk_;
  Statement add_posting_;
  Statement put_minute_;
  Statement add_texts_;
  Statement add_prefix_;
  Statement update_info_;
};

}  // namespace xrayd::local
