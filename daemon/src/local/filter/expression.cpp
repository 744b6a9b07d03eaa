#include "local/filter/expression.hpp"

#include <utility>

namespace xrayd::local::filters {

Expression joined(Expression::Kind kind, std::vector<Expression> children) {
  if (children.size() == 1) {
    // Not returned in place: it would be moved out of the list that dies with it.
    Expression only = std::move(children.front());
    return only;
  }
  Expression expression;
  expression.kind = kind;
  expression.children = std::move(children);
  return expression;
}

}  // namespace xrayd::local::filters
