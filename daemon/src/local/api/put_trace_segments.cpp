#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "local/api/operation.hpp"
#include "local/segment_document.hpp"

namespace xrayd::local::api {
namespace {

// Parsed documents take several times their text, so that a large request is never parsed as a
// whole. In bytes of text.
constexpr std::size_t max_slice_bytes = std::size_t{4} << 20U;

void store(Services& services, std::vector<SegmentDocument> documents) {
  const auto failure = services.ingest.store(std::move(documents));
  if (!failure.empty()) throw internal_failure("The segments were not stored: " + failure);
}

void write_unprocessed(JsonWriter& writer, const Rejection& rejection) {
  writer.StartObject();
  write_key(writer, "Id");
  if (rejection.id) {
    write_text(writer, entity_id_text(*rejection.id));
  } else {
    writer.Null();
  }
  write_key(writer, "ErrorCode");
  write_text(writer, error_code(rejection.reason));
  write_key(writer, "Message");
  write_text(writer, rejection.message());
  writer.EndObject();
}

}  // namespace

const rapidjson::Value& required_texts(const rapidjson::Value& request, const char* name,
                                       const char* name_in_errors) {
  const auto* list = member(request, name);
  if (list == nullptr) throw missing_member(name_in_errors);
  const bool texts =
      list->IsArray() && std::all_of(list->Begin(), list->End(),
                                     [](const rapidjson::Value& item) { return item.IsString(); });
  if (!texts) throw malformed(std::string(name) + " must be a list of strings");
  return *list;
}

std::string put_trace_segments(Services& services, const rapidjson::Value& request) {
  const auto& texts = required_texts(request, "TraceSegmentDocuments", "traceSegmentDocuments");
  if (texts.Empty()) throw invalid_request("Segments can not be empty");

  std::vector<SegmentDocument> documents;
  std::size_t slice_bytes = 0;
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_key(writer, "UnprocessedTraceSegments");
  writer.StartArray();
  for (const auto& text : texts.GetArray()) {
    ++services.counters.received;
    auto parsed = parse_segment_document(std::string(text_of(text)));
    if (auto* document = std::get_if<SegmentDocument>(&parsed)) {
      slice_bytes += document->text.size();
      documents.push_back(std::move(*document));
      if (slice_bytes >= max_slice_bytes) {
        store(services, std::exchange(documents, {}));
        slice_bytes = 0;
      }
    } else {
      const auto& rejection = std::get<Rejection>(parsed);
      services.counters.reject(rejection.reason);
      write_unprocessed(writer, rejection);
    }
  }
  writer.EndArray();
  writer.EndObject();

  if (!documents.empty()) store(services, std::move(documents));
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace xrayd::local::api
