// What happened to the documents that came in.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "counter_row.hpp"
#include "local/document/rejection.hpp"
#include "local/store/trace_merge.hpp"

namespace xrayd::local {

/// Counted by several threads. Every document received ends in exactly one of the others, once it
/// is out of the queue or, where its trace was on disk already, once it is there, too.
class IngestCounters {
 public:
  std::atomic<std::int64_t> received = 0;
  std::atomic<std::int64_t> dropped_queue_full = 0;
  std::atomic<std::int64_t> dropped_at_stop = 0;
  /// Of requests that were told so.
  std::atomic<std::int64_t> dropped_store_failed = 0;
  std::atomic<std::int64_t> commit_errors = 0;

  void reject(Reason reason) noexcept { ++rejected_[static_cast<std::size_t>(reason)]; }
  void add(const WriteCounts& counts) noexcept;
  void report(CounterRows& rows) const;

 private:
  std::array<std::atomic<std::int64_t>, reason_count> rejected_{};
  std::atomic<std::int64_t> stored_ = 0;
  std::atomic<std::int64_t> replaced_ = 0;
  std::atomic<std::int64_t> duplicates_ = 0;
  std::atomic<std::int64_t> trace_full_ = 0;
};

}  // namespace xrayd::local
