#include "sql/message.hpp"

#include <xray/impl/utf8.hpp>

#include "sql/bounded_text.hpp"
#include "sql/sanitise.hpp"

XRAY_NAMESPACE_BEGIN
namespace sql {
namespace {

constexpr std::size_t longest_message = 1024;

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Those of the languages that servers speak. In an encoding other than UTF-8 nobody knows.
bool is_mark(const detail::Character& character) noexcept {
  if (!character.valid) return true;
  switch (character.code) {
    case U'"':
    case U'\'':
    case U'`':
    case U'\u00ab':  // guillemets, double and single
    case U'\u00bb':
    case U'\u2039':
    case U'\u203a':
    case U'\u300c':  // corner brackets
    case U'\u300d':
    case U'\u300e':
    case U'\u300f':
      return true;
    default:
      return character.code >= U'\u2018' && character.code <= U'\u201f';
  }
}

/// Whether the apostrophe at `place` is that of "doesn't".
bool is_apostrophe_of_not(std::string_view message, std::size_t place) noexcept {
  if (message[place] != '\'' || place == 0 || !is_letter(message[place - 1])) return false;
  const std::string_view behind = message.substr(place + 1);
  return !behind.empty() && behind[0] == 't' && (behind.size() == 1 || !is_letter(behind[1]));
}

std::string_view sanitised(std::string_view message, char* buffer, std::size_t capacity) noexcept {
  return sanitise(message, Dialect::unknown, buffer, capacity).text;
}

}  // namespace

std::string_view message_without_values(std::string_view message, char* buffer,
                                        std::size_t capacity) noexcept {
  std::size_t begin = message.size();
  std::size_t end = message.size();
  for (std::size_t i = 0; i < message.size();) {
    const auto character = detail::decode(message.substr(i));
    if (is_mark(character)) {
      if (begin == message.size()) begin = i;
      end = i + character.size;
    }
    i += character.size;
  }
  char kept[longest_message];
  BoundedText unquoted(kept, sizeof kept);
  unquoted.append(message.substr(0, begin));
  if (begin != message.size()) unquoted.append('?');
  unquoted.append(message.substr(end));
  unquoted.finish();
  return sanitised(unquoted.view(), buffer, capacity);
}

std::string_view message_until_values(std::string_view message, char* buffer,
                                      std::size_t capacity) noexcept {
  char kept[longest_message];
  BoundedText unquoted(kept, sizeof kept);
  for (std::size_t i = 0; i < message.size();) {
    const auto character = detail::decode(message.substr(i));
    if (!is_mark(character)) {
      unquoted.append(message.substr(i, character.size));
    } else if (is_apostrophe_of_not(message, i)) {
      // So written, it is no beginning of a literal either.
      unquoted.append("\u2019");
    } else {
      unquoted.append('?');
      break;
    }
    i += character.size;
  }
  unquoted.finish();
  return sanitised(unquoted.view(), buffer, capacity);
}

}  // namespace sql
XRAY_NAMESPACE_END
