#include "local/filter/parser.hpp"

#include <algorithm>
#include <utility>

#include "local/filter/filter_error.hpp"

namespace xrayd::local::filters {

// Parentheses, blocks, negations and groups that are open.
class Parser::Depth {
 public:
  explicit Depth(ParseContext& context) : context_(context) { ++context_.depth; }
  ~Depth() { --context_.depth; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

  [[nodiscard]] bool too_deep() const noexcept { return context_.depth > Filter::max_depth; }

 private:
  ParseContext& context_;
};

namespace {

constexpr std::string_view too_deep = "this is nested deeper than 100";

std::optional<CauseKind> cause_kind(std::string_view word) {
  if (same_word(word, "fault")) return CauseKind::fault;
  if (same_word(word, "error")) return CauseKind::error;
  if (same_word(word, "responsetime")) return CauseKind::response_time;
  return std::nullopt;
}

std::optional<CausePart> cause_part(std::string_view word) {
  if (same_word(word, "service")) return CausePart::service;
  if (same_word(word, "entity")) return CausePart::entity;
  if (same_word(word, "exception")) return CausePart::exception;
  return std::nullopt;
}

Scope scope_of(CauseKind kind, CausePart part) {
  switch (part) {
    case CausePart::service:
      return Scope::cause_service;
    case CausePart::exception:
      return Scope::cause_exception;
    case CausePart::entity:
      break;
  }
  return kind == CauseKind::response_time ? Scope::slow_entity : Scope::cause_entity;
}

}  // namespace

Parser::Parser(std::string_view text, ParseContext& context, Expectations* expectations)
    : lexer_(text), context_(context), expectations_(expectations) {
  go_on_at(0);
}

std::optional<Expression> Parser::filter() {
  if (at_end()) {
    want(Expectations::filter);
    return Expression{};
  }
  Expression expression;
  if (!alternatives(Scope::trace, expression)) return std::nullopt;
  if (!at_end()) {
    // Only what closes something ends a filter early.
    fail("'" + std::string(current_.source) + "' closes nothing");
    return std::nullopt;
  }
  return expression;
}

std::optional<EntitySelector> Parser::selector() {
  EntitySelector selected;
  const bool is_edge = at_word("edge");
  if (!is_edge && !at_word("service")) {
    fail("expected service(...) or edge(..., ...)");
    return std::nullopt;
  }
  advance();
  if (!entity(is_edge, selected)) return std::nullopt;
  if (!at_end()) {
    fail("expected nothing after the service or edge");
    return std::nullopt;
  }
  return selected;
}

bool Parser::alternatives(Scope scope, Expression& out) {
  std::vector<Expression> children;
  do {
    if (!children.empty()) advance();
    if (!conjunction(scope, children.emplace_back())) return false;
  } while (at_word("or"));
  out = joined(Expression::Kind::any, std::move(children));
  return true;
}

bool Parser::conjunction(Scope scope, Expression& out) {
  std::vector<Expression> children;
  for (;;) {
    if (!unary(scope, children.emplace_back())) return false;
    if (at_end()) {
      want(Expectations::connective | Expectations::filter);
      if (expectations_ != nullptr) expectations_->scope = scope;
    }
    if (at_end() || current_.is(")") || current_.is("}") || at_word("or")) break;
    if (at_word("and")) advance();
  }
  out = joined(Expression::Kind::all, std::move(children));
  return true;
}

bool Parser::unary(Scope scope, Expression& out) {
  if (!current_.is("!") && !at_word("not")) return primary(scope, out);
  const Depth depth(context_);
  if (depth.too_deep()) return fail(std::string(too_deep));
  advance();
  out.kind = Expression::Kind::negation;
  return unary(scope, out.children.emplace_back());
}

bool Parser::primary(Scope scope, Expression& out) {
  if (current_.is("(")) {
    const Depth depth(context_);
    if (depth.too_deep()) return fail(std::string(too_deep));
    advance();
    return alternatives(scope, out) && take(")", Expectations::close_parenthesis);
  }
  if (current_.kind != Token::Kind::word || at_word("and") || at_word("or")) {
    if (at_end()) {
      want(Expectations::filter);
      if (expectations_ != nullptr) expectations_->scope = scope;
    }
    return fail_expecting(current_, "a filter such as fault or http.url");
  }

  const bool of_root_causes = same_word(current_.source.substr(0, 10), "rootcause.");
  const bool of_groups = at_word("group.name") || at_word("group.arn");
  if (at_word("service") || at_word("edge") || at_word("json") || of_root_causes || of_groups) {
    if (scope != Scope::trace) {
      return fail("'" + std::string(current_.source) + "' can't stand in " +
                  std::string(scope_text(scope)));
    }
    if (of_root_causes) return root_cause(out);
    if (of_groups) return group(out);
    if (!at_word("json")) return service_or_edge(out);
    advance();
    return json(std::nullopt, out);
  }
  return predicate(scope, out);
}

bool Parser::service_or_edge(Expression& out) {
  const bool is_edge = at_word("edge");
  advance();
  EntitySelector selected;
  if (!entity(is_edge, selected)) return false;
  out.kind = is_edge ? Expression::Kind::edge : Expression::Kind::service;
  out.entity = std::make_unique<const EntitySelector>(std::move(selected));
  return optional_block(is_edge ? Scope::edge : Scope::service, out);
}

bool Parser::entity(bool is_edge, EntitySelector& out) {
  out.is_edge = is_edge;
  if (!take("(", Expectations::open_parenthesis)) return false;
  if (at_end()) want(Expectations::node | Expectations::close_parenthesis);
  if (!current_.is(")")) {
    if (!(is_edge && current_.is(",")) && !node(out.source)) return false;
    if (is_edge) {
      if (!take(",", Expectations::comma)) return false;
      if (at_end()) want(Expectations::node | Expectations::close_parenthesis);
      if (!current_.is(")") && !node(out.target)) return false;
    }
  }
  return take(")", Expectations::close_parenthesis);
}

bool Parser::node(NodePattern& out) {
  if (current_.kind == Token::Kind::text) {
    out.name = unquoted(current_);
    advance();
    return true;
  }
  if (!at_word("id")) {
    return fail_expecting(current_, "a name in quotation marks, or id(...)");
  }
  advance();
  return take("(", Expectations::open_parenthesis) && id_arguments(out) &&
         take(")", Expectations::close_parenthesis);
}

bool Parser::id_arguments(NodePattern& out) {
  std::vector<std::string> given;
  for (;;) {
    if (at_end()) {
      want(Expectations::id_argument);
      if (expectations_ != nullptr) expectations_->given = given;
    }
    std::string* field = at_word("name")         ? &out.name
                         : at_word("type")       ? &out.type
                         : at_word("account.id") ? &out.account
                                                 : nullptr;
    if (field == nullptr) return fail_expecting(current_, "name:, type: or account.id:");
    const std::string argument = field == &out.name   ? "name"
                                 : field == &out.type ? "type"
                                                      : "account.id";
    if (std::find(given.begin(), given.end(), argument) != given.end()) {
      return fail("'" + argument + "' is there twice");
    }
    given.push_back(argument);
    advance();
    if (!take(":", Expectations::colon)) return false;
    if (current_.kind != Token::Kind::text) {
      if (at_end()) {
        want(Expectations::id_value);
        if (expectations_ != nullptr) expectations_->argument = argument;
      }
      return fail_expecting(current_, "text in quotation marks");
    }
    *field = unquoted(current_);
    advance();
    if (at_end()) want(Expectations::comma);
    if (!current_.is(",")) return true;
    advance();
  }
}

bool Parser::optional_block(Scope scope, Expression& out) {
  if (at_end()) want(Expectations::block);
  if (!current_.is("{")) return true;
  const Depth depth(context_);
  if (depth.too_deep()) return fail(std::string(too_deep));
  advance();
  return alternatives(scope, out.children.emplace_back()) && take("}", Expectations::close_brace);
}

bool Parser::root_cause(Expression& out) {
  const std::size_t at = current_.begin;
  const std::string_view rest = current_.source.substr(10);
  const std::size_t dot = rest.find('.');
  const std::string_view kind_word = rest.substr(0, dot);
  const std::string_view part_word =
      dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
  advance();
  if (same_word(rest, "json")) return json(std::nullopt, out);
  const auto kind = cause_kind(kind_word);
  if (kind && same_word(part_word, "json")) return json(kind, out);
  const auto part = cause_part(part_word);
  if (!kind || !part) {
    return fail(at,
                "expected rootcause.json, or rootcause., one of fault, error, responsetime, and "
                "one of .service, .entity, .exception, .json");
  }
  out.kind = Expression::Kind::cause;
  out.cause = kind;
  out.part = *part;
  return optional_block(scope_of(*kind, *part), out);
}

bool Parser::at_word(std::string_view lower_case) const noexcept {
  return current_.kind == Token::Kind::word && same_word(current_.source, lower_case);
}

// Where completion is asked for, the word before the cursor isn't there yet.
Token Parser::unfinished(Token token) {
  const bool is_word = token.kind == Token::Kind::word || token.kind == Token::Kind::open_text;
  if (expectations_ == nullptr || !is_word || token.end != lexer_.expression().size()) {
    return token;
  }
  expectations_->word_begin = token.begin;
  token.kind = Token::Kind::end;
  return token;
}

void Parser::go_on_at(std::size_t byte) {
  after_ = byte;
  current_ = unfinished(lexer_.token(byte));
}

Token Parser::take_value() {
  const Token token = unfinished(lexer_.value(after_));
  if (token.kind != Token::Kind::end) go_on_at(token.end);
  return token;
}

bool Parser::take(std::string_view symbol, Expectations::What what) {
  if (current_.is(symbol)) {
    advance();
    return true;
  }
  if (at_end()) want(what);
  return fail_expecting(current_, "'" + std::string(symbol) + "'");
}

void Parser::want(unsigned what) {
  if (expectations_ != nullptr) expectations_->what |= what;
}

bool Parser::fail(std::size_t byte, std::string what) {
  error_ = error_at(lexer_.expression(), byte, std::move(what));
  return false;
}

bool Parser::fail_expecting(const Token& token, std::string what) {
  if (token.kind == Token::Kind::open_text) {
    return fail(token.begin, "this text has no closing quotation mark");
  }
  return fail(token.begin, "expected " + std::move(what));
}

}  // namespace xrayd::local::filters
