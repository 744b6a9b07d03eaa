// The order in which lists show traces.
#pragma once

#include <tuple>

#include "local/document/trace_id.hpp"

namespace xrayd::local {

/// Where a list of traces stopped. Lists go from the newest to the oldest.
struct ListPosition {
  double listed_at = 0;
  double started = 0;
  TraceId id;

  friend bool operator<(const ListPosition& a, const ListPosition& b) noexcept {
    return std::tie(a.listed_at, a.started, a.id) < std::tie(b.listed_at, b.started, b.id);
  }
};

}  // namespace xrayd::local
