// The ways from where a trace failed to where the failure began.
#pragma once

#include <cstddef>
#include <vector>

#include "local/trace/root_cause_places.hpp"

namespace xrayd::local {

enum class FailureKind { fault, error };

struct FailurePath {
  std::vector<PathStep> steps;
  /// It begins at the root of the trace.
  bool from_root = false;
  /// It went on, but for max_root_cause_entities.
  bool cut = false;
};

/// One for each failure that wasn't handed on to a caller; the root's first, the others by start
/// time. No two have the same end.
std::vector<FailurePath> failure_paths(const RootCausePlaces& places, FailureKind kind);

}  // namespace xrayd::local
