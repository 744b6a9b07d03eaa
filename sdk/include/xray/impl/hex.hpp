// Hexadecimal digits, both ways.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Writes the low `4 * count` bits of `value` as `count` lower-case digits.
inline void write_hex(char* out, std::uint64_t value, unsigned count) noexcept {
  for (unsigned i = 0; i < count; ++i) {
    out[i] = "0123456789abcdef"[(value >> (4U * (count - 1U - i))) & 15U];
  }
}

/// Reads 1 to 16 digits in either case; false, and `value` untouched, if there is anything else.
inline bool read_hex(std::string_view text, std::uint64_t& value) noexcept {
  if (text.empty() || text.size() > 16) return false;
  std::uint64_t result = 0;
  for (const char c : text) {
    unsigned digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<unsigned>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<unsigned>(c - 'a') + 10U;
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<unsigned>(c - 'A') + 10U;
    } else {
      return false;
    }
    result = (result << 4U) | digit;
  }
  value = result;
  return true;
}

}  // namespace detail
XRAY_NAMESPACE_END
