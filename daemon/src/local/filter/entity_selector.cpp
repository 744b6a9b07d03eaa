#include "local/filter/entity_selector.hpp"

#include <utility>

#include "local/filter/filter_error.hpp"
#include "local/filter/parser.hpp"

namespace xrayd::local {

bool NodePattern::matches(std::string_view node_name, std::string_view node_type,
                          std::string_view node_account) const noexcept {
  const auto is = [](std::string_view wanted, std::string_view text) {
    return wanted.empty() || wanted == text;
  };
  return is(name, node_name) && is(type, node_type) && is(account, node_account);
}

std::variant<EntitySelector, FilterError> EntitySelector::parse(std::string_view expression) {
  if (expression.size() > Filter::max_bytes) {
    return filters::error_at(expression, Filter::max_bytes, "this is longer than 8192 bytes");
  }
  filters::ParseContext context;
  filters::Parser parser(expression, context);
  auto selected = parser.selector();
  if (!selected) return parser.error();
  return std::move(*selected);
}

}  // namespace xrayd::local
