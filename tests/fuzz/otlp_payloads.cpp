// Any bytes as an OTLP request: refused, or made documents that the backend takes, which in turn
// can be shown as spans.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "local/document/segment_document.hpp"
#include "local/otlp/otlp_payload.hpp"
#include "local/otlp/otlp_request.hpp"
#include "local/otlp/span_json.hpp"
#include "local/otlp/span_segment.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xrayd::local;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  OtlpSegments payload;
  if (!segments_of_otlp(input, payload) && !payload.documents.empty()) std::abort();

  std::vector<std::string> documents;
  read_otlp_request(input, [&](const OtlpResource& resource, const OtlpSpan& span) {
    append_segments(resource, span, documents);
  });
  for (const auto& text : documents) {
    const auto parsed = parse_segment_document(text);
    const auto* document = std::get_if<SegmentDocument>(&parsed);
    if (document == nullptr) std::abort();
    const auto spans = spans_of(document->trace_id, document->json.value());
    if (spans.size() != 1) std::abort();
    ParsedJson json;
    if (ParsedJson::parse(spans.front().json, max_document_depth, json) != JsonFault::none) {
      std::abort();
    }
  }
  return 0;
}
