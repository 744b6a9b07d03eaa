// A trace that is live, together with what the store has of it already.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "local/live/live_traces.hpp"
#include "local/store/trace_reader.hpp"
#include "local/trace/trace_record.hpp"

namespace xrayd::local {

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

struct MergedTrace {
  struct Part {
    std::shared_ptr<const SegmentDocument> document;
    /// Where the store has it; nothing if it is new.
    std::optional<DocumentPlace> place;
  };
  /// Those that count, in order of arrival.
  std::vector<Part> parts;
  /// Of documents that weren't counted before.
  WriteCounts counts;
  /// The trace isn't as the store has it.
  bool changed = true;
  bool limit_exceeded = false;
  std::int64_t revision = 1;
};

/// `row` and its documents' `texts` are what the store has, null and none where it has nothing.
MergedTrace merge(const LiveTrace& live, const TraceRow* row, std::span<const std::string> texts);

/// The record, with times as the store keeps them (to the microsecond). The trace must have parts.
std::shared_ptr<const TraceRecord> compile(const MergedTrace& trace);

/// A record of its own that shares the other's texts.
TraceRecord copy_of(const std::shared_ptr<const TraceRecord>& record);

}  // namespace xrayd::local
