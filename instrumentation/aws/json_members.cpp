#include "json_members.hpp"

namespace xray::instrumentation {
namespace {

void skip_blanks(std::string_view& text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}

bool take(std::string_view& text, char wanted) noexcept {
  skip_blanks(text);
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

/// A string from its opening quote on; false if its end is not there.
bool take_string(std::string_view& text, std::string_view& inside) noexcept {
  if (!take(text, '"')) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      inside = text.substr(0, i);
      text.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

/// An object or array from its opening bracket on.
bool take_nested(std::string_view& text, std::string_view& value) noexcept {
  const std::string_view whole = text;
  std::size_t depth = 0;
  while (!text.empty()) {
    const char character = text.front();
    if (character == '"') {
      std::string_view ignored;
      if (!take_string(text, ignored)) return false;
      continue;
    }
    text.remove_prefix(1);
    if (character == '{' || character == '[') ++depth;
    if ((character == '}' || character == ']') && --depth == 0) {
      value = whole.substr(0, whole.size() - text.size());
      return true;
    }
  }
  return false;
}

/// A number or a literal; false if the text ends with it, since it may go on.
bool take_plain(std::string_view& text, std::string_view& value) noexcept {
  std::size_t size = 0;
  while (size < text.size() && (is_letter(text[size]) || is_digit(text[size]) ||
                                text[size] == '-' || text[size] == '+' || text[size] == '.')) {
    ++size;
  }
  if (size == 0 || size == text.size()) return false;
  value = text.substr(0, size);
  text.remove_prefix(size);
  return true;
}

bool take_value(std::string_view& text, std::string_view& value, JsonKind& kind) noexcept {
  skip_blanks(text);
  if (text.empty()) return false;
  switch (text.front()) {
    case '"':
      kind = JsonKind::string;
      return take_string(text, value);
    case '{':
      kind = JsonKind::object;
      return take_nested(text, value);
    case '[':
      kind = JsonKind::array;
      return take_nested(text, value);
    default:
      break;
  }
  if (!take_plain(text, value)) return false;
  if (is_digit(value.front()) || value.front() == '-') {
    kind = JsonKind::number;
    return true;
  }
  kind = value == "null" ? JsonKind::null : JsonKind::boolean;
  return value == "null" || value == "true" || value == "false";
}

/// Four hexadecimal digits; -1 if they are none.
int code_unit(std::string_view text) noexcept {
  if (text.size() < 4) return -1;
  int unit = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

bool append_code_point(FixedText<1024>& out, int point) noexcept {
  char bytes[4];
  std::size_t count = 0;
  const auto add = [&](int byte) { bytes[count++] = static_cast<char>(byte); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xC0 | point >> 6);
    add(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    add(0xE0 | point >> 12);
    add(0x80 | (point >> 6 & 0x3F));
    add(0x80 | (point & 0x3F));
  } else {
    add(0xF0 | point >> 18);
    add(0x80 | (point >> 12 & 0x3F));
    add(0x80 | (point >> 6 & 0x3F));
    add(0x80 | (point & 0x3F));
  }
  return out.append({bytes, count});
}

/// What follows `\u`: one code unit, or two that belong together.
bool append_unicode(FixedText<1024>& out, std::string_view& text) noexcept {
  int point = code_unit(text);
  if (point < 0) return false;
  text.remove_prefix(4);
  if (point >= 0xD800 && point < 0xDC00 && starts_with(text, "\\u")) {
    const int second = code_unit(text.substr(2));
    if (second < 0xDC00 || second > 0xDFFF) return false;
    point = 0x10000 + ((point - 0xD800) << 10) + (second - 0xDC00);
    text.remove_prefix(6);
  } else if (point >= 0xD800 && point < 0xE000) {
    return false;  // half of a pair
  }
  return append_code_point(out, point);
}

}  // namespace

JsonMembers::JsonMembers(std::string_view text) noexcept : rest_(text) {
  if (starts_with(rest_, "\xEF\xBB\xBF")) rest_.remove_prefix(3);
  if (!take(rest_, '{')) rest_ = {};
}

bool JsonMembers::next(JsonMember& member) noexcept {
  if (take(rest_, '}')) {
    at_end_ = true;
    rest_ = {};
    return false;
  }
  if (!take_string(rest_, member.name) || !take(rest_, ':') ||
      !take_value(rest_, member.value, member.kind)) {
    rest_ = {};
    return false;
  }
  skip_blanks(rest_);
  if (take(rest_, ',') || (!rest_.empty() && rest_.front() == '}')) return true;
  rest_ = {};
  // A value with a definite end is believed even if nothing follows it any more.
  return true;
}

std::int64_t count_elements(std::string_view array) noexcept {
  if (!take(array, '[')) return -1;
  if (take(array, ']')) return 0;
  for (std::int64_t count = 1;; ++count) {
    std::string_view value;
    JsonKind kind = JsonKind::null;
    if (!take_value(array, value, kind)) return -1;
    if (take(array, ']')) return count;
    if (!take(array, ',')) return -1;
  }
}

bool append_unescaped(FixedText<1024>& out, std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t escape = text.find('\\');
    if (!out.append(text.substr(0, escape))) return false;
    if (escape == std::string_view::npos) return true;
    if (escape + 1 >= text.size()) return false;
    const char code = text[escape + 1];
    text.remove_prefix(escape + 2);
    if (code == 'u') {
      if (!append_unicode(out, text)) return false;
      continue;
    }
    constexpr std::string_view codes = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    const std::size_t at = codes.find(code);
    if (at == std::string_view::npos || !out.append(meanings.substr(at, 1))) return false;
  }
  return true;
}

}  // namespace xray::instrumentation
