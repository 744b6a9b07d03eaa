// Small things about ASCII text that the readers of requests share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace xray::instrumentation {

constexpr char lower(char character) noexcept {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                              : character;
}

constexpr bool is_digit(char character) noexcept {
  return character >= '0' && character <= '9';
}

constexpr bool is_letter(char character) noexcept {
  return lower(character) >= 'a' && lower(character) <= 'z';
}

constexpr bool is_blank(char character) noexcept {
  return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

/// The value of a hexadecimal digit; -1 if it is none.
constexpr int hex_value(char character) noexcept {
  if (is_digit(character)) return character - '0';
  const char letter = lower(character);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

inline bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (lower(left[i]) != lower(right[i])) return false;
  }
  return true;
}

inline bool starts_with(std::string_view text, std::string_view start) noexcept {
  return text.substr(0, start.size()) == start;
}

inline bool ends_with(std::string_view text, std::string_view end) noexcept {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

inline std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Takes the text before the first `separator` off the front of `text`, and the separator with it;
/// without one, all of it.
inline std::string_view take_until(std::string_view& text, char separator) noexcept {
  const std::size_t at = text.find(separator);
  const std::string_view taken = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return taken;
}

/// The same from the back: what follows the last `separator`.
inline std::string_view take_last(std::string_view& text, char separator) noexcept {
  const std::size_t at = text.rfind(separator);
  const std::string_view taken = at == std::string_view::npos ? text : text.substr(at + 1);
  text = at == std::string_view::npos ? std::string_view() : text.substr(0, at);
  return taken;
}

/// A word as names of services, regions, operations and errors are: letters, digits, `-_.`, and
/// `more`. Nothing else gets into a document by such a name.
inline bool is_name(std::string_view text, std::string_view more = {}) noexcept {
  if (text.empty() || text.size() > 128) return false;
  for (const char character : text) {
    if (is_letter(character) || is_digit(character)) continue;
    if (character == '-' || character == '_' || character == '.') continue;
    if (more.find(character) == std::string_view::npos) return false;
  }
  return true;
}

/// A number of at most eighteen digits; -1 if it is none.
inline std::int64_t whole_number(std::string_view text) noexcept {
  if (text.empty() || text.size() > 18) return -1;
  std::int64_t number = 0;
  for (const char character : text) {
    if (!is_digit(character)) return -1;
    number = number * 10 + (character - '0');
  }
  return number;
}

}  // namespace xray::instrumentation
