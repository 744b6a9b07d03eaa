// The documents of one trace put together: every part below the part that it belongs to.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "local/segment_document.hpp"

namespace xrayd::local {

/// A segment or subsegment. Points into the documents that the tree was made of.
struct Entity {
  const rapidjson::Value* json = nullptr;
  EntityId id = 0;
  double start = 0;
  /// Absent while in progress.
  std::optional<double> end;
  /// Of a segment: the subsegment that called it, in this trace or in none that we have.
  std::optional<EntityId> parent_id;
  /// Where in TraceTree::entities the subsegments stand, by start time.
  std::vector<std::size_t> children;
};

/// The same for every order in which the documents may have come.
struct TraceTree {
  std::vector<Entity> entities;
  /// The segments, by start time.
  std::vector<std::size_t> segments;
  /// The segment where the trace began; absent only where there is no segment.
  std::optional<std::size_t> root;
  /// Independent subsegments whose parent hasn't come, or that are nested too deep to be shown.
  std::size_t orphans = 0;

  /// Segments and everything below them, each before its children.
  [[nodiscard]] std::vector<std::size_t> in_order() const;
};

/// Subsegments nested deeper than this are left out, so that no reader's stack is at risk.
inline constexpr std::size_t max_entity_depth = max_document_depth / 2;

/// Documents must be of one trace, in order of arrival. Of several with one id the first complete
/// one counts; one in progress counts until then, the last of them.
TraceTree build_trace_tree(std::span<const SegmentDocument* const> documents);

}  // namespace xrayd::local
