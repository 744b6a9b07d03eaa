// What the search for credentials takes from its surroundings.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "ascii.hpp"
#include "read_environment.hpp"

namespace xrayd::credentials {

/// What time it is. In seconds, because services may give credentials until the year 9999, which is
/// too far away to be counted in nanoseconds. Thread-safe.
using WallClock = std::function<std::chrono::sys_seconds()>;

/// The variable; empty where it is not set.
[[nodiscard]] inline std::string value_of(const Environment& environment, const char* name) {
  return environment ? environment(name).value_or(std::string()) : std::string();
}

/// Whether the variable is `true`, in any case.
[[nodiscard]] inline bool is_true(const Environment& environment, const char* name) {
  return same_in_any_case(value_of(environment, name), "true");
}

}  // namespace xrayd::credentials
