// Where quoted texts and comments end, as each database reads them.
#pragma once

#include <cstddef>
#include <string_view>

#include <xray/config.hpp>
#include <xray/impl/utf8.hpp>

#include "sql/characters.hpp"

XRAY_NAMESPACE_BEGIN
namespace sql {

/// No end, or not the same for all who may read it.
inline constexpr std::size_t no_end = static_cast<std::size_t>(-1);

inline std::size_t find(std::string_view text, char c, std::size_t from) noexcept {
  return from < text.size() ? text.find(c, from) : no_end;
}

inline char at(std::string_view text, std::size_t i) noexcept {
  return i < text.size() ? text[i] : '\0';
}

/// The end of a text begun before `from` in which a doubled quote stands for itself.
inline std::size_t end_of_doubled(std::string_view text, std::size_t from, char quote) noexcept {
  for (std::size_t i = find(text, quote, from); i != no_end; i = find(text, quote, i + 2)) {
    if (at(text, i + 1) != quote) return i + 1;
  }
  return no_end;
}

inline bool has_digit(std::string_view text) noexcept {
  return text.find_first_of("0123456789") != std::string_view::npos;
}

/// The end of a name in backticks that is words alone: whoever has no such quotes sees the same.
inline std::size_t end_of_simple_name(std::string_view text, std::size_t from) noexcept {
  const auto& characters = characters_of<Dialect::unknown>;
  bool in_word = false;
  std::size_t i = from;
  for (; i < text.size() && text[i] != '`'; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool is_word = in_word ? characters.in_word[byte] && byte != '$'
                                 : byte < 0x80U && characters.kinds[byte] == Kind::word;
    if (!is_word && byte != ' ') return no_end;
    in_word = is_word;
  }
  return at(text, i) == '`' && at(text, i + 1) != '`' ? i + 1 : no_end;
}

/// Whether the bytes before `end`, back to `begin`, end in something else than a character of
/// UTF-8: in another encoding, a backslash that follows may be the second half of a character.
inline bool ends_ill_formed(std::string_view text, std::size_t begin, std::size_t end) noexcept {
  for (std::size_t back = 1; back <= 4 && back <= end - begin; ++back) {
    const auto byte = static_cast<unsigned char>(text[end - back]);
    if ((byte & 0xC0U) == 0x80U) continue;
    const auto character = detail::decode(text.substr(end - back, back));
    return !character.valid || character.size != back;
  }
  return end != begin;
}

/// The same where a backslash escapes too. With `everywhere`, only if the text ends there for those
/// who know no escapes as well.
inline std::size_t end_of_escaped(std::string_view text, std::size_t from, char quote,
                                  bool everywhere) noexcept {
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == quote) {
      if (at(text, i + 1) != quote) return i + 1;
      ++i;
    } else if (text[i] == '\\') {
      const bool follows_other = i > from && static_cast<unsigned char>(text[i - 1]) >= 0x80U;
      if (everywhere && (follows_other || at(text, i + 1) == quote)) return no_end;
      if (follows_other && ends_ill_formed(text, from, i)) return no_end;
      ++i;
    }
  }
  return no_end;
}

/// The end of the line comment at `from`.
template <Dialect For>
std::size_t end_of_line(std::string_view text, std::size_t from) noexcept {
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '\n') return i;
    if (text[i] != '\r') continue;
    if constexpr (For == Dialect::postgresql) return i;
    if constexpr (For == Dialect::unknown) {
      if (at(text, i + 1) != '\n') return no_end;
    }
  }
  return text.size();
}

/// Whether the comment that begins at `from` is one that some servers read: an executable one, or
/// hints.
inline bool is_read_comment(std::string_view text, std::size_t from) noexcept {
  const char first = at(text, from + 2);
  return first == '!' || first == '+' || (first == 'M' && at(text, from + 3) == '!');
}

/// The end of the comment that begins with the two characters at `from`.
template <Dialect For>
std::size_t end_of_comment(std::string_view text, std::size_t from) noexcept {
  constexpr bool may_be_read = For == Dialect::mysql || For == Dialect::unknown;
  const bool read = may_be_read && is_read_comment(text, from);
  std::size_t depth = 1;
  std::size_t i = from + 2;
  while (i < text.size()) {
    const char c = text[i];
    const char next = at(text, i + 1);
    if (c == '*' && next == '/') {
      i += 2;
      if (--depth == 0) return i;
      continue;
    }
    const bool nests = c == '/' && next == '*';
    if (nests && (For == Dialect::unknown || read)) return no_end;
    if (nests && For == Dialect::postgresql) {
      ++depth;
      ++i;
    }
    if (read && (c == '\'' || c == '"' || c == '`' || c == '#' || (c == '-' && next == '-'))) {
      return no_end;
    }
    ++i;
  }
  return text.size();
}

/// How many characters two texts have in common at their beginning.
inline std::size_t in_common(std::string_view left, std::string_view right) noexcept {
  std::size_t i = 0;
  while (i < left.size() && i < right.size() && left[i] == right[i]) ++i;
  return i;
}

/// The end of PostgreSQL's `$tag$...$tag$`; `from` if none begins there.
template <class Meter>
std::size_t end_of_dollar_quoted(std::string_view text, std::size_t from, Meter& meter) noexcept {
  const auto& characters = characters_of<Dialect::postgresql>;
  std::size_t tag_end = from + 1;
  while (tag_end < text.size()) {
    const auto byte = static_cast<unsigned char>(text[tag_end]);
    if (byte == '$') break;
    if (!characters.in_word[byte]) return from;
    if (tag_end == from + 1 && characters.kinds[byte] == Kind::digit) return from;
    ++tag_end;
  }
  meter.add(tag_end - from);
  if (tag_end == text.size()) return from;
  const std::string_view tag = text.substr(from, tag_end + 1 - from);
  // A tag has dollars at its ends only, so no byte is compared more than twice.
  for (std::size_t i = find(text, '$', tag_end + 1); i != no_end; i = find(text, '$', i + 1)) {
    if constexpr (Meter::counts) meter.add(in_common(text.substr(i), tag));
    if (text.compare(i, tag.size(), tag) == 0) return i + tag.size();
  }
  return no_end;
}

}  // namespace sql
XRAY_NAMESPACE_END
