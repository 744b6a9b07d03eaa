#include "local/filter/lexer.hpp"

namespace xrayd::local::filters {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool begins_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80U;
}

}  // namespace

bool is_word_character(char c) noexcept {
  return begins_word(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

bool is_value_character(char c) noexcept {
  return is_word_character(c) || std::string_view(":/@+%*").find(c) != std::string_view::npos;
}

std::size_t Lexer::skip_blanks(std::size_t at) const noexcept {
  while (at < expression_.size() && is_blank(expression_[at])) ++at;
  return at;
}

Token Lexer::make(Token::Kind kind, std::size_t begin, std::size_t end) const noexcept {
  return {kind, begin, end, expression_.substr(begin, end - begin)};
}

Token Lexer::quoted(std::size_t begin) const noexcept {
  for (std::size_t at = begin + 1; at < expression_.size(); ++at) {
    if (expression_[at] == '"') return make(Token::Kind::text, begin, at + 1);
    if (expression_[at] == '\\' && at + 1 < expression_.size() &&
        (expression_[at + 1] == '"' || expression_[at + 1] == '\\')) {
      ++at;
    }
  }
  return make(Token::Kind::open_text, begin, expression_.size());
}

Token Lexer::token(std::size_t at) const noexcept {
  const std::size_t begin = skip_blanks(at);
  if (begin >= expression_.size()) return make(Token::Kind::end, begin, begin);
  const char c = expression_[begin];
  if (c == '"') return quoted(begin);
  if (begins_word(c)) {
    std::size_t end = begin + 1;
    while (end < expression_.size() && is_word_character(expression_[end])) ++end;
    return make(Token::Kind::word, begin, end);
  }
  if (c == '!' || c == '<' || c == '>') {
    const bool with_equal = begin + 1 < expression_.size() && expression_[begin + 1] == '=';
    return make(Token::Kind::symbol, begin, begin + (with_equal ? 2 : 1));
  }
  if (std::string_view("(){}[],:=#").find(c) != std::string_view::npos) {
    return make(Token::Kind::symbol, begin, begin + 1);
  }
  return make(Token::Kind::unknown, begin, begin + 1);
}

Token Lexer::value(std::size_t at) const noexcept {
  const std::size_t begin = skip_blanks(at);
  std::size_t end = begin;
  while (end < expression_.size() && is_value_character(expression_[end])) ++end;
  return end > begin ? make(Token::Kind::word, begin, end) : token(at);
}

std::optional<std::size_t> Lexer::json_end(std::size_t at) const noexcept {
  std::size_t depth = 0;
  bool in_text = false;
  for (; at < expression_.size(); ++at) {
    const char c = expression_[at];
    if (in_text) {
      if (c == '\\') ++at;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      if (depth <= 1) return depth == 1 ? std::optional(at + 1) : std::nullopt;
      --depth;
    }
  }
  return std::nullopt;
}

std::string unquoted(const Token& token) {
  const std::string_view inner = token.source.substr(1, token.source.size() - 2);
  std::string text;
  text.reserve(inner.size());
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] == '\\' && i + 1 < inner.size() && (inner[i + 1] == '"' || inner[i + 1] == '\\')) {
      ++i;
    }
    text += inner[i];
  }
  return text;
}

}  // namespace xrayd::local::filters
