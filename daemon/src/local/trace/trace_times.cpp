#include "local/trace/trace_times.hpp"

#include <algorithm>
#include <cmath>

namespace xrayd::local {

TraceBounds trace_bounds(const TraceTree& tree, std::span<const SegmentPart> segments) noexcept {
  TraceBounds bounds;
  bool first = true;
  const auto take = [&](const Entity& entity) {
    bounds.start = first ? entity.start : std::min(bounds.start, entity.start);
    if (entity.end) bounds.last_end = std::max(bounds.last_end.value_or(*entity.end), *entity.end);
    first = false;
  };
  if (segments.empty()) {
    for (const auto& entity : tree.entities) take(entity);
  } else {
    for (const auto& part : segments) take(tree.entities[part.entity]);
  }
  return bounds;
}

double listed_at(TraceId id, double start) noexcept {
  constexpr double day = 86400;
  const double epoch = id.epoch_seconds();
  return std::abs(epoch - start) <= day ? epoch : start;
}

double whole_microseconds(double seconds) noexcept {
  constexpr double scale = 1e6;
  return std::max(0.0, std::round(seconds * scale) / scale);
}

}  // namespace xrayd::local
