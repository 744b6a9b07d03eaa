// Filter expressions: text in, tree or error out. Never throws but for want of memory, never goes
// deeper than Filter::max_depth.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "local/filter/expression.hpp"
#include "local/filter/filter.hpp"
#include "local/filter/lexer.hpp"

namespace xrayd::local::filters {

/// What could have come where a text ends, for completion.
struct Expectations {
  enum What : unsigned {
    filter = 1U << 0U,
    connective = 1U << 1U,
    block = 1U << 2U,
    operators = 1U << 3U,
    value = 1U << 4U,
    /// A service's name, or `id(`.
    node = 1U << 5U,
    id_argument = 1U << 6U,
    id_value = 1U << 7U,
    annotation_key = 1U << 8U,
    json = 1U << 9U,
    open_parenthesis = 1U << 10U,
    close_parenthesis = 1U << 11U,
    close_brace = 1U << 12U,
    close_bracket = 1U << 13U,
    comma = 1U << 14U,
    colon = 1U << 15U,
  };
  unsigned what = 0;
  /// Of filters and blocks.
  Scope scope = Scope::trace;
  /// Of operators and values: the keyword as it is known, the annotation's key.
  std::string keyword;
  std::string key;
  ValueKind kind = ValueKind::text;
  Operator op = Operator::none;
  /// Of id_value: `name`, `type`, `account.id`.
  std::string argument;
  /// Of id_argument: those that were given.
  std::vector<std::string> given;
  /// Where a word begins that the text ends with, in bytes.
  std::optional<std::size_t> word_begin;
};

/// What the filters of groups within one another have in common.
struct ParseContext {
  const GroupFilters* groups = nullptr;
  std::vector<std::string> open_groups;
  std::size_t depth = 0;
  /// Groups may stand for groups many times over: so much is read in all.
  std::size_t bytes_left = 16 * Filter::max_bytes;
};

class Parser {
 public:
  /// Everything must outlive the parser. With `expectations`, a word that touches the text's end
  /// counts as not there yet.
  Parser(std::string_view text, ParseContext& context, Expectations* expectations = nullptr);

  /// A whole filter; blank text makes one that always holds.
  [[nodiscard]] std::optional<Expression> filter();
  /// `service(...)` or `edge(..., ...)` without a block.
  [[nodiscard]] std::optional<EntitySelector> selector();
  /// Of what answered nothing.
  [[nodiscard]] const FilterError& error() const noexcept { return error_; }

 private:
  class Depth;

  // parser.cpp
  bool alternatives(Scope scope, Expression& out);
  bool conjunction(Scope scope, Expression& out);
  bool unary(Scope scope, Expression& out);
  bool primary(Scope scope, Expression& out);
  bool service_or_edge(Expression& out);
  bool entity(bool is_edge, EntitySelector& out);
  bool node(NodePattern& out);
  bool id_arguments(NodePattern& out);
  bool optional_block(Scope scope, Expression& out);
  bool root_cause(Expression& out);

  // predicate_parser.cpp
  bool predicate(Scope scope, Expression& out);
  bool annotation(Scope scope, Expression& out);
  bool annotation_key(std::string_view after_prefix, Expression& out);
  [[nodiscard]] std::optional<Operator> current_operator() const noexcept;
  bool comparison(const KeywordRow& row, Expression& out);
  bool value(const KeywordRow& row, Expression& out);
  bool boolean_value(const Token& token, Expression& out);
  bool number_value(const Token& token, Expression& out);
  bool text_value(const Token& token, Expression& out);
  bool annotation_value(const Token& token, Expression& out);

  // reference_parser.cpp
  bool json(std::optional<CauseKind> cause, Expression& out);
  bool group(Expression& out);
  [[nodiscard]] std::optional<Expression> group_filter(const std::string& name, std::size_t at);
  bool equality(std::string_view of, bool& equal);

  [[nodiscard]] bool at_end() const noexcept { return current_.kind == Token::Kind::end; }
  [[nodiscard]] bool at_word(std::string_view lower_case) const noexcept;
  [[nodiscard]] Token unfinished(Token token);
  void advance() { go_on_at(current_.end); }
  void go_on_at(std::size_t byte);
  /// Takes a value; its kind is `end` where there is none.
  Token take_value();
  bool take(std::string_view symbol, Expectations::What what);
  void want(unsigned what);
  bool fail(std::string what) { return fail(current_.begin, std::move(what)); }
  bool fail(std::size_t byte, std::string what);
  /// `what` is expected, and something else is there.
  bool fail_expecting(const Token& token, std::string what);

  Lexer lexer_;
  ParseContext& context_;
  Expectations* expectations_;
  /// Where the token before the current one ends.
  std::size_t after_ = 0;
  Token current_;
  FilterError error_;
};

}  // namespace xrayd::local::filters
