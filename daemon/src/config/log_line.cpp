#include "config/log_line.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>

namespace xrayd::log {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

/// The level's name in the words that scripts know from the X-Ray daemon, and in JSON's.
struct LevelName {
  std::string_view text;
  std::string_view json;
};

LevelName name_of(Level level) {
  switch (level) {
    case Level::trace:
      return {"Trace", "trace"};
    case Level::debug:
      return {"Debug", "debug"};
    case Level::info:
      return {"Info", "info"};
    case Level::warn:
      return {"Warn", "warn"};
    case Level::error:
      break;
  }
  return {"Error", "error"};
}

/// How many bytes the character at the front of `text` has; 0 if that is no UTF-8.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  // Longer than need be, halves of pairs, beyond Unicode's end.
  const bool is_wrong = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                        (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
  return is_wrong ? 0 : size;
}

void append_byte(std::string& out, std::string_view prefix, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += prefix;
  out += hex_digits[byte >> 4U];
  out += hex_digits[byte & 0xfU];
}

/// Beyond ASCII, what ends a line for some readers or steers a terminal: the control characters up
/// to U+009F, and U+2028 and U+2029.
bool is_foreign_control(std::string_view character) {
  return (character.front() == '\xc2' && static_cast<unsigned char>(character.back()) < 0xa0) ||
         character == "\xe2\x80\xa8" || character == "\xe2\x80\xa9";
}

void append_printable(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
    const char c = text.front();
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f || size == 0 || is_foreign_control(character)) {
      for (const char part : character) append_byte(out, "\\x", part);
    } else {
      out += character;
    }
    text.remove_prefix(character.size());
  }
}

void append_json_text(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    const char c = text.front();
    const auto byte = static_cast<unsigned char>(c);
    if (size == 0) {
      out += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      append_byte(out, "\\u00", c);
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
}

}  // namespace

std::string_view TimeText::at(std::chrono::system_clock::time_point time) {
  const std::time_t second = std::chrono::system_clock::to_time_t(time);
  if (second == second_ && !text_.empty()) return text_;
  std::tm local{};
  localtime_r(&second, &local);
  std::array<char, 40> buffer{};
  const std::size_t size = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%S", &local);
  text_.assign(buffer.data(), size);
  const long minutes = local.tm_gmtoff / 60;
  if (minutes == 0) {
    text_ += 'Z';
  } else {
    const long distance = minutes < 0 ? -minutes : minutes;
    const int length = std::snprintf(buffer.data(), buffer.size(), "%c%02ld:%02ld",
                                     minutes < 0 ? '-' : '+', distance / 60, distance % 60);
    text_.append(buffer.data(), static_cast<std::size_t>(length));
  }
  second_ = second;
  return text_;
}

void append_line(std::string& out, Format format, std::string_view time, Level level,
                 std::string_view message) {
  const LevelName name = name_of(level);
  if (format == Format::json) {
    out += R"({"time":")";
    out += time;
    out += R"(","level":")";
    out += name.json;
    out += R"(","message":")";
    append_json_text(out, message);
    out += "\"}\n";
    return;
  }
  out += time;
  out += " [";
  out += name.text;
  out += "] ";
  append_printable(out, message);
  out += '\n';
}

std::string line(Level level, std::string_view message) {
  std::string out;
  append_line(out, Format::text, TimeText().at(std::chrono::system_clock::now()), level, message);
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_printable(out, text);
  return out;
}

}  // namespace xrayd::log
