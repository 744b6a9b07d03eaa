// The sanitised statement as it is written: spaces, lists, signs, and what was written last.
#pragma once

#include <cstddef>
#include <string_view>

#include <xray/config.hpp>

#include "sql/bounded_text.hpp"

XRAY_NAMESPACE_BEGIN
namespace sql {

inline bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

inline bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

inline bool is_name_part(char c) noexcept {
  return is_letter(c) || is_digit(c) || c == '$' || static_cast<unsigned char>(c) >= 0x80U;
}

/// Compares with a lower-case word, ignoring the case of ASCII letters.
inline bool same_word(std::string_view text, std::string_view lower) noexcept {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != lower[i]) return false;
  }
  return true;
}

/// Looking back takes the same few bytes whatever was written, except that what is taken back is
/// never looked at again: so the whole stays linear.
class StatementOutput {
 public:
  explicit StatementOutput(BoundedText& out) noexcept : out_(out) {}

  /// Spaces are written when something follows them.
  void space() noexcept { space_ = true; }

  void text(std::string_view text) noexcept {
    if (text.empty()) return;
    write_space();
    out_.append(text);
  }

  /// A `?` for a literal, unless it goes on a list of them.
  void literal() noexcept {
    escape_end_ = nowhere;
    if (const std::size_t end = before_comma(out_.size()); end == literal_end_) {
      out_.shrink(end);
      space_ = false;
      return;
    }
    write_space();
    out_.append('?');
    literal_end_ = out_.size();
  }

  /// A `?` for a number, which takes its sign with it where nothing is there to subtract from.
  void number() noexcept {
    for (;;) {
      const std::size_t end = without_space(out_.size());
      if (end == 0 || (out_[end - 1] != '-' && out_[end - 1] != '+')) break;
      if (!expects_operand(end - 1)) break;
      out_.shrink(end - 1);
      space_ = false;
    }
    literal();
  }

  /// The literal just written was one in which PostgreSQL knows escapes.
  void set_escape_string() noexcept { escape_end_ = out_.size(); }
  [[nodiscard]] bool after_escape_string() const noexcept { return out_.size() == escape_end_; }

  /// The literal just written is the last thing in parentheses, and the first too.
  [[nodiscard]] bool in_row_of_literals() const noexcept {
    return out_.size() == literal_end_ && literal_end_ >= 2 && out_[literal_end_ - 2] == '(';
  }

  /// Ends such a row; a row like it goes on a list of them.
  void end_row() noexcept {
    space_ = false;
    out_.append(')');
    if (out_.size() >= 3 && row_end_ != nowhere && before_comma(out_.size() - 3) == row_end_) {
      out_.shrink(row_end_);
      literal_end_ = nowhere;
    } else {
      row_end_ = out_.size();
    }
  }

  /// The last word written, if that is what was written last and it is a short one.
  [[nodiscard]] std::string_view last_word() const noexcept {
    return word_before(without_space(out_.size()));
  }
  [[nodiscard]] std::string_view word_before_last() const noexcept {
    return word_before(without_space(without_space(out_.size()) - last_word().size()));
  }

  /// Whether this is the last character written, but for a space.
  [[nodiscard]] bool ends_in(char c) const noexcept {
    const std::size_t end = without_space(out_.size());
    return end != 0 && out_[end - 1] == c;
  }
  [[nodiscard]] std::string_view view() const noexcept { return out_.view(); }
  [[nodiscard]] bool full() const noexcept { return out_.cut(); }

 private:
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
  static constexpr std::size_t longest_word = 12;

  void write_space() noexcept {
    if (space_ && !out_.empty()) out_.append(' ');
    space_ = false;
  }

  [[nodiscard]] std::size_t without_space(std::size_t end) const noexcept {
    return end != 0 && out_[end - 1] == ' ' ? end - 1 : end;
  }

  /// Where the text before a comma ends, if a comma is the last thing before `end`.
  [[nodiscard]] std::size_t before_comma(std::size_t end) const noexcept {
    end = without_space(end);
    if (end == 0 || out_[end - 1] != ',') return nowhere - 1;
    return without_space(end - 1);
  }

  [[nodiscard]] std::string_view word_before(std::size_t end) const noexcept {
    std::size_t begin = end;
    while (begin != 0 && end - begin <= longest_word && is_name_part(out_[begin - 1])) --begin;
    if (end - begin > longest_word) return {};
    return out_.view().substr(begin, end - begin);
  }

  /// Whether what was written before `end` has no value that a sign could join to the next.
  [[nodiscard]] bool expects_operand(std::size_t end) const noexcept {
    end = without_space(end);
    if (end == 0) return true;
    const char c = out_[end - 1];
    if (!is_name_part(c))
      return std::string_view("(,=<>*/%|&^~+-!;:[{").find(c) != std::string_view::npos;
    const std::string_view word = word_before(end);
    for (const std::string_view keyword :
         {"select", "and",      "or",    "not",    "between", "then", "else",
          "when",   "case",     "limit", "offset", "in",      "like", "return",
          "by",     "interval", "where", "having", "default", "set",  "to"}) {
      if (same_word(word, keyword)) return true;
    }
    return false;
  }

  BoundedText& out_;
  std::size_t literal_end_ = nowhere;  // where the last `?` of our own ends
  std::size_t row_end_ = nowhere;      // where the last `(?)` of our own ends
  std::size_t escape_end_ = nowhere;
  bool space_ = false;
};

}  // namespace sql
XRAY_NAMESPACE_END
