// Short files that others may change at any time: tokens, profiles, metadata.
#pragma once

#include <cstddef>
#include <string>

#include "credentials/environment.hpp"

namespace xrayd::credentials {

struct FileText {
  bool absent = false;
  /// Empty if it was read; otherwise `PATH: why not`.
  std::string problem;
  /// May hold secrets.
  std::string text;
};

inline constexpr std::size_t longest_file = std::size_t{1} << 20U;

/// Ordinary files only: a pipe would keep us waiting. Longer ones than `longest` are a problem.
[[nodiscard]] FileText read_small_file(const std::string& path, std::size_t longest = longest_file);

/// `~/...` with the home that HOME or the user database names; other paths as they are.
[[nodiscard]] std::string with_home(const std::string& path, const Environment& environment);

}  // namespace xrayd::credentials
