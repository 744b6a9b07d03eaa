// What X-Ray allows in names and annotation keys.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// For a quick look at all characters of a text: zero for those that are allowed.
struct AsciiTable {
  std::uint8_t refused[256] = {};
  constexpr explicit AsciiTable(std::string_view others) noexcept {
    for (std::uint8_t& entry : refused) entry = 1;
    for (char c = '0'; c <= '9'; ++c) refused[static_cast<unsigned char>(c)] = 0;
    for (char c = 'A'; c <= 'Z'; ++c) refused[static_cast<unsigned char>(c)] = 0;
    for (char c = 'a'; c <= 'z'; ++c) refused[static_cast<unsigned char>(c)] = 0;
    for (const char c : others) refused[static_cast<unsigned char>(c)] = 0;
  }
  [[nodiscard]] bool allows(std::string_view text) const noexcept {
    unsigned bad = 0;
#pragma GCC unroll 8
    for (const char c : text) bad |= refused[static_cast<unsigned char>(c)];
    return bad == 0;
  }
};

inline constexpr AsciiTable name_table(" _.:/%&#=+-@");
inline constexpr AsciiTable annotation_key_table("_.");

struct CodeRange {
  std::uint32_t first;
  std::uint32_t last;
};

inline constexpr CodeRange name_ranges[] = {
#include <xray/impl/name_characters.inc>
};

/// Whether the character may stand in a name: a letter, number or separator of any script, or one
/// of a few signs.
inline bool is_name_character(std::uint32_t code) noexcept {
  if (code < 128) return name_table.refused[code] == 0;
  const auto* const range = std::lower_bound(
      std::begin(name_ranges), std::end(name_ranges), code,
      [](const CodeRange& entry, std::uint32_t value) { return entry.last < value; });
  return range != std::end(name_ranges) && range->first <= code;
}

inline constexpr std::size_t longest_annotation_key = 500;

inline bool is_annotation_key(std::string_view key) noexcept {
  return !key.empty() && key.size() <= longest_annotation_key && annotation_key_table.allows(key);
}

}  // namespace detail
XRAY_NAMESPACE_END
