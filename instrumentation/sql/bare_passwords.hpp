// Passwords that may be written without quotes: IDENTIFIED BY tiger, SQLCipher's keys.
#pragma once

#include <cstddef>
#include <string_view>

#include <xray/config.hpp>

#include "sql/characters.hpp"
#include "sql/quoting.hpp"
#include "sql/statement_output.hpp"

XRAY_NAMESPACE_BEGIN
namespace sql {

template <Dialect For>
inline constexpr bool knows_identified_by = For == Dialect::mysql || For == Dialect::unknown;
template <Dialect For>
inline constexpr bool knows_pragma_key = For == Dialect::sqlite || For == Dialect::unknown;

/// Says no to nearly all words, quickly.
template <Dialect For>
bool may_precede_password(std::string_view word) noexcept {
  const char last = static_cast<char>(word.back() | 0x20);
  return last == 'y' && ((knows_identified_by<For> && word.size() == 2) ||
                         (knows_pragma_key<For> && word.size() >= 3 && word.size() <= 7));
}

/// Whether what follows the word just written, at `next`, is a password without quotes. Other words
/// may follow that: one cannot tell which of them are secret.
template <Dialect For, class Meter>
bool password_follows(std::string_view word, const StatementOutput& out, std::string_view text,
                      std::size_t next, Meter& meter) noexcept {
  if (word.size() == 2) {
    if (!same_word(word, "by") || !same_word(out.word_before_last(), "identified")) return false;
    const std::size_t begin = next;
    while (next < text.size() &&
           characters_of<For>.kinds[static_cast<unsigned char>(text[next])] == Kind::space) {
      ++next;
    }
    meter.add(next - begin);
    // Behind Oracle's in double quotes there may be the old one, without any.
    const char first = at(text, next);
    return first != '\'' && (For != Dialect::mysql || first != '"');
  }
  if (!same_word(word.substr(word.size() - 3), "key")) return false;
  const std::string_view statement = out.view().substr(0, 7);
  return same_word(statement, "pragma ") || same_word(out.word_before_last(), "pragma") ||
         (word.size() == 3 && same_word(statement, "attach "));
}

}  // namespace sql
XRAY_NAMESPACE_END
