#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "local/api/operation.hpp"
#include "local/document/segment_document.hpp"
#include "local/otlp/otlp_payload.hpp"

namespace xrayd::local::api {
namespace {

// Parsed documents take several times their text, so that a large request is never parsed as a
// whole. In bytes of text.
constexpr std::size_t max_slice_bytes = std::size_t{4} << 20U;

// Each may have to be named in the answer. No request has as many that are worth storing.
constexpr std::size_t max_documents = 100'000;

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

/// Takes the documents of one request, stores them in slices and writes about those that it can't
/// take.
class Taker {
 public:
  Taker(Services& services, JsonWriter& unprocessed)
      : services_(services), unprocessed_(unprocessed) {}

  /// A segment document, or OpenTelemetry spans in place of one.
  void take(std::string_view text) {
    OtlpSegments spans;
    if (!is_otlp_payload(text) || !segments_of_otlp(text, spans)) {
      take_document(std::string(text));
      return;
    }
    for (auto& document : spans.documents) take_document(std::move(document));
    for (std::size_t i = 0; i < spans.refused; ++i) count_rejected(Reason::otlp_payload);
    // Spans have no place in the answer; that some are missing is told once.
    if (spans.refused > 0) write_unprocessed(unprocessed_, {Reason::otlp_payload, "entity", {}});
  }

  /// What is left of the last slice.
  void store() {
    if (documents_.empty()) return;
    const auto failure = services_.ingest.store(std::exchange(documents_, {}));
    slice_bytes_ = 0;
    if (!failure.empty()) throw internal_failure("The segments were not stored: " + failure);
  }

 private:
  void take_document(std::string text) {
    auto parsed = parse_segment_document(std::move(text));
    if (const auto* rejection = std::get_if<Rejection>(&parsed)) {
      count_rejected(rejection->reason);
      write_unprocessed(unprocessed_, *rejection);
      return;
    }
    ++services_.counters.received;
    auto& document = std::get<SegmentDocument>(parsed);
    slice_bytes_ += document.text.size();
    documents_.push_back(std::move(document));
    if (slice_bytes_ >= max_slice_bytes) store();
  }

  void count_rejected(Reason reason) {
    ++services_.counters.received;
    services_.counters.reject(reason);
  }

  Services& services_;
  JsonWriter& unprocessed_;
  std::vector<SegmentDocument> documents_;
  std::size_t slice_bytes_ = 0;
};

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
  if (texts.Size() > max_documents) {
    throw invalid_request("Too many segments: at most " + std::to_string(max_documents));
  }

  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_key(writer, "UnprocessedTraceSegments");
  writer.StartArray();
  Taker taker(services, writer);
  for (const auto& text : texts.GetArray()) taker.take(text_of(text));
  writer.EndArray();
  writer.EndObject();
  taker.store();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace xrayd::local::api
