// The documents of one trace put together: every part below the part that it belongs to.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "local/document/segment_document.hpp"
#include "local/trace/entity_members.hpp"

namespace xrayd::local {

/// In place of a place in TraceTree::entities.
inline constexpr std::size_t no_entity = static_cast<std::size_t>(-1);

/// A segment or subsegment. Points into the documents that the tree was made of.
struct Entity {
  const rapidjson::Value* json = nullptr;
  EntityMembers members;
  EntityId id = 0;
  double start = 0;
  /// Absent while in progress.
  std::optional<double> end;
  /// Of a segment: the subsegment that called it, in this trace or in none that we have.
  std::optional<EntityId> parent_id;
  /// Where in TraceTree::entities the subsegments stand, by start time.
  std::span<const std::size_t> children;
  /// The segment that it belongs to: itself if it is one; no_entity if none has come.
  std::size_t segment = no_entity;
  /// Of a segment: the part of another segment that its parent_id names; else no_entity.
  std::size_t caller = no_entity;
  /// The first segment, by start time, that has this entity for its caller; else no_entity.
  std::size_t callee = no_entity;
  /// Senders may use an id twice: parent ids and links mean the first entity in order that has it.
  bool owns_id = false;
};

/// The same for every order in which the documents may have come.
struct TraceTree {
  TraceTree() = default;
  TraceTree(TraceTree&&) = default;
  TraceTree& operator=(TraceTree&&) = default;

  std::vector<Entity> entities;
  /// The segments, by start time.
  std::vector<std::size_t> segments;
  /// The segment where the trace began; absent only where there is no segment.
  std::optional<std::size_t> root;
  /// Independent subsegments whose parent hasn't come, or that are nested too deep to be shown.
  std::size_t orphans = 0;

  /// Segments and everything below them, each before its children.
  [[nodiscard]] const std::vector<std::size_t>& in_order() const noexcept { return order_; }
  /// The entity that has the id, of those in order; no_entity where there is none.
  [[nodiscard]] std::size_t find(EntityId id) const noexcept;
  [[nodiscard]] bool is_segment(std::size_t entity) const noexcept {
    return entities[entity].segment == entity;
  }

 private:
  class Builder;
  friend TraceTree build_trace_tree(std::span<const SegmentDocument* const> documents);

  std::vector<std::size_t> order_;
  // What the entities' `children` look into.
  std::vector<std::size_t> children_;
  // Of those in order, sorted; one entity an id.
  std::vector<std::pair<EntityId, std::size_t>> ids_;
};

/// Subsegments nested deeper than this are left out, so that no reader's stack is at risk.
inline constexpr std::size_t max_entity_depth = max_document_depth / 2;

/// Documents must be of one trace, in order of arrival. Of several with one id the first complete
/// one counts; one in progress counts until then, the last of them. A segment that says of itself
/// that it is inferred doesn't count where the call that it was inferred from is there.
TraceTree build_trace_tree(std::span<const SegmentDocument* const> documents);

/// Cut to max_name_characters.
std::string_view entity_name(const Entity& entity) noexcept;

}  // namespace xrayd::local
