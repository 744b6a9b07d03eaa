// Finds, reads and checks cfg.yaml.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/cfg_yaml.hpp"
#include "config/options.hpp"

namespace xrayd::config {

/// A cfg.yaml that can't be used. what() is in the words that scripts know.
class ConfigFileError : public std::runtime_error {
 public:
  explicit ConfigFileError(const std::string& what, std::string detail_text = {})
      : std::runtime_error(what), detail(std::move(detail_text)) {}
  /// Where it is wrong; may be empty.
  std::string detail;
};

struct ConfigFile {
  /// Empty: there was none.
  std::filesystem::path path = {};
  /// Only those that set an option; of a key that is there twice the last.
  std::vector<FileSetting> settings = {};
  std::vector<Remark> remarks = {};
};

/// The file that somebody named: what is wrong with it is a ConfigFileError.
[[nodiscard]] ConfigFile read_named_file(const std::filesystem::path& path);

/// The first of these that is there. Values that can't be used are a ConfigFileError, keys that
/// nobody knows and a wrong version only remarks: such files have been in use.
[[nodiscard]] ConfigFile read_first_of(const std::vector<std::filesystem::path>& paths);

/// The settings of a text, for both; `strict` as for a file that somebody named.
[[nodiscard]] ConfigFile check_file(const std::filesystem::path& path, const std::string& text,
                                    bool strict);

/// The text of a value as an option takes it: YAML has more words for true and false.
[[nodiscard]] std::string option_text(const std::string& value, bool is_boolean);

}  // namespace xrayd::config
