// The patterns of sampling rules and of dynamic naming.
#pragma once

#include <cstddef>
#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

inline char lower_ascii(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Whether the whole text matches: `*` stands for any bytes or none, `?` for exactly one; letters
/// of ASCII in either case. An empty pattern matches the empty text only.
///
/// Remembers one `*`, the last: whatever an earlier one stands for, the shortest does. So the time
/// is at most that of comparing the pattern's longest piece at every place of the text, and no
/// pattern makes it grow faster than their product.
inline bool matches_wildcard(std::string_view pattern, std::string_view text) noexcept {
  if (pattern == "*") return true;
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = none;  // the last one in the pattern so far
  std::size_t resume = 0;   // where in the text it ends, for now
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() &&
               (pattern[p] == '?' || lower_ascii(pattern[p]) == lower_ascii(text[t]))) {
      ++p;
      ++t;
    } else if (star != none) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace detail
XRAY_NAMESPACE_END
