#include <cmath>
#include <vector>

#include "local/api/operation.hpp"
#include "local/api/page_token.hpp"

namespace xrayd::local::api {
namespace {

constexpr std::size_t page_size = 200;

double required_time(const rapidjson::Value& request, const char* name,
                     const char* name_in_errors) {
  if (member(request, name) == nullptr) throw missing_member(name_in_errors);
  const auto seconds = number_member(request, name);
  if (!seconds) throw malformed(std::string(name) + " must be a number of seconds since 1970");
  return *seconds;
}

std::optional<std::string_view> optional_text(const rapidjson::Value& request, const char* name) {
  if (member(request, name) == nullptr) return std::nullopt;
  const auto text = text_member(request, name);
  if (!text) throw malformed(std::string(name) + " must be a string");
  return text;
}

TimeRange time_range(const rapidjson::Value& request) {
  const auto type = optional_text(request, "TimeRangeType").value_or("TraceId");
  if (type == "TraceId") return TimeRange::trace_id;
  if (type == "Event") return TimeRange::event;
  if (type == "Service") return TimeRange::service;
  throw ApiError(400, "ValidationException",
                 "1 validation error detected: Value at 'timeRangeType' failed to satisfy "
                 "constraint: Member must satisfy enum value set: [TraceId, Event, Service]");
}

SummaryQuery query_of(const rapidjson::Value& request) {
  SummaryQuery query;
  query.start = required_time(request, "StartTime", "startTime");
  query.end = required_time(request, "EndTime", "endTime");
  query.range = time_range(request);
  if (query.end < query.start) {
    throw invalid_request("End time cannot be earlier than start time");
  }
  if (!optional_text(request, "FilterExpression").value_or("").empty()) {
    throw invalid_request("This xrayd does not know filter expressions yet");
  }
  if (const auto token = optional_text(request, "NextToken")) {
    query.after = position_of(*token, query);
    if (!query.after) throw invalid_request("Invalid NextToken for this query");
  }
  // One more than a page tells whether there is a next one.
  query.limit = page_size + 1;
  return query;
}

// The stored summary is an object's text; what depends on the query is added before its end.
void write_summary(JsonWriter& writer, const SummaryRow& row, TimeRange range) {
  std::string text = row.summary;
  if (range != TimeRange::trace_id) {
    rapidjson::StringBuffer buffer;
    JsonWriter time(buffer);
    time.Double(range == TimeRange::event ? row.position.started : row.ended);
    text.pop_back();
    text += ",\"MatchedEventTime\":";
    text.append(buffer.GetString(), buffer.GetSize());
    text += '}';
  }
  writer.RawValue(text.data(), text.size(), rapidjson::kObjectType);
}

}  // namespace

std::string get_trace_summaries(Services& services, const rapidjson::Value& request) {
  const SummaryQuery query = query_of(request);
  auto rows = services.store.summaries(query);
  const bool more = rows.size() > page_size;
  if (more) rows.resize(page_size);

  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_key(writer, "TraceSummaries");
  writer.StartArray();
  for (const auto& row : rows) write_summary(writer, row, query.range);
  writer.EndArray();
  write_key(writer, "ApproximateTime");
  writer.Double(more ? std::floor(rows.back().position.listed_at) : query.start);
  write_key(writer, "TracesProcessedCount");
  writer.Uint64(rows.size());
  write_key(writer, "NextToken");
  if (more) {
    write_text(writer, page_token(query, rows.back().position));
  } else {
    writer.Null();
  }
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace xrayd::local::api
