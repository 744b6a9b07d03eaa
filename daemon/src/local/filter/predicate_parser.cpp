// The part of the parser that knows keywords, operators and values.
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include "local/filter/filter_error.hpp"
#include "local/filter/parser.hpp"
#include "local/json/json.hpp"

namespace xrayd::local::filters {
namespace {

constexpr KeywordRow annotation_row = {"annotation", Keyword::annotation, ValueKind::any, 0};

enum class NumberFault { none, no_number, out_of_range };

NumberFault read_number(std::string_view text, double& number) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return NumberFault::no_number;
  }
  // Without this, `inf` and `nan` would do.
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || (digits.front() != '.' && (digits.front() < '0' || digits.front() > '9'))) {
    return NumberFault::no_number;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) {
    return NumberFault::no_number;
  }
  if (error != std::errc{} || !std::isfinite(number)) return NumberFault::out_of_range;
  number += 0.0;  // -0 is 0, for indexes too
  return NumberFault::none;
}

// Without quotation marks: true, false, or nothing.
std::optional<bool> truth(std::string_view word) {
  if (same_word(word, "true")) return true;
  if (same_word(word, "false")) return false;
  return std::nullopt;
}

std::string operators_text(ValueKind kind) {
  std::string text;
  for (const Operator op : operators_of(kind)) {
    if (!text.empty()) text += " ";
    text += operator_text(op);
  }
  return text;
}

bool is_order(Operator op) {
  return op == Operator::less || op == Operator::less_or_equal || op == Operator::greater ||
         op == Operator::greater_or_equal;
}

bool is_search(Operator op) {
  return op == Operator::contains || op == Operator::begins_with || op == Operator::ends_with;
}

}  // namespace

std::optional<Operator> Parser::current_operator() const noexcept {
  if (current_.kind == Token::Kind::word) return word_operator(current_.source);
  if (current_.kind != Token::Kind::symbol) return std::nullopt;
  for (const Operator op : operators_of(ValueKind::number)) {
    if (current_.source == operator_text(op)) return op;
  }
  return std::nullopt;
}

bool Parser::predicate(Scope scope, Expression& out) {
  for (const std::string_view owner :
       {"annotation", "source.annotation", "destination.annotation"}) {
    const std::string_view word = current_.source;
    const bool goes_on = word.size() > owner.size() && word[owner.size()] == '.';
    if (same_word(word.substr(0, owner.size()), owner) &&
        (word.size() == owner.size() || goes_on)) {
      return annotation(scope, out);
    }
  }

  const KeywordRow* row = find_keyword(current_.source);
  if (row == nullptr) {
    if (word_operator(current_.source)) {
      return fail_expecting(current_, "a keyword before " + std::string(current_.source));
    }
    return fail("there is no keyword " + shown(current_.source));
  }
  if (!row->stands_in(scope)) {
    return fail("'" + std::string(row->name) + "' stands only in " + scopes_text(*row));
  }
  advance();
  out.keyword = row->keyword;
  return comparison(*row, out);
}

bool Parser::annotation(Scope scope, Expression& out) {
  constexpr auto scopes = static_cast<unsigned>(Scope::trace) |
                          static_cast<unsigned>(Scope::service) |
                          static_cast<unsigned>(Scope::edge);
  if ((static_cast<unsigned>(scope) & scopes) == 0) {
    return fail("annotations can't be asked for in " + std::string(scope_text(scope)));
  }
  std::string_view word = current_.source;
  if (same_word(word.substr(0, 7), "source.")) {
    out.owner = AnnotationOwner::source;
    word.remove_prefix(7);
  } else if (same_word(word.substr(0, 12), "destination.")) {
    out.owner = AnnotationOwner::destination;
    word.remove_prefix(12);
  }
  if (out.owner != AnnotationOwner::self && scope != Scope::edge) {
    return fail("annotations of a source or destination stand only in edge(...) { }");
  }
  word.remove_prefix(std::string_view("annotation").size());
  out.keyword = Keyword::annotation;
  if (!annotation_key(word, out)) return false;
  return comparison(annotation_row, out);
}

