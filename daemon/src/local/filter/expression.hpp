// Filter expressions as trees: made by the parser, walked by the evaluator.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "local/filter/entity_selector.hpp"
#include "local/filter/json_pattern.hpp"
#include "local/filter/keywords.hpp"

namespace xrayd::local::filters {

/// Whose annotation is meant; in `edge(...) {}` both ends have some.
enum class AnnotationOwner : std::uint8_t { self, source, destination };

enum class CauseKind : std::uint8_t { fault, error, response_time };

enum class CausePart : std::uint8_t { service, entity, exception };

/// Checked by the parser: evaluators need not ask whether an operator fits a keyword.
struct Expression {
  enum class Kind : std::uint8_t {
    /// All children hold; true where there is none.
    all,
    /// One of the children holds.
    any,
    /// The child does not hold.
    negation,
    /// The keyword has a value.
    present,
    /// The keyword's value is `flag`; `!=` is turned round by the parser.
    boolean,
    /// `op` with `number`.
    number,
    /// `op` with `text`.
    text,
    /// There is a node as `entity->source`; with a child: and one of its segments satisfies it.
    service,
    /// There is a call between such nodes; with a child: and it satisfies it.
    edge,
    /// There is such a part of a root cause; with a child: and it satisfies it.
    cause,
    /// There is a root cause of `cause` (of any kind without it), and, turned round for `!=`, it
    /// looks like `json`.
    json,
  };

  Kind kind = Kind::all;
  Keyword keyword = Keyword::ok;
  Operator op = Operator::none;
  bool flag = true;
  AnnotationOwner owner = AnnotationOwner::self;
  CausePart part = CausePart::service;
  std::optional<CauseKind> cause;
  double number = 0;
  std::string text;
  /// Of annotations.
  std::string key;
  std::unique_ptr<const EntitySelector> entity;
  std::unique_ptr<const JsonPattern> json;
  std::vector<Expression> children;
};

/// One of that kind; of a single child, the child itself.
[[nodiscard]] Expression joined(Expression::Kind kind, std::vector<Expression> children);

}  // namespace xrayd::local::filters
