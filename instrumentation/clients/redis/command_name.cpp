#include "clients/redis/command_name.hpp"

#include <cstring>

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace redis {
namespace {

/// Longer words are no command's name.
constexpr std::size_t longest = 32;

std::string_view bounded(const char* text) noexcept {
  return {text, ::strnlen(text, longest + 1)};
}

/// Of the word at the beginning, up to a space or the end.
std::string_view first_word(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin);
  return text.substr(0, text.find_first_of(" \r\n"));
}

/// Takes a line such as "*2\r\n" off the text.
bool skip_number(std::string_view& text, char mark) noexcept {
  if (text.empty() || text.front() != mark) return false;
  const std::size_t end = text.find("\r\n");
  if (end == std::string_view::npos) return false;
  text.remove_prefix(end + 2);
  return true;
}

}  // namespace

CommandName name_of_word(std::string_view word) noexcept {
  CommandName name;
  if (word.size() > longest) return name;
  char capitals[longest];
  for (std::size_t i = 0; i < word.size(); ++i) {
    char c = word[i];
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if ((c < 'A' || c > 'Z') && c != '.') return name;
    capitals[i] = c;
  }
  name.append({capitals, word.size()});
  return name;
}

CommandName name_of_format(const char* format, va_list arguments) noexcept {
  if (format == nullptr) return {};
  while (*format == ' ') ++format;
  const bool is_argument = format[0] == '%' && (format[1] == 's' || format[1] == 'b') &&
                           (format[2] == ' ' || format[2] == '\0');
  if (!is_argument) return name_of_word(first_word(bounded(format)));
  va_list copy;
  va_copy(copy, arguments);
  const char* const text = va_arg(copy, const char*);
  std::string_view word;
  if (text != nullptr) {
    word = format[1] == 'b' ? std::string_view(text, va_arg(copy, std::size_t)) : bounded(text);
  }
  va_end(copy);
  return name_of_word(word);
}

CommandName name_of_arguments(int count, const char* const* arguments,
                              const std::size_t* sizes) noexcept {
  if (count < 1 || arguments == nullptr || arguments[0] == nullptr) return {};
  return name_of_word(sizes != nullptr ? std::string_view(arguments[0], sizes[0])
                                       : bounded(arguments[0]));
}

CommandName name_of_wire(const char* text, std::size_t size) noexcept {
  if (text == nullptr) return {};
  std::string_view rest(text, size < 100 ? size : 100);
  if (skip_number(rest, '*') && !skip_number(rest, '$')) return {};
  // A word that was cut is one that is too long.
  return name_of_word(first_word(rest));
}

bool opens_stream(const CommandName& name) noexcept {
  static constexpr std::string_view streams[] = {
      "SUBSCRIBE",    "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE",
      "SUNSUBSCRIBE", "MONITOR",    "SYNC",       "PSYNC",
  };
  for (const std::string_view stream : streams) {
    if (name == stream) return true;
  }
  return false;
}

}  // namespace redis
}  // namespace clients
XRAY_NAMESPACE_END
