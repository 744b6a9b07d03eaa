// Filter expressions in words, on demand: what a text means depends on what is expected.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xrayd::local::filters {

struct Token {
  enum class Kind : std::uint8_t {
    end,
    /// Letters, digits, `_`, `-` and dots: `http.url`.
    word,
    /// In quotation marks.
    text,
    /// One of `( ) { } [ ] , : ! = != < <= > >= #`.
    symbol,
    /// Something that begins nothing.
    unknown,
    /// A text without its end.
    open_text,
  };
  Kind kind = Kind::end;
  /// Where it stands in the expression, in bytes.
  std::size_t begin = 0;
  std::size_t end = 0;
  /// As it stands there.
  std::string_view source;

  [[nodiscard]] bool is(std::string_view symbol) const noexcept {
    return kind == Kind::symbol && source == symbol;
  }
};

class Lexer {
 public:
  explicit Lexer(std::string_view expression) : expression_(expression) {}

  [[nodiscard]] std::string_view expression() const noexcept { return expression_; }

  /// The token that begins at `at` or, after blanks, behind it.
  [[nodiscard]] Token token(std::size_t at) const noexcept;
  /// As above, where a value is expected: words take more characters (`AWS::DynamoDB`, `-2.5`).
  [[nodiscard]] Token value(std::size_t at) const noexcept;
  /// Where the array or object that begins at `at` ends; nothing where it doesn't.
  [[nodiscard]] std::optional<std::size_t> json_end(std::size_t at) const noexcept;

 private:
  [[nodiscard]] std::size_t skip_blanks(std::size_t at) const noexcept;
  [[nodiscard]] Token make(Token::Kind kind, std::size_t begin, std::size_t end) const noexcept;
  [[nodiscard]] Token quoted(std::size_t begin) const noexcept;

  std::string_view expression_;
};

/// What a token of kind text says: `\"` and `\\` stand for the second character, any other
/// backslash for itself.
[[nodiscard]] std::string unquoted(const Token& token);

/// Of words in names of keywords.
[[nodiscard]] bool is_word_character(char c) noexcept;
[[nodiscard]] bool is_value_character(char c) noexcept;

}  // namespace xrayd::local::filters
