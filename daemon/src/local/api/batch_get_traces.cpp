#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "local/api/operation.hpp"
#include "local/segment_document.hpp"
#include "local/trace_compiler.hpp"

namespace xrayd::local::api {
namespace {

// X-Ray itself takes five.
constexpr rapidjson::SizeType max_traces = 100;
// Traces beyond this are left to the next call.
constexpr std::size_t max_answer_bytes = std::size_t{8} << 20U;

std::vector<TraceId> requested_ids(const rapidjson::Value& request) {
  const auto& texts = required_texts(request, "TraceIds", "traceIds");
  if (member(request, "NextToken") != nullptr) {
    throw invalid_request("NextToken is currently not supported");
  }
  if (texts.Size() > max_traces) {
    throw invalid_request("Exceeding maximum query size: " + std::to_string(max_traces));
  }
  std::vector<TraceId> ids;
  std::set<TraceId> seen;
  for (const auto& text : texts.GetArray()) {
    const auto id = parse_trace_id(text_of(text));
    if (!id) {
      throw invalid_request("Invalid trace id " +
                            std::string(first_characters(text_of(text), max_name_characters)) +
                            ": incorrect id format");
    }
    if (!seen.insert(*id).second) throw invalid_request("Containing duplicate trace ids");
    ids.push_back(*id);
  }
  return ids;
}

CompiledTrace compile(const StoredTrace& stored, const TraceId& id) {
  std::vector<SegmentDocument> documents;
  for (const auto& text : stored.documents) {
    auto parsed = parse_segment_document(text);
    if (auto* document = std::get_if<SegmentDocument>(&parsed)) {
      documents.push_back(std::move(*document));
    }
  }
  if (documents.empty()) {
    CompiledTrace nothing;
    nothing.id = id;
    return nothing;
  }
  std::vector<const SegmentDocument*> pointers;
  pointers.reserve(documents.size());
  for (const auto& document : documents) pointers.push_back(&document);
  return compile_trace(pointers, stored.revision);
}

void write_trace(JsonWriter& writer, const CompiledTrace& trace, bool limit_exceeded) {
  writer.StartObject();
  write_key(writer, "Id");
  write_text(writer, trace.id.to_string());
  write_key(writer, "Duration");
  if (trace.duration) {
    writer.Double(*trace.duration);
  } else {
    writer.Null();
  }
  write_key(writer, "LimitExceeded");
  writer.Bool(limit_exceeded);
  write_key(writer, "Segments");
  writer.StartArray();
  for (const auto& segment : trace.segments) {
    writer.StartObject();
    write_key(writer, "Id");
    write_text(writer, entity_id_text(segment.id));
    write_key(writer, "Document");
    write_text(writer, segment.document);
    writer.EndObject();
  }
  writer.EndArray();
  writer.EndObject();
}

}  // namespace

std::string batch_get_traces(Services& services, const rapidjson::Value& request) {
  std::vector<TraceId> unprocessed;
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_key(writer, "Traces");
  writer.StartArray();
  for (const auto& id : requested_ids(request)) {
    if (buffer.GetSize() > max_answer_bytes) {
      unprocessed.push_back(id);
      continue;
    }
    const auto stored = services.store.trace(id);
    if (stored) write_trace(writer, compile(*stored, id), stored->limit_exceeded);
  }
  writer.EndArray();
  write_key(writer, "UnprocessedTraceIds");
  writer.StartArray();
  for (const auto& id : unprocessed) write_text(writer, id.to_string());
  writer.EndArray();
  write_key(writer, "NextToken");
  writer.Null();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace xrayd::local::api
