// A value for each option, and what it makes of the options: the same whether it comes as a flag,
// from the environment or from cfg.yaml.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/options.hpp"

namespace xrayd::config {

struct OptionCase {
  const char* name;
  const char* value;
  std::function<bool(const Options&)> holds;
};

/// One for each row but --config.
const std::vector<OptionCase>& option_cases();

}  // namespace xrayd::config