// `after_prefix` is empty, or the dot and the key.
bool Parser::annotation_key(std::string_view after_prefix, Expression& out) {
  if (!after_prefix.empty()) {
    const std::string_view key = after_prefix.substr(1);
    const std::size_t key_begin = current_.end - key.size();
    if (key.empty()) return fail(key_begin, "expected an annotation's key");
    if (const std::size_t dot = key.find('.'); dot != std::string_view::npos) {
      return fail(key_begin + dot, "a key with dots takes brackets: annotation[\"" +
                                       std::string(first_characters(key, 60)) + "\"]");
    }
    out.key = std::string(key);
    advance();
    return true;
  }

  advance();
  if (!current_.is("[")) return fail_expecting(current_, "'.' or '[' and an annotation's key");
  advance();
  const Token token = take_value();
  if (token.kind == Token::Kind::end) want(Expectations::annotation_key);
  if (token.kind == Token::Kind::text) {
    out.key = unquoted(token);
  } else if (token.kind == Token::Kind::word) {
    out.key = std::string(token.source);
  }
  if (out.key.empty()) return fail_expecting(token, "an annotation's key");
  return take("]", Expectations::close_bracket);
}

bool Parser::comparison(const KeywordRow& row, Expression& out) {
  const auto op = current_operator();
  if (!op) {
    if (at_end()) {
      want(Expectations::operators);
      if (expectations_ != nullptr) {
        expectations_->keyword = std::string(row.name);
        expectations_->key = out.key;
        expectations_->kind = row.kind;
      }
    }
    const bool is_boolean = row.kind == ValueKind::boolean;
    out.kind = is_boolean ? Expression::Kind::boolean : Expression::Kind::present;
    return true;
  }
  if (!takes(row.kind, *op)) {
    return fail("'" + std::string(operator_text(*op)) + "' is not for " + std::string(row.name) +
                ", which takes " + operators_text(row.kind));
  }
  out.op = *op;
  advance();
  return value(row, out);
}

bool Parser::value(const KeywordRow& row, Expression& out) {
  const Token token = take_value();
  if (token.kind == Token::Kind::end) {
    want(Expectations::value);
    if (expectations_ != nullptr) {
      expectations_->keyword = std::string(row.name);
      expectations_->key = out.key;
      expectations_->kind = row.kind;
      expectations_->op = out.op;
    }
  }
  switch (row.kind) {
    case ValueKind::boolean:
      return boolean_value(token, out);
    case ValueKind::number:
      return number_value(token, out);
    case ValueKind::text:
      return text_value(token, out);
    case ValueKind::any:
      break;
  }
  return annotation_value(token, out);
}

bool Parser::boolean_value(const Token& token, Expression& out) {
  std::optional<bool> flag;
  if (token.kind == Token::Kind::word) flag = truth(token.source);
  if (token.kind == Token::Kind::text) flag = truth(unquoted(token));
  if (!flag) return fail_expecting(token, "true or false");
  out.kind = Expression::Kind::boolean;
  out.flag = *flag == (out.op == Operator::equal);
  return true;
}

bool Parser::number_value(const Token& token, Expression& out) {
  if (token.kind != Token::Kind::word) return fail_expecting(token, "a number");
  switch (read_number(token.source, out.number)) {
    case NumberFault::none:
      out.kind = Expression::Kind::number;
      return true;
    case NumberFault::no_number:
      break;
    case NumberFault::out_of_range:
      return fail(token.begin, "this number is too large, or too small");
  }
  return fail_expecting(token, "a number");
}

bool Parser::text_value(const Token& token, Expression& out) {
  out.kind = Expression::Kind::text;
  if (token.kind == Token::Kind::text) {
    out.text = unquoted(token);
    return true;
  }
  double number = 0;
  if (token.kind != Token::Kind::word || truth(token.source) ||
      read_number(token.source, number) != NumberFault::no_number) {
    return fail_expecting(token, "text in quotation marks");
  }
  out.text = std::string(token.source);
  return true;
}

bool Parser::annotation_value(const Token& token, Expression& out) {
  if (is_order(out.op)) return number_value(token, out);
  if (is_search(out.op)) {
    if (!text_value(token, out)) return false;
    // The way to ask whether there is one, whatever its type.
    if (out.op == Operator::contains && out.text.empty()) out.kind = Expression::Kind::present;
    return true;
  }
  if (token.kind == Token::Kind::word) {
    if (truth(token.source)) return boolean_value(token, out);
    double number = 0;
    if (read_number(token.source, number) != NumberFault::no_number) {
      return number_value(token, out);
    }
  } else if (token.kind != Token::Kind::text) {
    return fail_expecting(token, "text, a number, true or false");
  }
  return text_value(token, out);
}

}  // namespace xrayd::local::filters
