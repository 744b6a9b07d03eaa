// A record in the making: what the steps of compile_record() work on together.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "local/trace/inferred_segment.hpp"
#include "local/trace/root_causes.hpp"
#include "local/trace/trace_record.hpp"
#include "local/trace/trace_tree.hpp"

namespace xrayd::local {

/// The tree, the limits and the documents behind them must outlive it.
class RecordDraft {
 public:
  RecordDraft(const TraceTree& the_tree, const RecordLimits& the_limits);

  const TraceTree& tree;
  const RecordLimits& limits;
  TraceRecord record;
  /// Filled by add_segments().
  EntityPlaces places;
  /// For each of record.segments: its entity; of an inferred one its call.
  std::vector<std::size_t> segment_entities;
  /// For called_service().
  std::string scratch;

  /// A copy in the record's arena, cut as the limits say.
  std::string_view keep(std::string_view text);
  /// The node of that identity, new or not; no_index where there is no room. Of two states the one
  /// that tells more of it counts.
  RecordIndex add_node(std::string_view name, std::string_view type, std::string_view account,
                       NodeState state);
  /// What the entity's `http` says.
  RecordHttp http_of(const Entity& entity);

  /// False, and the record is marked as cut, where a list has reached its limit.
  bool has_room(std::size_t size, std::size_t limit) noexcept;

 private:
  // Sorted by name, type and account.
  std::vector<RecordIndex> nodes_by_identity_;
};

/// The account that the part belongs to, or works in; empty where nobody said.
std::string_view account_of(const TraceTree& tree, const Entity& entity) noexcept;

Outcome outcome_of(const Entity& entity) noexcept;

/// Nodes and segments, and where entities stand. `parts` are all_segments(); of too many the
/// earliest are taken, and the root always.
void add_segments(RecordDraft& draft, std::vector<SegmentPart> parts);

/// Calls of clients, then those of services, then links; each kind by start time.
void add_calls(RecordDraft& draft);

/// Annotations, messages and what else the parts of a segment say of it.
void add_details(RecordDraft& draft);

}  // namespace xrayd::local
