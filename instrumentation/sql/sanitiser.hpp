// Reads a statement once, from its beginning to its end, and writes what may be shown of it.
#pragma once

#include <cstddef>
#include <string_view>

#include <xray/config.hpp>

#include "sql/bare_passwords.hpp"
#include "sql/bounded_text.hpp"
#include "sql/characters.hpp"
#include "sql/meter.hpp"
#include "sql/quoting.hpp"
#include "sql/sqlite_names.hpp"
#include "sql/statement_output.hpp"
#include "sql/statement_reader.hpp"

XRAY_NAMESPACE_BEGIN
namespace sql {

template <Dialect For, class Meter>
class Sanitiser : StatementReader {
 public:
  Sanitiser(std::string_view text, BoundedText& out, Meter& meter) noexcept
      : StatementReader(text, out), meter_(meter) {}

  void run() noexcept {
    while (at_ < text_.size() && !out_.full()) {
      const std::size_t before = at_;
      step();
      meter_.add(at_ - before);
    }
    flush();
  }

 private:
  static constexpr bool sqlite = For == Dialect::sqlite;
  static constexpr bool postgresql = For == Dialect::postgresql;
  static constexpr bool mysql = For == Dialect::mysql;
  static constexpr bool unknown = For == Dialect::unknown;

  static Kind kind_of(char c) noexcept {
    return characters_of<For>.kinds[static_cast<unsigned char>(c)];
  }
  static bool in_word(char c) noexcept {
    return characters_of<For>.in_word[static_cast<unsigned char>(c)];
  }

  void step() noexcept {
    switch (kind_of(text_[at_])) {
      case Kind::plain:
        ++at_;
        break;
      case Kind::word:
        word();
        break;
      case Kind::digit:
        number();
        break;
      case Kind::dot:
        dot();
        break;
      case Kind::space:
        space();
        break;
      case Kind::quote:
        quote();
        break;
      case Kind::double_quote:
        double_quote();
        break;
      case Kind::backtick:
        backtick();
        break;
      case Kind::bracket:
        bracket();
        break;
      case Kind::bracket_end:
        bracket_end();
        break;
      case Kind::parenthesis_end:
        parenthesis_end();
        break;
      case Kind::dash:
        dash();
        break;
      case Kind::slash:
        slash();
        break;
      case Kind::hash:
        hash();
        break;
      case Kind::dollar:
        dollar();
        break;
      case Kind::variable:
        variable();
        break;
    }
  }

  void space() noexcept {
    if (text_[at_] == ' ' && !run_is_empty() && at_ + 1 < text_.size()) {
      const Kind next = kind_of(text_[at_ + 1]);
      if (next != Kind::space && next != Kind::dash && next != Kind::slash && next != Kind::hash) {
        ++at_;
        return;
      }
    }
    flush();
    out_.space();
    std::size_t end = at_ + 1;
    while (end < text_.size() && kind_of(text_[end]) == Kind::space) ++end;
    skip_to(end);
  }

  void word() noexcept {
    word_ = at_;
    std::size_t end = at_ + 1;
    while (end < text_.size() && in_word(text_[end])) ++end;
    if constexpr (unknown) {
      // Signs of currencies are letters to the table, and sums of money are literals.
      if (static_cast<unsigned char>(text_[at_]) >= 0x80U &&
          has_digit(text_.substr(at_, end - at_))) {
        literal_to(end);
        return;
      }
    }
    at_ = word_end_ = end;
    if constexpr (!postgresql) {
      const std::string_view word = text_.substr(word_, end - word_);
      if (!may_precede_password<For>(word)) return;
      flush();
      if (password_follows<For>(word, out_, text_, at_, meter_)) {
        out_.space();
        swallow_rest();
      }
    }
  }

  /// All that could belong to the number, as names cannot begin with a digit everywhere.
  void number() noexcept {
    flush();
    std::size_t end = at_ + 1;
    for (; end < text_.size(); ++end) {
      const char c = text_[end];
      if ((in_word(c) && c != '$') || c == '.') continue;
      const bool exponent =
          (c == '+' || c == '-') && (text_[end - 1] == 'e' || text_[end - 1] == 'E');
      const char next = at(text_, end + 1);
      if (!exponent || !is_digit(next)) break;
    }
    out_.number();
    skip_to(end);
    // `1E'...'`: was that a number's end or a text's beginning?
    if (peek(0) == '\'' && is_letter(text_[end - 1])) swallow_rest();
  }

  void dot() noexcept {
    if (is_digit(peek(1)) && (run_is_empty() || !in_word(text_[at_ - 1]))) {
      number();
    } else {
      ++at_;
    }
  }

