// What X-Ray allows in names and annotation keys.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

struct AsciiTable {
  bool allowed[128] = {};
  constexpr explicit AsciiTable(std::string_view others) noexcept {
    for (char c = '0'; c <= '9'; ++c) allowed[static_cast<unsigned char>(c)] = true;
    for (char c = 'A'; c <= 'Z'; ++c) allowed[static_cast<unsigned char>(c)] = true;
    for (char c = 'a'; c <= 'z'; ++c) allowed[static_cast<unsigned char>(c)] = true;
    for (const char c : others) allowed[static_cast<unsigned char>(c)] = true;
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
  if (code < 128) return name_table.allowed[code];
  const auto* const range = std::lower_bound(
      std::begin(name_ranges), std::end(name_ranges), code,
      [](const CodeRange& entry, std::uint32_t value) { return entry.last < value; });
  return range != std::end(name_ranges) && range->first <= code;
}

inline constexpr std::size_t longest_annotation_key = 500;

inline bool is_annotation_key(std::string_view key) noexcept {
  if (key.empty() || key.size() > longest_annotation_key) return false;
  for (const char c : key) {
    const auto code = static_cast<unsigned char>(c);
    if (code >= 128 || !annotation_key_table.allowed[code]) return false;
  }
  return true;
}

}  // namespace detail
XRAY_NAMESPACE_END
