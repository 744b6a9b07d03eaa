// The registry of options: one row an option, which makes the command line, the environment and the
// help text.
#pragma once

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "config/options.hpp"

namespace xrayd::config {

/// A value that an option can't take; what() says what it takes.
class BadValue : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct OptionRow {
  /// Spellings on the command line, as in `-b,--bind`. The last one names the option.
  const char* flags;
  const char* environment;
  /// What stands in the help text as its kind of value and as its default.
  const char* value;
  const char* default_text;
  const char* meaning;
  /// May be given more than once; in the environment separated by commas.
  bool repeatable;
  /// Checks the value and writes it into the options; throws BadValue.
  void (*apply)(Options& options, std::string_view value);

  /// `--bind`.
  [[nodiscard]] std::string_view name() const;
};

[[nodiscard]] std::span<const OptionRow> option_rows();

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
