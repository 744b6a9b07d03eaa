// Traces for tests: documents in short, and records as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "local/document/segment_document.hpp"
#include "local/trace/compiled_trace.hpp"
#include "local/trace/record_compiler.hpp"

namespace xrayd::local {

/// The epoch of trace_of_tests. Times of test documents are offsets from it.
inline constexpr double epoch_of_tests = 1700000000.0;
inline const TraceId trace_of_tests{std::uint64_t{1700000000} << 32U, 7};

/// `"name":...,"id":...,"start_time":...,"end_time":...` and, if not empty, `more`. Without an end
/// it is in progress.
std::string members(EntityId id, std::string_view name, double start, std::optional<double> end,
                    std::string_view more = "");

/// A segment document. `more` are further members, without a comma in front.
std::string segment(EntityId id, std::string_view name, double start, std::optional<double> end,
                    std::string_view more = "");
/// The same, called by `parent`.
std::string called_segment(EntityId id, EntityId parent, std::string_view name, double start,
                           std::optional<double> end, std::string_view more = "");
/// An independent subsegment.
std::string part(EntityId id, EntityId parent, std::string_view name, double start,
                 std::optional<double> end, std::string_view more = "");
/// `"subsegments":[{...},...]` of what members() makes.
std::string parts(const std::vector<std::string>& members);

/// Parsed; throws where a document is refused.
std::vector<SegmentDocument> parsed(const std::vector<std::string>& texts);
std::vector<const SegmentDocument*> pointers_to(const std::vector<SegmentDocument>& documents);

CompiledTrace compiled(const std::vector<std::string>& texts);
TraceRecord record_of(const std::vector<std::string>& texts, const RecordLimits& limits = {});

/// What stands in a record, one thing a line, times as offsets from epoch_of_tests. Root causes are
/// left out.
std::string text_of(const TraceRecord& record);
std::string nodes_of(const TraceRecord& record);
std::string segments_of(const TraceRecord& record);
std::string calls_of(const TraceRecord& record);

}  // namespace xrayd::local
