// UTF-8, one character at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// One decoded character: `size` bytes of the text, or an ill-formed byte (`valid` false, size 1).
struct Character {
  std::uint32_t code;
  std::uint32_t size;
  bool valid;
};

/// Decodes the character at the start of `text`, which is not empty. Overlong forms, surrogates and
/// what lies beyond U+10FFFF are ill-formed.
inline Character decode(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&byte](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80U) return {lead, 1, true};
  if (lead >= 0xC2U && lead < 0xE0U && follows(1)) {
    return {((lead & 0x1FU) << 6U) | (byte(1) & 0x3FU), 2, true};
  }
  if (lead >= 0xE0U && lead < 0xF0U && follows(1) && follows(2)) {
    const std::uint32_t code =
        ((lead & 0x0FU) << 12U) | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU);
    if (code >= 0x800U && (code < 0xD800U || code > 0xDFFFU)) return {code, 3, true};
  }
  if (lead >= 0xF0U && lead < 0xF5U && follows(1) && follows(2) && follows(3)) {
    const std::uint32_t code = ((lead & 0x07U) << 18U) | ((byte(1) & 0x3FU) << 12U) |
                               ((byte(2) & 0x3FU) << 6U) | (byte(3) & 0x3FU);
    if (code >= 0x10000U && code <= 0x10FFFFU) return {code, 4, true};
  }
  return {0xFFFDU, 1, false};
}

/// Compares two texts as they look once written, where an ill-formed byte is U+FFFD: below, above
/// or equal to 0. Two keys that would be written alike are one.
inline int compare_written(std::string_view left, std::string_view right) noexcept {
  while (!left.empty() && !right.empty()) {
    const Character of_left = decode(left);
    const Character of_right = decode(right);
    if (of_left.code != of_right.code) return of_left.code < of_right.code ? -1 : 1;
    left.remove_prefix(of_left.size);
    right.remove_prefix(of_right.size);
  }
  return static_cast<int>(right.empty()) - static_cast<int>(left.empty());
}

}  // namespace detail
XRAY_NAMESPACE_END
