// OTLP's ExportTraceServiceRequest, read from protocol buffers span by span.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace xrayd::local {

struct OtlpAttribute;

/// A value of an attribute. Texts point into the request.
struct OtlpValue {
  struct Bytes {
    std::string_view bytes;
  };
  using List = std::vector<OtlpValue>;
  using Members = std::vector<OtlpAttribute>;

  /// The first stands for a value that isn't set, or lies deeper than max_value_depth.
  std::variant<std::monostate, std::string_view, bool, std::int64_t, double, List, Members, Bytes>
      value;
};

struct OtlpAttribute {
  std::string_view key;
  OtlpValue value;
};

inline constexpr std::size_t max_value_depth = 16;
/// Of a span or resource, with all values within values; further ones are left out.
inline constexpr std::size_t max_values = 2000;
/// Of a span, each; further ones are left out.
inline constexpr std::size_t max_events = 200;
inline constexpr std::size_t max_links = 100;

struct OtlpEvent {
  std::uint64_t time = 0;
  std::string_view name;
  std::vector<OtlpAttribute> attributes;
};

struct OtlpLink {
  std::string_view trace_id;
  std::string_view span_id;
  std::vector<OtlpAttribute> attributes;
};

enum class SpanKind : std::uint8_t { unspecified, internal, server, client, producer, consumer };
enum class SpanStatus : std::uint8_t { unset, ok, error };

struct OtlpSpan {
  /// Bytes, of any length.
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view parent_id;
  std::string_view name;
  SpanKind kind = SpanKind::unspecified;
  /// Nanoseconds since 1970.
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::vector<OtlpAttribute> attributes;
  std::vector<OtlpEvent> events;
  std::vector<OtlpLink> links;
  SpanStatus status = SpanStatus::unset;
  std::string_view status_message;
};

struct OtlpResource {
  std::vector<OtlpAttribute> attributes;
};

using SpanVisitor = std::function<void(const OtlpResource&, const OtlpSpan&)>;

/// Calls `visit` for each span in the order in which they stand; memory is for one at a time.
/// Fields that are unknown, or not of the type they should be, are passed over. False where the
/// bytes are no message: some spans may have been visited.
bool read_otlp_request(std::string_view bytes, const SpanVisitor& visit);

}  // namespace xrayd::local
