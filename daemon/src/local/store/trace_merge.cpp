#include "local/store/trace_merge.hpp"

#include <utility>
#include <variant>

#include "local/trace/kept_times.hpp"
#include "local/trace/record_compiler.hpp"

namespace xrayd::local {
namespace {

constexpr std::uint64_t is_new = ~std::uint64_t{0};

void count(Placement placement, WriteCounts& counts) {
  switch (placement) {
    case Placement::stored:
      ++counts.stored;
      break;
    case Placement::replaced:
      ++counts.replaced;
      break;
    case Placement::duplicate:
      ++counts.duplicates;
      break;
    case Placement::trace_full:
      ++counts.trace_full;
      break;
  }
}

}  // namespace

WriteCounts& WriteCounts::operator+=(const WriteCounts& other) noexcept {
  stored += other.stored;
  replaced += other.replaced;
  duplicates += other.duplicates;
  trace_full += other.trace_full;
  return *this;
}

MergedTrace merge(const LiveTrace& live, const TraceRow* row, std::span<const std::string> texts) {
  MergedTrace merged;
  merged.limit_exceeded = live.limit_exceeded;
  merged.revision = live.revision;
  if (row == nullptr) {
    merged.parts.reserve(live.documents.size());
    for (const auto& [document, counted] : live.documents) {
      merged.parts.push_back({document, std::nullopt});
      if (!counted) ++merged.counts.stored;
    }
    return merged;
  }

  // Tags are places in row->places.
  TraceDocuments documents;
  std::uint64_t replaced = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto parsed = parse_segment_document(texts[i]);
    if (auto* document = std::get_if<SegmentDocument>(&parsed)) {
      documents.add(std::make_shared<const SegmentDocument>(std::move(*document)), i, replaced);
    }
  }
  bool changed = false;
  for (const auto& [document, counted] : live.documents) {
    // A trace that was cut off once stays so.
    const auto placement =
        row->limit_exceeded ? Placement::trace_full : documents.add(document, is_new, replaced);
    if (!counted) count(placement, merged.counts);
    changed = changed || placement == Placement::stored || placement == Placement::replaced;
  }
  merged.limit_exceeded = live.limit_exceeded || row->limit_exceeded || documents.full();
  merged.changed = changed || merged.limit_exceeded != row->limit_exceeded;
  merged.revision = row->revision + (merged.changed ? live.revision : 0);
  merged.parts.reserve(documents.entries().size());
  for (const auto& entry : documents.entries()) {
    merged.parts.push_back({entry.document, std::nullopt});
    if (entry.tag != is_new) merged.parts.back().place = row->places[entry.tag];
  }
  return merged;
}

std::shared_ptr<const TraceRecord> compile(const MergedTrace& trace) {
  std::vector<const SegmentDocument*> documents;
  documents.reserve(trace.parts.size());
  for (const auto& part : trace.parts) documents.push_back(part.document.get());
  auto record = std::make_shared<TraceRecord>(compile_record(documents, trace.revision));
  record->limit_exceeded = trace.limit_exceeded;
  keep_microseconds(*record);
  return record;
}

TraceRecord copy_of(const std::shared_ptr<const TraceRecord>& record) {
  TraceRecord copy;
  copy.id = record->id;
  copy.revision = record->revision;
  copy.listed_at = record->listed_at;
  copy.start = record->start;
  copy.end = record->end;
  copy.duration = record->duration;
  copy.response_time = record->response_time;
  copy.outcome = record->outcome;
  copy.partial = record->partial;
  copy.limit_exceeded = record->limit_exceeded;
  copy.truncated = record->truncated;
  copy.root_segment = record->root_segment;
  copy.nodes = record->nodes;
  copy.segments = record->segments;
  copy.calls = record->calls;
  copy.annotations = record->annotations;
  copy.messages = record->messages;
  copy.fault_causes = record->fault_causes;
  copy.error_causes = record->error_causes;
  copy.response_time_causes = record->response_time_causes;
  copy.keeps = record;
  return copy;
}

}  // namespace xrayd::local
