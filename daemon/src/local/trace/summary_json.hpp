// A record as GetTraceSummaries shows it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "local/json/json.hpp"
#include "local/trace/trace_record.hpp"

namespace xrayd::local {

/// So many different annotations of a trace are shown; filters know more, the documents all.
inline constexpr std::size_t max_shown_annotations = 50;
/// Services, users and resources: the first ones, in the order of their names.
inline constexpr std::size_t max_shown_items = 100;

/// Writes one element of `TraceSummaries`. `account` stands in where a node has none. Absent
/// members are written as null, as X-Ray does, but `Http` is always an object, which has what is
/// there. `matched_event_time` only for queries by Event or Service. Numbers that JSON has no form
/// for are written as null.
void write_trace_summary(JsonWriter& writer, const TraceRecord& record, std::string_view account,
                         std::optional<double> matched_event_time = std::nullopt);

/// `{"Name":...,"Names":[...],"AccountId":...,"Type":...}`; Type is null where the node has none.
void write_service_id(JsonWriter& writer, const RecordNode& node, std::string_view account);

}  // namespace xrayd::local
