// Documents of one trace in, the trace as the API shows it out. Pure: no clock, no store.
#pragma once

#include <cstdint>
#include <span>

#include "local/compiled_trace.hpp"
#include "local/segment_document.hpp"

namespace xrayd::local {

/// `documents` are of one trace, at least one, in order of arrival (see build_trace_tree for what
/// becomes of those with the same id). `revision` says how often the trace has changed.
CompiledTrace compile_trace(std::span<const SegmentDocument* const> documents,
                            std::int64_t revision);

}  // namespace xrayd::local
