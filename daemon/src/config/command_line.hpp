// From argv and the environment to one Options value.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "config/options.hpp"

namespace xrayd::config {

/// The program has nothing to run: it prints and exits.
struct EarlyExit {
  int status = 0;
  /// For standard output.
  std::string out;
  /// For standard error.
  std::string err;
};

/// Reads one environment variable; nothing if it isn't set.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// Flags win over the environment, which wins over the defaults. `arguments` excludes the program's
/// name. Wrong usage gives status 2 and one line that names option and value (never the value of
/// the token); help and version give status 0.
[[nodiscard]] std::variant<Options, EarlyExit> parse_command_line(
    std::span<const char* const> arguments, const Environment& environment);

}  // namespace xrayd::config