  void quote() noexcept {
    bool escapes = mysql || unknown;
    if constexpr (postgresql) escapes = run_is_empty() && out_.after_escape_string();
    if (word_end_ == at_ && !run_is_empty()) {
      const std::size_t length = at_ - word_;
      // A letter's case is one bit.
      const char first = static_cast<char>(text_[word_] | 0x20);
      const bool is_prefix =
          length == 1 && (first == 'e' || first == 'n' || first == 'b' || first == 'x');
      // Oracle's q'[it's]'
      const bool is_delimited = unknown && (text_[at_ - 1] | 0x20) == 'q' && length <= 2;
      if (is_prefix || is_delimited) {
        flush_to(word_);
        run_ = at_;
      }
      if (is_delimited) {
        swallow_rest();
        return;
      }
      escapes = escapes || (postgresql && is_prefix && first == 'e');
    }
    const bool was_literal = string(escapes);
    if (postgresql && escapes && was_literal) out_.set_escape_string();
  }

  /// False if it took all the rest.
  bool string(bool escapes) noexcept {
    const char quote = text_[at_];
    // Some have texts in three quotes.
    const bool unclear = unknown && (bracket_ || (peek(1) == quote && peek(2) == quote));
    const std::size_t end = unclear   ? no_end
                            : escapes ? end_of_escaped(text_, at_ + 1, quote, unknown)
                                      : end_of_doubled(text_, at_ + 1, quote);
    literal_or_rest(end);
    return end != no_end;
  }

  void double_quote() noexcept {
    if constexpr (postgresql) {
      keep_to(end_of_doubled(text_, at_ + 1, '"'));
    } else if constexpr (sqlite) {
      flush();
      const std::size_t end = end_of_doubled(text_, at_ + 1, '"');
      const bool is_part =
          out_.ends_in('.') || (at(text_, end) == '.' && !is_digit(at(text_, end + 1)));
      if (is_part || only_name_may_follow(out_)) {
        keep_to(end);
      } else {
        literal_or_rest(end);
      }
    } else {
      string(true);
    }
  }

  void backtick() noexcept {
    if constexpr (unknown) {
      keep_to(bracket_ ? no_end : end_of_simple_name(text_, at_ + 1));
    } else {
      keep_to(end_of_doubled(text_, at_ + 1, '`'));
    }
  }

  void bracket() noexcept {
    if constexpr (sqlite) {
      const std::size_t end = find(text_, ']', at_ + 1);
      keep_to(end == no_end ? no_end : end + 1);
    } else {
      bracket_ = true;
      ++at_;
    }
  }

  /// Only for `unknown`, which reads what is in brackets, but believes no quote in it.
  void bracket_end() noexcept {
    if (peek(1) == ']') {
      at_ += 2;
    } else {
      bracket_ = false;
      ++at_;
    }
  }

  void parenthesis_end() noexcept {
    if (run_is_empty() && out_.in_row_of_literals()) {
      out_.end_row();
      skip_to(at_ + 1);
    } else {
      ++at_;
    }
  }

  void dash() noexcept {
    if (peek(1) != '-') {
      ++at_;
      return;
    }
    // MySQL wants a space behind the dashes of a comment.
    const char behind = peek(2);
    const bool is_comment =
        kind_of(behind) == Kind::space ||
        (mysql && (static_cast<unsigned char>(behind) < 0x20U || behind == 0x7f));
    if (unknown && (!is_comment || bracket_)) {
      swallow_rest();
    } else if (mysql && !is_comment) {
      ++at_;
    } else {
      comment_to(end_of_line<For>(text_, at_ + 2));
    }
  }

  void slash() noexcept {
    if (peek(1) != '*') {
      ++at_;
    } else if (unknown && bracket_) {
      swallow_rest();
    } else {
      comment_to(end_of_comment<For>(text_, at_));
    }
  }

  void hash() noexcept {
    if constexpr (mysql) {
      comment_to(end_of_line<For>(text_, at_ + 1));
    } else {
      swallow_rest();
    }
  }

  /// `$1` and PostgreSQL's `$tag$`. For `unknown`, `$5` may be money.
  void dollar() noexcept {
    if (is_digit(peek(1))) {
      if constexpr (unknown) {
        number();
        if (peek(0) == '(') swallow_rest();  // as behind variables
      } else {
        ++at_;
        while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
      }
      return;
    }
    const std::size_t end = end_of_dollar_quoted(text_, at_, meter_);
    if (end == at_) {
      variable();
    } else if (unknown) {
      swallow_rest();
    } else {
      literal_or_rest(end);
    }
  }

  /// SQLite's ?1, :a, @a, $a. Brackets behind them (Tcl's arrays) may have anything in them.
  void variable() noexcept {
    const bool named = text_[at_] != '?';
    ++at_;
    const std::size_t begin = at_;
    while (at_ < text_.size() && in_word(text_[at_]) && (named || is_digit(text_[at_]))) {
      ++at_;
    }
    if (!postgresql && named && at_ != begin && peek(0) == '(') swallow_rest();
  }

  Meter& meter_;
  std::size_t word_ = 0;  // the last word, and where it ended
  std::size_t word_end_ = no_end;
  bool bracket_ = false;
};

}  // namespace sql
XRAY_NAMESPACE_END
