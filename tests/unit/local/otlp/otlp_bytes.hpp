// OTLP requests for tests: written by hand, as the decoder is.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace xrayd::local::otlp_bytes {

std::string varint_field(unsigned number, std::uint64_t value);
std::string fixed64_field(unsigned number, std::uint64_t value);
std::string bytes_field(unsigned number, std::string_view bytes);

/// AnyValues.
std::string text(std::string_view value);
std::string flag(bool value);
std::string integer(std::int64_t value);
std::string real(double value);
std::string list(std::initializer_list<std::string> values);

/// KeyValues one after the other, as field `number` of what has them.
using Attributes = std::initializer_list<std::pair<std::string_view, std::string>>;
std::string attributes(unsigned number, Attributes attributes);

inline constexpr std::string_view trace_id{
    "\x65\x53\xf1\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c", 16};

struct Span {
  std::string name = "work";
  /// Of SpanKind.
  unsigned kind = 1;
  std::uint64_t id = 0x11;
  /// 0: none.
  std::uint64_t parent = 0;
  Attributes with = {};
  /// Further fields.
  std::string more = {};
};

inline constexpr std::uint64_t start_nanoseconds = 1'700'000'000'250'000'000;
inline constexpr std::uint64_t end_nanoseconds = 1'700'000'001'750'000'000;

/// From start_nanoseconds to end_nanoseconds, of trace_id.
std::string span(const Span& span);
std::string event(std::string_view name, Attributes with);
std::string status_error(std::string_view message);
/// An ExportTraceServiceRequest with one resource.
std::string request(std::initializer_list<std::string> spans, Attributes resource = {});

std::string base64(std::string_view bytes);

}  // namespace xrayd::local::otlp_bytes
