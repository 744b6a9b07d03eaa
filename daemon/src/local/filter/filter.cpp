#include "local/filter/filter.hpp"

#include <utility>

#include "local/filter/evaluator.hpp"
#include "local/filter/expression.hpp"
#include "local/filter/filter_error.hpp"
#include "local/filter/parser.hpp"
#include "local/filter/terms.hpp"

namespace xrayd::local {

struct Filter::Expression {
  filters::Expression tree;
  std::vector<FilterTerm> terms;
};

Filter::Filter(std::shared_ptr<const Expression> expression) : expression_(std::move(expression)) {
}

std::variant<Filter, FilterError> Filter::parse(std::string_view expression,
                                                const GroupFilters& groups) {
  if (expression.size() > max_bytes) {
    return filters::error_at(expression, max_bytes, "this is longer than 8192 bytes");
  }
  filters::ParseContext context;
  context.groups = &groups;
  filters::Parser parser(expression, context);
  auto tree = parser.filter();
  if (!tree) return parser.error();
  // Nothing was asked for, or groups that ask for nothing.
  if (tree->kind == filters::Expression::Kind::all && tree->children.empty()) return Filter();
  auto terms = filters::terms_of(*tree);
  return Filter(std::make_shared<const Expression>(Expression{std::move(*tree), std::move(terms)}));
}

bool Filter::matches(const TraceRecord& record, std::string_view account) const {
  return expression_ == nullptr || filters::holds(expression_->tree, record, account);
}

bool Filter::is_everything() const noexcept {
  return expression_ == nullptr;
}

const std::vector<FilterTerm>& Filter::terms() const noexcept {
  static const std::vector<FilterTerm> none;
  return expression_ == nullptr ? none : expression_->terms;
}

}  // namespace xrayd::local
