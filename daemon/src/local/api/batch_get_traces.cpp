#include <set>
#include <vector>

#include "local/api/answer.hpp"
#include "local/api/page_token.hpp"
#include "local/api/stored_trace.hpp"
#include "local/api/trace_operations.hpp"
#include "local/api/trace_request.hpp"
#include "local/document/segment_document.hpp"

namespace xrayd::local::api {
namespace {

constexpr std::size_t max_traces = 100;
constexpr std::size_t max_traces_if_strict = 5;
// Traces beyond this are left to the next call.
constexpr std::size_t max_answer_bytes = std::size_t{8} << 20U;

std::vector<TraceId> requested_ids(const rapidjson::Value& request, std::size_t most) {
  Violations violations;
  Members members(request, "", violations);
  const auto texts = read_trace_ids(members);
  const auto token = members.text("NextToken", Need::optional);
  refuse(violations);
  refuse_token(token);
  if (texts.size() > most) {
    throw invalid_request("Exceeding maximum query size: " + std::to_string(most));
  }
  std::vector<TraceId> ids;
  std::set<TraceId> seen;
  for (const auto& text : texts) {
    const auto id = parse_trace_id(text);
    if (!id) {
      throw invalid_request("Invalid trace id " +
                            std::string(first_characters(text, max_name_characters)) +
                            ": incorrect id format");
    }
    if (!seen.insert(*id).second) throw invalid_request("Containing duplicate trace ids");
    ids.push_back(*id);
  }
  return ids;
}

void write_trace(JsonWriter& writer, const CompiledTrace& trace, bool limit_exceeded) {
  writer.StartObject();
  write_member(writer, "Id", trace.id.to_string());
  write_if_any(writer, "Duration", trace.duration);
  write_key(writer, "LimitExceeded");
  writer.Bool(limit_exceeded);
  write_key(writer, "Segments");
  writer.StartArray();
  for (const auto& segment : trace.segments) {
    writer.StartObject();
    write_member(writer, "Id", entity_id_text(segment.id));
    write_member(writer, "Document", segment.document);
    writer.EndObject();
  }
  writer.EndArray();
  writer.EndObject();
}

}  // namespace

std::string batch_get_traces(const Questions& questions, const rapidjson::Value& request) {
  const auto ids = requested_ids(request, questions.strict ? max_traces_if_strict : max_traces);
  std::size_t bytes = 0;
  std::vector<TraceId> unprocessed;
  return object_text([&](JsonWriter& writer) {
    write_key(writer, "Traces");
    writer.StartArray();
    for (const auto& id : ids) {
      if (bytes > max_answer_bytes) {
        unprocessed.push_back(id);
        continue;
      }
      const auto stored = questions.traces.trace(id);
      if (!stored) continue;
      const auto trace = compiled(*stored, id);
      for (const auto& segment : trace.segments) bytes += segment.document.size();
      write_trace(writer, trace, stored->limit_exceeded);
    }
    writer.EndArray();
    write_key(writer, "UnprocessedTraceIds");
    writer.StartArray();
    for (const auto& id : unprocessed) write_text(writer, id.to_string());
    writer.EndArray();
    write_null(writer, "NextToken");
  });
}

}  // namespace xrayd::local::api
