#include "local/trace/record_compiler.hpp"

#include <algorithm>
#include <utility>

#include "local/trace/record_draft.hpp"
#include "local/trace/trace_times.hpp"
#include "local/trace/trace_tree.hpp"

namespace xrayd::local {
namespace {

void add_times(TraceRecord& record, const TraceBounds& bounds) {
  record.start = bounds.start;
  record.end = bounds.last_end.value_or(bounds.start);
  record.listed_at = listed_at(record.id, bounds.start);
}

void describe_root(TraceRecord& record) {
  if (record.root_segment == no_index) return;
  const auto& root = record.segments[record.root_segment];
  record.outcome = root.outcome;
  if (root.outcome.throttle) record.outcome.error = false;
  if (!root.end) return;
  record.duration = whole_microseconds(record.end - record.start);
  record.response_time = whole_microseconds(*root.end - root.start);
}

// Where nothing but parts without a segment has come, those count.
bool is_partial(const TraceTree& tree) {
  if (tree.segments.empty()) {
    return std::any_of(tree.entities.begin(), tree.entities.end(),
                       [](const Entity& entity) { return !entity.end; });
  }
  const auto& order = tree.in_order();
  return std::any_of(order.begin(), order.end(),
                     [&](std::size_t index) { return !tree.entities[index].end; });
}

}  // namespace

TraceRecord compile_record(std::span<const SegmentDocument* const> documents, std::int64_t revision,
                           const RecordLimits& limits) {
  const TraceTree tree = build_trace_tree(documents);
  RecordDraft draft(tree, limits);
  draft.record.id = documents.front()->trace_id;
  draft.record.revision = revision;
  draft.record.partial = is_partial(tree);
  auto parts = all_segments(tree, draft.record.id);
  add_times(draft.record, trace_bounds(tree, parts));
  add_segments(draft, std::move(parts));
  describe_root(draft.record);
  add_calls(draft);
  add_details(draft);
  if (draft.record.root_segment != no_index) {
    find_root_causes(tree, draft.places, limits, draft.record);
  }
  return std::move(draft.record);
}

}  // namespace xrayd::local
