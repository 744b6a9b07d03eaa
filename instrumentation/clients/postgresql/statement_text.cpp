#include "clients/postgresql/statement_text.hpp"

#include <cstddef>

XRAY_NAMESPACE_BEGIN
namespace clients::postgresql {
namespace {

constexpr std::string_view spaces = " \t\r\n\f\v";
constexpr std::size_t nowhere = std::string_view::npos;

bool begins_with(std::string_view text, std::string_view what) noexcept {
  return text.substr(0, what.size()) == what;
}

/// Behind a comment, which may have comments in it; all is gone where it does not end.
std::string_view behind_comment(std::string_view text) noexcept {
  std::size_t depth = 0;
  do {
    const bool opens = begins_with(text, "/*");
    const bool closes = begins_with(text, "*/");
    if (opens) ++depth;
    if (closes) --depth;
    text.remove_prefix(opens || closes ? 2 : 1);
  } while (depth != 0 && !text.empty());
  return text;
}

std::string_view from_first_word(std::string_view text) noexcept {
  while (true) {
    const std::size_t start = text.find_first_not_of(spaces);
    if (start == nowhere) return {};
    text.remove_prefix(start);
    if (begins_with(text, "--")) {
      const std::size_t end = text.find('\n');
      if (end == nowhere) return {};
      text.remove_prefix(end);
    } else if (begins_with(text, "/*")) {
      text = behind_comment(text);
    } else {
      return text;
    }
  }
}

}  // namespace

bool is_one_statement(std::string_view text) noexcept {
  const std::size_t semicolon = text.find(';');
  return semicolon == nowhere || text.find_first_not_of(spaces, semicolon + 1) == nowhere;
}

bool begins_with_copy(std::string_view text) noexcept {
  const std::string_view word = from_first_word(text).substr(0, 4);
  constexpr std::string_view copy = "copy";
  if (word.size() != copy.size()) return false;
  for (std::size_t i = 0; i < copy.size(); ++i) {
    if ((static_cast<unsigned char>(word[i]) | 0x20U) != static_cast<unsigned char>(copy[i])) {
      return false;
    }
  }
  return true;
}

}  // namespace clients::postgresql
XRAY_NAMESPACE_END
