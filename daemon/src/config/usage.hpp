// What the program says about itself and its options.
#pragma once

#include <string>
#include <vector>

#include "config/options.hpp"

namespace xrayd::config {

struct OptionRow;

[[nodiscard]] std::string usage_text();
[[nodiscard]] std::string version_text();

/// What holds for one option, and who said so.
struct Standing {
  const OptionRow* row = nullptr;
  /// Empty: the default.
  std::string origin = {};
  std::vector<std::string> values = {};
};

/// What --check-config prints: a line an option, secrets masked.
[[nodiscard]] std::string standing_text(const std::vector<Standing>& standings,
                                        const Options& options);

}  // namespace xrayd::config
