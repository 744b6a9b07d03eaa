// A command line, an environment and files, and what comes of them.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/command_line.hpp"

namespace xrayd::config {

using Variables = std::map<std::string, std::string>;

/// No file of this machine is read unless the places say so.
inline std::variant<Options, EarlyExit> parse(const std::vector<const char*>& arguments,
                                              Variables variables = {},
                                              const Places& places = {{}, "/nowhere"}) {
  variables.try_emplace("HOME", "/home/somebody");
  return parse_command_line(
      arguments,
      [&](const char* name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
      },
      places);
}

inline Options options(const std::vector<const char*>& arguments, const Variables& variables = {},
                       const Places& places = {{}, "/nowhere"}) {
  auto result = parse(arguments, variables, places);
  if (const auto* exit = std::get_if<EarlyExit>(&result)) {
    ADD_FAILURE() << exit->err;
    return {};
  }
  return std::get<Options>(result);
}

inline EarlyExit early_exit(const std::vector<const char*>& arguments,
                            const Variables& variables = {},
                            const Places& places = {{}, "/nowhere"}) {
  auto result = parse(arguments, variables, places);
  if (const auto* exit = std::get_if<EarlyExit>(&result)) return *exit;
  ADD_FAILURE() << "it was taken";
  return {};
}

}  // namespace xrayd::config
