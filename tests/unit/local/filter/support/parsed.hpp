// Filters and their errors in one word, for tests.
#pragma once

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include "local/filter/filter.hpp"

namespace xrayd::local::test {

/// Throws where the expression is wrong.
inline Filter parsed(std::string_view expression, const GroupFilters& groups = nullptr) {
  auto filter = Filter::parse(expression, groups);
  if (const auto* error = std::get_if<FilterError>(&filter)) {
    throw std::invalid_argument(error->message);
  }
  return std::get<Filter>(std::move(filter));
}

/// `line:position: what`; empty where nothing is wrong.
inline std::string error_of(std::string_view expression, const GroupFilters& groups = nullptr) {
  const auto filter = Filter::parse(expression, groups);
  const auto* error = std::get_if<FilterError>(&filter);
  if (error == nullptr) return {};
  return std::to_string(error->line) + ":" + std::to_string(error->position) + ": " + error->what;
}

}  // namespace xrayd::local::test
