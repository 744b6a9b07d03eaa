// OpenTelemetry spans that came as segment documents: `T1S` and `T1U` payloads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace xrayd::local {

/// Sent where a segment document should stand: three letters, then base64 of an OTLP
/// ExportTraceServiceRequest (S: sampled, U: not sampled).
[[nodiscard]] bool is_otlp_payload(std::string_view text) noexcept;

inline constexpr std::size_t max_spans_a_payload = 10'000;

/// Every span's document may repeat what its resource tells, so a short payload could ask for very
/// long documents: together they take so many times the payload's bytes, or those of one document
/// of the largest size.
inline constexpr std::size_t max_otlp_growth = 32;

struct OtlpSegments {
  /// JSON, as parse_segment_document() takes it; one a span, but two where a call out is all that a
  /// service did (see append_segments()).
  std::vector<std::string> documents;
  /// Spans that make no segment: without valid ids or times, too large, or beyond
  /// max_spans_a_payload or max_otlp_growth.
  std::size_t refused = 0;
};

/// Appends to `out`. False where the text is no such payload; `out` is then as it was. A payload of
/// unsampled spans gives no documents. Thread-safe.
[[nodiscard]] bool segments_of_otlp(std::string_view text, OtlpSegments& out);

}  // namespace xrayd::local
