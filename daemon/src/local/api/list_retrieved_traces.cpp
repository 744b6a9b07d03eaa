#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "local/api/answer.hpp"
#include "local/api/fitted_document.hpp"
#include "local/api/page_token.hpp"
#include "local/api/retrieval_request.hpp"
#include "local/api/stored_trace.hpp"
#include "local/document/segment_document.hpp"
#include "local/otlp/span_json.hpp"

namespace xrayd::local::api {
namespace {

constexpr std::size_t page_traces = 5;
constexpr std::size_t page_spans = 100;
// A page of five hundred spans of the largest size would be 100 MB.
constexpr std::size_t page_bytes = std::size_t{8} << 20U;

constexpr std::array<std::string_view, 2> formats = {"XRAY", "OTEL"};

/// Where a page begins: the trace, and the span of it.
struct Place {
  std::size_t trace = 0;
  std::size_t span = 0;
};

struct Asked {
  TraceRetrieval retrieval;
  std::string format;
  QueryMark mark{"ListRetrievedTraces"};
  Place place;
};

Asked read(const Questions& questions, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto token = read_retrieval_token(members);
  Asked asked;
  asked.format = members.choice("TraceFormat", Need::optional, formats).value_or("XRAY");
  const auto page = members.text("NextToken", Need::optional);
  refuse(violations);
  asked.retrieval = retrieval_of(questions, token);
  asked.mark.add(token).add(asked.format);
  if (page) {
    std::array<std::uint64_t, 2> place{};
    if (!place_of(*page, asked.mark, place)) throw wrong_token();
    asked.place = {place[0], place[1]};
  }
  return asked;
}

std::vector<SpanDocument> as_segments(const CompiledTrace& trace) {
  std::vector<SpanDocument> spans;
  for (const auto& segment : trace.segments) spans.push_back({segment.id, segment.document});
  return spans;
}

// An inferred segment tells once more what its caller's subsegment tells; in OpenTelemetry there
// are only the spans that somebody made.
std::vector<SpanDocument> as_spans(const CompiledTrace& trace) {
  std::vector<SpanDocument> spans;
  for (const auto& segment : trace.segments) {
    ParsedJson json;
    const auto fault = ParsedJson::parse(segment.document, 2 * max_document_depth, json);
    if (fault != JsonFault::none || flag_member(json.value(), "inferred")) continue;
    auto more = spans_of(trace.id, json.value());
    for (auto& span : more) spans.push_back(std::move(span));
  }
  return spans;
}

void write_span(JsonWriter& writer, EntityId id, std::string_view document) {
  writer.StartObject();
  write_member(writer, "Id", entity_id_text(id));
  write_member(writer, "Document", document);
  writer.EndObject();
}

/// Writes a page's list of traces.
class PageWriter {
 public:
  explicit PageWriter(JsonWriter& writer) : writer_(writer) {}

  [[nodiscard]] bool is_full() const { return traces_ == page_traces || bytes_ >= page_bytes; }

  /// From the span at `first` on. Answers how many of the trace's spans are written now.
  std::size_t write(const CompiledTrace& trace, std::vector<SpanDocument> spans,
                    std::size_t first) {
    ++traces_;
    writer_.StartObject();
    write_member(writer_, "Id", trace.id.to_string());
    write_if_any(writer_, "Duration", trace.duration);
    write_key(writer_, "Spans");
    writer_.StartArray();
    std::size_t at = std::min(first, spans.size());
    for (std::size_t count = 0; at < spans.size() && count < page_spans; ++at, ++count) {
      // One at least, so that every page brings something.
      if (count > 0 && bytes_ >= page_bytes) break;
      const auto document = fitted_document(std::move(spans[at].json));
      bytes_ += document.size();
      write_span(writer_, spans[at].id, document);
    }
    writer_.EndArray();
    writer_.EndObject();
    return at;
  }

 private:
  JsonWriter& writer_;
  std::size_t traces_ = 0;
  std::size_t bytes_ = 0;
};

/// Writes the page that begins at `place`; answers where the next one begins.
Place write_traces(JsonWriter& writer, const Questions& questions, const Asked& asked) {
  const auto& ids = asked.retrieval.traces;
  Place place = asked.place;
  PageWriter page(writer);
  while (place.trace < ids.size() && !page.is_full()) {
    const auto& id = ids[place.trace];
    // A trace may have left the store since.
    if (const auto stored = questions.traces.trace(id)) {
      const auto trace = compiled(*stored, id);
      auto spans = asked.format == "OTEL" ? as_spans(trace) : as_segments(trace);
      const auto count = spans.size();
      const auto written = page.write(trace, std::move(spans), place.span);
      if (written < count) return {place.trace, written};
    }
    place = {place.trace + 1, 0};
  }
  return place;
}

}  // namespace

std::string list_retrieved_traces(const Questions& questions, const rapidjson::Value& request) {
  const auto asked = read(questions, request);
  return object_text([&](JsonWriter& writer) {
    write_retrieval_status(writer, asked.retrieval);
    write_member(writer, "TraceFormat", asked.format);
    write_key(writer, "Traces");
    writer.StartArray();
    const auto next = write_traces(writer, questions, asked);
    writer.EndArray();
    const bool more = next.trace < asked.retrieval.traces.size();
    const std::array<std::uint64_t, 2> place{next.trace, next.span};
    write_if_any(writer, "NextToken", more ? page_token(asked.mark, place) : "");
  });
}

}  // namespace xrayd::local::api
