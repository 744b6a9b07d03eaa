// The registry of options: one row an option, which makes the command line, the environment, the
// keys of cfg.yaml, the help text and the README's table.
#pragma once

#include <span>
#include <string_view>

#include "config/options.hpp"
#include "config/value_readers.hpp"

namespace xrayd::config {

/// How a value is written.
enum class ValueType {
  text,
  /// A whole number; in cfg.yaml other text is said to be none.
  integer,
  /// On the command line the flag alone means true; another value needs its `=`.
  boolean,
};

/// What of a value may be shown.
enum class Visibility {
  all,
  /// A URL: without its user, password and query.
  url,
  nothing,
};

struct OptionRow {
  /// Spellings on the command line, as in `-b,--bind`. The last one names the option.
  const char* flags;
  const char* environment;
  /// In cfg.yaml, sections joined by dots; empty: it stands nowhere there.
  const char* key;
  /// Variables that other programs read, too, joined by commas, the first that is set wins. They
  /// come after cfg.yaml, as AWS_REGION does: what is said to this daemon wins over what is said to
  /// everybody.
  const char* shared_environment;
  /// What stands in the help text as its kind of value and as its default.
  const char* value;
  const char* default_text;
  const char* meaning;
  ValueType type;
  Visibility visibility;
  /// May be given more than once; in the environment separated by commas, in cfg.yaml a list.
  bool repeatable;
  /// Checks the value and writes it into the options; throws BadValue.
  void (*apply)(Options& options, std::string_view value);

  /// `--bind`.
  [[nodiscard]] std::string_view name() const;
};

[[nodiscard]] std::span<const OptionRow> option_rows();

/// `value` as it may be shown: masked where it is a secret.
[[nodiscard]] std::string shown(const OptionRow& row, std::string_view value);

}  // namespace xrayd::config
