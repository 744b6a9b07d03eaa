// What a character may begin in a statement: one table a dialect, made by the compiler.
#pragma once

#include <cstddef>
#include <cstdint>

#include <xray/config.hpp>

#include "sql/dialect.hpp"

XRAY_NAMESPACE_BEGIN
namespace sql {

enum class Kind : std::uint8_t {
  plain,  // stands for itself
  word,
  digit,
  dot,
  space,
  quote,
  double_quote,
  backtick,
  bracket,
  bracket_end,
  parenthesis_end,
  dash,
  slash,
  hash,
  dollar,
  variable,  // ? : @ $ in front of a name or number that is no value
};

struct Characters {
  Kind kinds[256] = {};
  bool in_word[256] = {};

  constexpr explicit Characters(Dialect dialect) noexcept {
    for (std::size_t c = 0; c < 256; ++c) {
      const bool letter =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80U;
      const bool digit = c >= '0' && c <= '9';
      in_word[c] = letter || digit || c == '$';
      kinds[c] = letter ? Kind::word : digit ? Kind::digit : Kind::plain;
    }
    for (const char c : {' ', '\t', '\n', '\r', '\f', '\v', '\0'}) set(c, Kind::space);
    set('.', Kind::dot);
    set('\'', Kind::quote);
    set('"', Kind::double_quote);
    set(')', Kind::parenthesis_end);
    set('-', Kind::dash);
    set('/', Kind::slash);
    set('$', dialect == Dialect::mysql ? Kind::word : Kind::dollar);
    if (dialect != Dialect::postgresql) set('`', Kind::backtick);
    if (dialect == Dialect::sqlite || dialect == Dialect::unknown) set('[', Kind::bracket);
    if (dialect == Dialect::unknown) set(']', Kind::bracket_end);
    if (dialect == Dialect::mysql || dialect == Dialect::unknown) set('#', Kind::hash);
    if (dialect == Dialect::sqlite) {
      for (const char c : {'?', ':', '@', '$', '#'}) set(c, Kind::variable);
    }
  }

 private:
  constexpr void set(char c, Kind kind) noexcept { kinds[static_cast<unsigned char>(c)] = kind; }
};

template <Dialect For>
inline constexpr Characters characters_of{For};

}  // namespace sql
XRAY_NAMESPACE_END
