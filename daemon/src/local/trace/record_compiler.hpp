// The documents of one trace in, its record out. Pure: no clock, no store.
#pragma once

#include <cstdint>
#include <span>

#include "local/document/segment_document.hpp"
#include "local/trace/trace_record.hpp"

namespace xrayd::local {

/// `documents` are of one trace, at least one; the same record comes of any order in which they may
/// have come, but for which of several complete ones of one id came first (that one counts).
/// A trace of orphaned parts alone has neither segments nor a root.
///
/// - Segments without a parent, and the trace's root, have a client. Where the parent is named but
///   hasn't come, and another segment is the root, there is none: it was called by somebody.
/// - A segment that names a call (a subsegment of the namespace `aws` or `remote`) for its parent
///   answers it: one call a service, with the subsegment's figures. One that names a segment or
///   other work was called by that too, with figures of its own.
/// - Calls that nobody answers go to inferred segments; while in progress to nodes without figures.
/// - Links count where what they name is in this trace; those to a call that nobody answered, such
///   as one that sends a message, begin at the node that it went to.
/// - An id that several entities have means the first of them; calls of the others don't count.
/// - Accounts of inferred segments are those that the call names, else its segment's.
///
/// Lists are cut as `limits` say; the root segment and its node are kept as long as there is room
/// for anything. Takes time in proportion to the documents, but for sorting. Any number of threads
/// may call it. The record needs the documents no longer.
TraceRecord compile_record(std::span<const SegmentDocument* const> documents, std::int64_t revision,
                           const RecordLimits& limits = {});

}  // namespace xrayd::local
