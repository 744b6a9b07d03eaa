// From argv, the environment and cfg.yaml to one Options value.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "config/options.hpp"
#include "read_environment.hpp"

namespace xrayd::config {

/// The program has nothing to run: it prints and exits.
struct EarlyExit {
  int status = 0;
  /// For standard output.
  std::string out = {};
  /// For standard error.
  std::string err = {};
  /// `err` goes to the end of this file, too, if there is one.
  std::filesystem::path log_file = {};
};

/// What is read beside argv and the environment.
struct Places {
  /// Where cfg.yaml is looked for if none is named.
  std::vector<std::filesystem::path> config_files = {"/etc/amazon/xray/cfg.yaml", "cfg.yaml"};
  /// Where `proc` and `sys` lie.
  std::filesystem::path root = "/";
};

/// Flags win over the environment, which wins over cfg.yaml, which wins over variables that other
/// programs read, too, and these over the defaults. `arguments` excludes the program's name. A
/// wrong command line or environment gives status 2, a wrong cfg.yaml or too little memory 1, each
/// with an error that names option and value (never the value of a secret); help, version and
/// --check-config give status 0.
[[nodiscard]] std::variant<Options, EarlyExit> parse_command_line(
    std::span<const char* const> arguments, const Environment& environment,
    const Places& places = {});

/// Prints what is to be printed, and gives the status.
[[nodiscard]] int leave(const EarlyExit& exit);

/// The data directory where none is given: `/var/lib/xrayd` for root, the directory that systemd
/// made for the service, otherwise `$XDG_STATE_HOME/xrayd` or `~/.local/state/xrayd`.
struct DataDirInputs {
  bool root = false;
  std::optional<std::string> state_directory = std::nullopt;
  std::optional<std::string> xdg_state_home = std::nullopt;
  std::optional<std::string> home = std::nullopt;
};
[[nodiscard]] std::filesystem::path default_data_dir(const DataDirInputs& inputs);

}  // namespace xrayd::config
