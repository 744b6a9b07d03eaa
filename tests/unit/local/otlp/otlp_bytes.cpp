#include "otlp_bytes.hpp"

#include <algorithm>
#include <bit>

namespace xrayd::local::otlp_bytes {
namespace {

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80U; value >>= 7U) bytes += static_cast<char>(value | 0x80U);
  return bytes + static_cast<char>(value);
}

std::string tag(unsigned number, unsigned type) {
  return varint(number * 8U + type);
}

std::string big_endian(std::uint64_t value) {
  std::string bytes;
  for (unsigned shift = 64; shift > 0; shift -= 8) bytes += static_cast<char>(value >> (shift - 8));
  return bytes;
}

}  // namespace

std::string varint_field(unsigned number, std::uint64_t value) {
  return tag(number, 0) + varint(value);
}

std::string fixed64_field(unsigned number, std::uint64_t value) {
  const std::string bytes = big_endian(value);
  return tag(number, 1) + std::string(bytes.rbegin(), bytes.rend());
}

std::string bytes_field(unsigned number, std::string_view bytes) {
  return tag(number, 2) + varint(bytes.size()) + std::string(bytes);
}

std::string text(std::string_view value) {
  return bytes_field(1, value);
}

std::string flag(bool value) {
  return varint_field(2, value ? 1 : 0);
}

std::string integer(std::int64_t value) {
  return varint_field(3, static_cast<std::uint64_t>(value));
}

std::string real(double value) {
  return fixed64_field(4, std::bit_cast<std::uint64_t>(value));
}

std::string list(std::initializer_list<std::string> values) {
  std::string items;
  for (const auto& value : values) items += bytes_field(1, value);
  return bytes_field(5, items);
}

std::string attributes(unsigned number, Attributes attributes) {
  std::string bytes;
  for (const auto& [key, value] : attributes) {
    bytes += bytes_field(number, bytes_field(1, key) + bytes_field(2, value));
  }
  return bytes;
}

std::string span(const Span& span) {
  std::string bytes = bytes_field(1, trace_id) + bytes_field(2, big_endian(span.id));
  if (span.parent != 0) bytes += bytes_field(4, big_endian(span.parent));
  return bytes + bytes_field(5, span.name) + varint_field(6, span.kind) +
         fixed64_field(7, start_nanoseconds) + fixed64_field(8, end_nanoseconds) +
         attributes(9, span.with) + span.more;
}

std::string event(std::string_view name, Attributes with) {
  return bytes_field(
      11, fixed64_field(1, end_nanoseconds) + bytes_field(2, name) + attributes(3, with));
}

std::string status_error(std::string_view message) {
  return bytes_field(15, bytes_field(2, message) + varint_field(3, 2));
}

std::string request(std::initializer_list<std::string> spans, Attributes resource) {
  std::string scope = bytes_field(1, bytes_field(1, "tests"));
  for (const auto& one : spans) scope += bytes_field(2, one);
  // The resource stands behind its spans, which it may.
  return bytes_field(1, bytes_field(2, scope) + bytes_field(1, attributes(1, resource)));
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()))) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = (bits << 8U) | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
    }
    for (unsigned i = 0; i < 4; ++i) {
      text += i <= bytes.size() ? letters[(bits >> (18 - 6 * i)) & 63U] : '=';
    }
  }
  return text;
}

}  // namespace xrayd::local::otlp_bytes
