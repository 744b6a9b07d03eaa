// What a trace looks like when all its documents are taken together.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "local/document/trace_id.hpp"

namespace xrayd::local {

/// One segment with everything that belongs into it, as BatchGetTraces answers it.
struct CompiledSegment {
  EntityId id = 0;
  /// JSON.
  std::string document;
};

struct CompiledTrace {
  TraceId id;
  /// By start time, sent and inferred; empty where nothing but parts without a segment has come.
  std::vector<CompiledSegment> segments;
  /// Seconds between the first start and the last end; absent while nothing has ended.
  std::optional<double> duration;
  /// Parts that hang on nothing that has come.
  std::size_t orphans = 0;
};

}  // namespace xrayd::local
