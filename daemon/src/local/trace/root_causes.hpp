// Why a trace failed, or was slow: the paths from its root to where it began.
#pragma once

#include <cstddef>
#include <vector>

#include "local/trace/trace_record.hpp"
#include "local/trace/trace_tree.hpp"

namespace xrayd::local {

/// Where the entities of a tree stand in the record: what compile_record() knows beside it. Lists
/// that are shorter than tree.entities say nothing of the rest.
struct EntityPlaces {
  /// For each of tree.entities: the segment it belongs to, as a place in record.segments.
  std::vector<RecordIndex> segment;
  /// For each of tree.entities: the segment that answered it, sent or inferred; else no_index.
  std::vector<RecordIndex> callee;
  /// For each of tree.entities: the entity that is the sent segment's top that answered it, or -1.
  std::vector<std::ptrdiff_t> callee_entity;
};

/// Of each of the three lists; further causes are left out.
inline constexpr std::size_t max_root_causes = 20;
/// Of one path; it ends there.
inline constexpr std::size_t max_root_cause_entities = 100;
/// Of one entity; the first ones are kept.
inline constexpr std::size_t max_root_cause_exceptions = 10;

/// Fills fault_causes, error_causes and response_time_causes. Needs the record's nodes, segments
/// and root_segment; texts are kept in the record's arena, cut at `limits.text_characters`. Sets
/// `truncated` where one of the limits above took effect.
///
/// A failure's path begins at the root, if that failed, and at every segment, sent or inferred,
/// that failed though its caller didn't; from there it goes to the part that failed, into the
/// service that the part called, and so on. Where several parts failed, it prefers those that end
/// in the failure of a service that is known by its callers only, then those that end in an
/// exception, then the one that ended last. It ends with the last entity that is such a service or
/// has exceptions; without one there is no cause. Throttled calls count as errors.
///
/// The path of the response time begins at the root and goes to parts and services that took more
/// than half of the root's response time, and were waited for.
void find_root_causes(const TraceTree& tree, const EntityPlaces& places, const RecordLimits& limits,
                      TraceRecord& record);

}  // namespace xrayd::local
