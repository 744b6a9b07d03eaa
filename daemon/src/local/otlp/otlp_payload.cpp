#include "local/otlp/otlp_payload.hpp"

#include <algorithm>

#include "local/document/segment_document.hpp"
#include "local/otlp/base64.hpp"
#include "local/otlp/otlp_request.hpp"
#include "local/otlp/span_segment.hpp"

namespace xrayd::local {
namespace {

constexpr std::string_view sampled = "T1S";
constexpr std::string_view unsampled = "T1U";

/// Appends documents of spans as long as there is room for them.
class Appender {
 public:
  Appender(OtlpSegments& out, std::size_t room) : out_(out), room_(room) {}

  void append(const OtlpResource& resource, const OtlpSpan& span) {
    const std::size_t before = out_.documents.size();
    if (full_ || ++spans_ > max_spans_a_payload ||
        !append_segments(resource, span, out_.documents)) {
      ++out_.refused;
      return;
    }
    std::size_t bytes = 0;
    for (std::size_t i = before; i < out_.documents.size(); ++i) bytes += out_.documents[i].size();
    full_ = bytes > room_;
    if (full_) {
      out_.documents.resize(before);
      ++out_.refused;
    } else {
      room_ -= bytes;
    }
  }

 private:
  OtlpSegments& out_;
  std::size_t room_;
  std::size_t spans_ = 0;
  bool full_ = false;
};

}  // namespace

bool is_otlp_payload(std::string_view text) noexcept {
  return text.starts_with(sampled) || text.starts_with(unsampled);
}

bool segments_of_otlp(std::string_view text, OtlpSegments& out) {
  if (!is_otlp_payload(text)) return false;
  const bool wanted = text.starts_with(sampled);
  text.remove_prefix(sampled.size());
  // The line end that some send behind it.
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  const auto bytes = decode_base64(text);
  if (!bytes) return false;

  const std::size_t documents = out.documents.size();
  const std::size_t refused = out.refused;
  Appender appender(out, std::max(max_document_bytes, max_otlp_growth * text.size()));
  const bool whole = read_otlp_request(*bytes, [&](const auto& resource, const OtlpSpan& span) {
    if (wanted) appender.append(resource, span);
  });
  if (!whole) {
    out.documents.resize(documents);
    out.refused = refused;
  }
  return whole;
}

}  // namespace xrayd::local
