// The command line in the syntax of Go's flag package, which scripts for Amazon's daemon use.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/command_flags.hpp"
#include "config/option_values.hpp"

namespace xrayd::config {

/// A command line that is wrong; what() is one line.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct GivenFlag {
  const OptionRow* row = nullptr;
  /// As it was typed, with one dash and without its value: `-b`, `-bind`.
  std::string spelling;
  std::string value;
};

struct GivenCommandFlag {
  const CommandFlag* row = nullptr;
  std::string spelling;
  std::string value;
};

struct Arguments {
  /// In their order, unchecked.
  std::vector<GivenFlag> flags;
  std::vector<GivenCommandFlag> command_flags;
  /// What `import` is to read.
  std::vector<std::string> files;
  bool help = false;
  bool version = false;
  /// `check-config` or `--check-config`.
  bool check_config = false;
  Command command = Command::run;
};

/// Every name, long ones too, follows one dash or two; its value `=` or the next argument, which
/// for a boolean it may not be. One word may stand among the flags: a command, whose own flags come
/// behind it and win over the daemon's of the same name; behind `import` there may be files. Throws
/// UsageError for anything else.
[[nodiscard]] Arguments read_arguments(std::span<const char* const> arguments);

}  // namespace xrayd::config
