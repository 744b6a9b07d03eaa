// Segment documents for tests, and what comes out of the backend for them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "local/backend.hpp"
#include "local/document/segment_document.hpp"
#include "local/document/trace_id.hpp"
#include "local/json/json.hpp"

namespace xrayd::local {

/// A time within the epoch of test_trace_id().
inline constexpr double test_time = 1700000000.0;

/// The n-th trace id of a test; its epoch is that of test_time.
TraceId test_trace_id(std::uint64_t n);

/// A complete segment of one second with the id `id` and, between its braces, `more` (which begins
/// with a comma).
std::string segment_text(const TraceId& trace, EntityId id, std::string_view more = "");
std::string subsegment_text(const TraceId& trace, EntityId id, EntityId parent,
                            std::string_view more = "");

SegmentDocument document_of(std::string text);

ParsedJson json_of(std::string_view text);

/// `{"TraceSegmentDocuments":[...]}`
std::string put_body(const std::vector<std::string>& documents);

/// The value of a row of report(), labels included: `name{labels}`.
std::int64_t counter(const Backend& backend, std::string_view name);

}  // namespace xrayd::local
