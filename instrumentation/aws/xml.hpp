// One element of an XML answer, without an XML parser.
#pragma once

#include <cstddef>
#include <string_view>

#include "text.hpp"

namespace xray::instrumentation {

/// The text of the first element of the name that has no attributes and no elements in it; empty if
/// there is none, or its end is not there. Entities stay as they are. Linear time.
inline std::string_view xml_element(std::string_view text, std::string_view name) noexcept {
  while (!text.empty()) {
    const std::size_t start = text.find('<');
    if (start == std::string_view::npos) return {};
    text.remove_prefix(start + 1);
    if (!starts_with(text, name) || text.size() == name.size() || text[name.size()] != '>') {
      continue;
    }
    std::string_view rest = text.substr(name.size() + 1);
    const std::size_t end = rest.find('<');
    if (end == std::string_view::npos) return {};
    const std::string_view inside = rest.substr(0, end);
    rest.remove_prefix(end);
    if (starts_with(rest, "</") && starts_with(rest.substr(2), name) &&
        rest.substr(2 + name.size(), 1) == ">") {
      return trimmed(inside);
    }
  }
  return {};
}

/// The name of the outermost element; empty if it can't be seen.
inline std::string_view xml_root(std::string_view text) noexcept {
  while (true) {
    text = trimmed(text);
    if (text.size() < 2 || text.front() != '<') return {};
    if (text[1] != '?' && text[1] != '!') break;
    take_until(text, '>');
  }
  text.remove_prefix(1);
  std::size_t size = 0;
  while (size < text.size() && (is_letter(text[size]) || is_digit(text[size]))) ++size;
  return text.substr(0, size);
}

}  // namespace xray::instrumentation
