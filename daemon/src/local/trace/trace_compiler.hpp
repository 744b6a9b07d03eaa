// Documents of one trace in, the trace as the API shows it out. Pure: no clock, no store.
#pragma once

#include <span>

#include "local/document/segment_document.hpp"
#include "local/trace/compiled_trace.hpp"

namespace xrayd::local {

/// `documents` are of one trace, at least one, in order of arrival (see build_trace_tree for what
/// becomes of those with the same id). Segments are inferred from calls that nobody answered (see
/// inferred_segment.hpp); ids, parents and origins are written in one form, whatever that of the
/// documents. Any number of threads may call it.
CompiledTrace compile_trace(std::span<const SegmentDocument* const> documents);

}  // namespace xrayd::local
