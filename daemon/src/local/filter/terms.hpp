// What an index may be asked before a trace is read.
#pragma once

#include <vector>

#include "local/filter/expression.hpp"
#include "local/filter/filter.hpp"

namespace xrayd::local::filters {

/// No trace that matches lacks one of them. At most 32.
[[nodiscard]] std::vector<FilterTerm> terms_of(const Expression& expression);

}  // namespace xrayd::local::filters
