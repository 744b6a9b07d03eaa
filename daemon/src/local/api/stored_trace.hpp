// From what the store keeps of a trace to what answers show of it.
#pragma once

#include "local/store/trace_reader.hpp"
#include "local/trace/compiled_trace.hpp"

namespace xrayd::local::api {

/// Documents that can't be read (of a damaged store) are passed over; without any there are no
/// segments.
[[nodiscard]] CompiledTrace compiled(const StoredTrace& stored, const TraceId& id);

}  // namespace xrayd::local::api
