// Hexadecimal digits, both ways.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Writes the low 32 bits of `value` as eight lower-case digits, all at once: each half-byte gets a
/// byte of its own, and those above nine are moved on to the letters.
inline void write_hex8(char* out, std::uint64_t value) noexcept {
  std::uint64_t digits = value & 0xFFFFFFFFU;
  digits = (digits | (digits << 16U)) & 0x0000FFFF0000FFFFU;
  digits = (digits | (digits << 8U)) & 0x00FF00FF00FF00FFU;
  digits = (digits | (digits << 4U)) & 0x0F0F0F0F0F0F0F0FU;
  const std::uint64_t letters = ((digits + 0x0606060606060606U) >> 4U) & 0x0101010101010101U;
  digits += 0x3030303030303030U + letters * 39U;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  digits = __builtin_bswap64(digits);
#endif
  std::memcpy(out, &digits, sizeof digits);
}

/// Writes the low `4 * count` bits of `value` as `count` lower-case digits.
inline void write_hex(char* out, std::uint64_t value, unsigned count) noexcept {
  if (count == 16) {
    write_hex8(out, value >> 32U);
    write_hex8(out + 8, value);
  } else if (count == 8) {
    write_hex8(out, value);
  } else {
    for (unsigned i = 0; i < count; ++i) {
      out[i] = "0123456789abcdef"[(value >> (4U * (count - 1U - i))) & 15U];
    }
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
