// The flags that belong to one command, not to the daemon: no variable and no key stands for them.
#pragma once

#include <span>
#include <string_view>

#include "config/options.hpp"

namespace xrayd::config {

struct CommandFlag {
  Command command;
  /// Spellings, as in `-o,--output`.
  const char* flags;
  /// What stands in the help text as its kind of value; empty: the flag alone means true.
  const char* value;
  const char* meaning;
  /// Checks the value and writes it into the options; throws BadValue.
  void (*apply)(StoreCommandOptions& options, std::string_view value);
};

[[nodiscard]] std::span<const CommandFlag> command_flags();

}  // namespace xrayd::config
