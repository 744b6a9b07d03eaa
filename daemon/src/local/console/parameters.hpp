// What several questions of the console read from their parameters.
#pragma once

#include <string>
#include <string_view>

#include "local/console/console_parameters.hpp"
#include "local/filter/filter.hpp"

namespace xrayd::local {

/// Empty where it is absent.
[[nodiscard]] std::string_view parameter(const ConsoleParameters& parameters,
                                         std::string_view name);

// These throw ConsoleError.

[[nodiscard]] double number_parameter(const ConsoleParameters& parameters, const std::string& name,
                                      double otherwise);
/// Seconds since 1970, moved into the years that have four digits.
[[nodiscard]] double time_parameter(const ConsoleParameters& parameters, const std::string& name,
                                    double otherwise);
/// `filter` and `group` together.
[[nodiscard]] Filter filter_parameter(const ConsoleParameters& parameters,
                                      const GroupFilters& groups);

}  // namespace xrayd::local
