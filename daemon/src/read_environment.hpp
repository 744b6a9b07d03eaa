// How the parts of the daemon read the environment, so that tests can give them one of their own.
#pragma once

#include <cstdlib>
#include <functional>
#include <optional>
#include <string>

namespace xrayd {

/// Reads one variable; nothing if it isn't set. Thread-safe as long as nobody sets any.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// The process's own.
[[nodiscard]] inline std::optional<std::string> read_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace xrayd
