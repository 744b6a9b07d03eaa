// The part of the parser that knows what stands outside of the expression: groups' filters, JSON.
#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "local/filter/filter_error.hpp"
#include "local/filter/parser.hpp"

namespace xrayd::local::filters {

bool Parser::equality(std::string_view of, bool& equal) {
  if (!current_.is("=") && !current_.is("!=")) {
    if (at_end()) {
      want(Expectations::operators);
      if (expectations_ != nullptr) {
        expectations_->keyword = std::string(of);
        expectations_->kind = ValueKind::boolean;
      }
    }
    return fail_expecting(current_, "= or !=");
  }
  equal = current_.is("=");
  advance();
  return true;
}

bool Parser::json(std::optional<CauseKind> cause, Expression& out) {
  out.kind = Expression::Kind::json;
  out.cause = cause;
  if (!equality("json", out.flag)) return false;
  if (!current_.is("#")) {
    if (at_end()) want(Expectations::json);
    return fail_expecting(current_, "# and JSON: #[{\"Services\": ...}]");
  }
  const std::size_t hash = current_.begin;
  advance();
  if (!current_.is("[") && !current_.is("{"))
    return fail_expecting(current_, "a JSON list or object");
  const auto end = lexer_.json_end(current_.begin);
  if (!end) return fail(hash, "this JSON has no end");
  auto parsed =
      JsonPattern::parse(lexer_.expression().substr(current_.begin, *end - current_.begin));
  if (auto* wrong = std::get_if<std::string>(&parsed)) return fail(hash, std::move(*wrong));
  out.json = std::make_unique<const JsonPattern>(std::move(std::get<JsonPattern>(parsed)));
  go_on_at(*end);
  return true;
}

bool Parser::group(Expression& out) {
  const bool by_name = at_word("group.name");
  const std::string keyword = by_name ? "group.name" : "group.arn";
  advance();
  bool equal = true;
  if (!equality(keyword, equal)) return false;
  const Token token = take_value();
  if (token.kind == Token::Kind::end) {
    want(Expectations::value);
    if (expectations_ != nullptr) {
      expectations_->keyword = keyword;
      expectations_->kind = ValueKind::text;
    }
  }
  if (token.kind != Token::Kind::text && token.kind != Token::Kind::word) {
    return fail_expecting(token, "a group in quotation marks");
  }
  // What is being completed belongs to no group's filter, and groups are not asked for.
  if (expectations_ != nullptr) return true;
  auto filter = group_filter(
      token.kind == Token::Kind::text ? unquoted(token) : std::string(token.source), token.begin);
  if (!filter) return false;
  if (equal) {
    out = std::move(*filter);
  } else {
    out.kind = Expression::Kind::negation;
    out.children.push_back(std::move(*filter));
  }
  return true;
}

std::optional<Expression> Parser::group_filter(const std::string& name, std::size_t at) {
  const auto wrong = [&](const std::string& what) {
    fail(at, "group " + shown(name) + " " + what);
    return std::nullopt;
  };
  auto& open = context_.open_groups;
  if (std::find(open.begin(), open.end(), name) != open.end()) return wrong("stands for itself");
  const auto text =
      context_.groups != nullptr && *context_.groups ? (*context_.groups)(name) : std::nullopt;
  if (!text) return wrong("does not exist");
  if (text->size() > Filter::max_bytes || text->size() > context_.bytes_left) {
    return wrong("stands for too long a filter");
  }
  if (context_.depth >= Filter::max_depth) return wrong("is nested deeper than 100");

  context_.bytes_left -= text->size();
  ++context_.depth;
  open.push_back(name);
  Parser parser(*text, context_);
  auto filter = parser.filter();
  open.pop_back();
  --context_.depth;
  if (!filter) {
    const FilterError& error = parser.error();
    return wrong("has a wrong filter: line " + std::to_string(error.line) + ", position " +
                 std::to_string(error.position) + ": " + error.what);
  }
  return filter;
}

}  // namespace xrayd::local::filters
