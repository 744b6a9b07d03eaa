// GetTimeSeriesServiceStatistics' `EntitySelectorExpression`: which node or edge is meant.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "local/filter/filter.hpp"

namespace xrayd::local {

/// Name, type and account of one end as the expression asks for them; empty texts ask for nothing.
struct NodePattern {
  std::string name;
  std::string type;
  std::string account;

  [[nodiscard]] bool matches(std::string_view node_name, std::string_view node_type,
                             std::string_view node_account) const noexcept;
};

/// `service(...)` or `edge(..., ...)`, without a block.
struct EntitySelector {
  bool is_edge = false;
  /// The service, or the edge's source.
  NodePattern source;
  NodePattern target;

  /// Nothing else may stand there. `service()` and `edge(,)` mean any.
  [[nodiscard]] static std::variant<EntitySelector, FilterError> parse(std::string_view expression);
};

}  // namespace xrayd::local
