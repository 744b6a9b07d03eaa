// Where the walks that look for root causes may go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "local/trace/root_causes.hpp"

namespace xrayd::local {

/// An entity on a path, or the inferred segment that answered it.
struct PathStep {
  std::size_t entity = 0;
  /// Where it stands in record.segments.
  RecordIndex segment = no_index;
  bool inferred = false;
  double coverage = 0;
};

/// A tree with its places in the record, asked only for what is there: lists may be short, and
/// segments may have been left out of the record.
class RootCausePlaces {
 public:
  RootCausePlaces(const TraceTree& tree, const EntityPlaces& places, const TraceRecord& record)
      : tree_(tree), places_(places), record_(record) {}

  [[nodiscard]] const TraceTree& tree() const noexcept { return tree_; }
  [[nodiscard]] const Entity& entity(std::size_t index) const noexcept {
    return tree_.entities[index];
  }
  [[nodiscard]] const RecordSegment& segment(RecordIndex index) const noexcept {
    return record_.segments[index];
  }

  /// The entity as a step; nothing where its segment isn't in the record.
  [[nodiscard]] std::optional<PathStep> step(std::size_t entity) const noexcept {
    if (entity >= places_.segment.size() || !is_known(places_.segment[entity])) return {};
    return PathStep{entity, places_.segment[entity], false, 0};
  }
  /// The top of the sent segment that answered the entity.
  [[nodiscard]] std::optional<std::size_t> sent_callee(std::size_t entity) const noexcept {
    if (entity >= places_.callee_entity.size() || places_.callee_entity[entity] < 0) return {};
    const auto callee = static_cast<std::size_t>(places_.callee_entity[entity]);
    return callee < tree_.entities.size() && step(callee) ? std::optional(callee) : std::nullopt;
  }
  /// The inferred segment that answered the entity.
  [[nodiscard]] std::optional<PathStep> inferred_callee(std::size_t entity) const noexcept {
    if (entity < places_.callee_entity.size() && places_.callee_entity[entity] >= 0) return {};
    if (entity >= places_.callee.size() || !is_known(places_.callee[entity])) return {};
    return PathStep{entity, places_.callee[entity], true, 0};
  }

 private:
  [[nodiscard]] bool is_known(RecordIndex segment) const noexcept {
    return segment < record_.segments.size() &&
           record_.segments[segment].node < record_.nodes.size();
  }

  const TraceTree& tree_;
  const EntityPlaces& places_;
  const TraceRecord& record_;
};

/// The list of the entity's exceptions; null where it has none.
const rapidjson::Value* exceptions_of(const Entity& entity) noexcept;

}  // namespace xrayd::local
