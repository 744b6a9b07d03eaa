#include "config/cfg_file.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>

#include "ascii.hpp"
#include "config/option_values.hpp"

namespace xrayd::config {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view docs = " Please refer to AWS X-Ray Documentation for more information.";
constexpr std::string_view migrate =
    " Use X-Ray Daemon Config Migration Script to update the config file.";
constexpr std::string_view trouble = "Error occur when using config flag: ";

constexpr std::array<std::string_view, 5> former_keys = {"Profile.CPU", "Profile.Memory",
                                                         "Socket.BufferSizeKB", "Logging.LogFormat",
                                                         "Processor.BatchProcessorQueueSize"};
constexpr std::array<std::string_view, 5> moved_keys = {
    "LogRotation", "Processor.Region", "Processor.Endpoint", "Processor.Routine", "MemoryLimit"};
/// They had no effect there either.
constexpr std::array<std::string_view, 3> idle_keys = {
    "proxyserver.idleconntimeout", "proxyserver.maxidleconnsperhost", "proxyserver.maxidleconns"};

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const OptionRow* row_of(const FileSetting& setting) {
  if (setting.dotted || setting.key.empty()) return nullptr;
  for (const OptionRow& row : option_rows()) {
    if (row.key == setting.key) return &row;
  }
  return nullptr;
}

std::string place(const fs::path& path, int line) {
  return "line " + std::to_string(line) + " of " + log::printable(path.string());
}

bool is_whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc{} && end == text.data() + text.size();
}

/// `!!str `abc` into int`, as far as it shows.
[[noreturn]] void refuse_type(const fs::path& path, const FileSetting& setting,
                              const std::string& what, const char* wanted) {
  throw ConfigFileError(std::string(trouble) + "yaml: unmarshal errors:",
                        "line " + std::to_string(setting.line) + ": cannot unmarshal " + what +
                            " into " + wanted + " (" + setting.key + " in " +
                            log::printable(path.string()) + ")");
}

std::string quoted_beginning(const std::string& value) {
  constexpr std::size_t longest = 10;
  constexpr std::size_t kept = 7;
  return "!!str `" +
         log::printable(value.size() > longest ? value.substr(0, kept) + "..." : value) + "`";
}

/// Tries a value on options that nobody uses.
void check_value(const fs::path& path, const FileSetting& setting, const OptionRow& row) {
  if (setting.kind == FileSetting::Kind::nothing) return;
  const char* const wanted = row.type == ValueType::integer   ? "int"
                             : row.type == ValueType::boolean ? "bool"
                             : row.repeatable                 ? "a list of texts"
                                                              : "string";
  if (setting.kind == FileSetting::Kind::other ||
      (setting.kind == FileSetting::Kind::list && !row.repeatable)) {
    const bool is_list = setting.kind == FileSetting::Kind::list;
    refuse_type(path, setting, is_list ? "!!seq" : "!!map", wanted);
  }
  Options scratch;
  for (const std::string& value : setting.values) {
    // As in the environment: no text is no value.
    if (value.empty()) continue;
    if (row.type == ValueType::integer && !is_whole_number(value)) {
      refuse_type(path, setting, quoted_beginning(value), wanted);
    }
    try {
      row.apply(scratch, option_text(value, row.type == ValueType::boolean));
    } catch (const TooLittleMemory& problem) {
      throw ConfigFileError(problem.what(), setting.key + ", " + place(path, setting.line));
    } catch (const BadValue& problem) {
      if (row.type == ValueType::boolean) {
        refuse_type(path, setting, quoted_beginning(value), wanted);
      }
      const std::string where = setting.key + ", " + place(path, setting.line);
      // An address without a scheme has words of its own.
      const std::string_view what = problem.what();
      if (what.starts_with("unable to parse")) throw ConfigFileError(std::string(what), where);
      throw ConfigFileError(std::string(trouble) + "bad value \"" +
                                log::printable(shown(row, value)) + "\" for " + setting.key + ": " +
                                std::string(what),
                            where);
    }
  }
}

/// What is wrong with a key that sets nothing; empty if nothing is.
std::string complaint_about(const FileSetting& setting) {
  const std::string key = log::printable(setting.key);
  if (!setting.dotted) {
    if (contains(idle_keys, setting.key)) return {};
    if (contains(former_keys, setting.key)) {
      return key + " flag is not supported any more." + std::string(docs);
    }
    if (contains(moved_keys, setting.key)) {
      return key + " flag is not supported." + std::string(migrate) + std::string(docs);
    }
  }
  return key + " flag is invalid." + std::string(docs);
}

std::string complaint_about_version(const std::vector<FileSetting>& settings) {
  const FileSetting* version = nullptr;
  for (const FileSetting& setting : settings) {
    if (setting.key == "Version") version = &setting;
  }
  if (version == nullptr && !settings.empty()) {
    return "Config Version is missing." + std::string(migrate) + std::string(docs);
  }
  const bool known = version != nullptr && version->kind == FileSetting::Kind::value &&
                     (version->values.front() == "1" || version->values.front() == "2");
  if (known) return {};
  return "Config Version Setting is not correct." + std::string(migrate) + std::string(docs);
}

/// As Go says it: without a capital.
std::string system_words(int error) {
  std::string text = std::generic_category().message(error);
  if (!text.empty()) text.front() = lower(text.front());
  return text;
}

struct Closer {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};

/// Nothing if there is no such file and that `may_lack`.
std::optional<std::string> content_of(const fs::path& path, bool may_lack) {
  constexpr std::size_t longest = std::size_t{1} << 20U;
  const std::string name = log::printable(path.string());
  const std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), "rbe"));
  if (!file) {
    const int error = errno;
    if (may_lack && (error == ENOENT || error == ENOTDIR)) return std::nullopt;
    throw ConfigFileError(std::string(trouble) + "open " + name + ": " + system_words(error));
  }
  std::string text(longest + 1, '\0');
  const std::size_t size = std::fread(text.data(), 1, text.size(), file.get());
  const int error = errno;
  if (std::ferror(file.get()) != 0) {
    throw ConfigFileError(std::string(trouble) + "read " + name + ": " + system_words(error));
  }
  if (size > longest) {
    throw ConfigFileError(std::string(trouble) + "read " + name + ": it has more than 1 MiB");
  }
  text.resize(size);
  return text;
}

}  // namespace

std::string option_text(const std::string& value, bool is_boolean) {
  if (!is_boolean) return value;
  const std::string word = lower(value);
  if (word == "yes" || word == "y" || word == "on" || word == "true") return "true";
  if (word == "no" || word == "n" || word == "off" || word == "false") return "false";
  return value;
}

ConfigFile check_file(const fs::path& path, const std::string& text, bool strict) {
  ConfigFile result;
  result.path = path;
  std::vector<FileSetting> settings;
  try {
    settings = read_settings(text);
  } catch (const YamlError& problem) {
    throw ConfigFileError(std::string(trouble) + "yaml: " + problem.what() + " (in " +
                          log::printable(path.string()) + ")");
  }

  if (std::string complaint = complaint_about_version(settings); !complaint.empty()) {
    if (strict) throw ConfigFileError(complaint, log::printable(path.string()));
    // Files without one have always been read where nobody named them.
    if (!complaint.starts_with("Config Version is missing")) {
      result.remarks.push_back(
          {log::Level::warn, log::printable(path.string()) + ": " + complaint});
    }
  }
  for (FileSetting& setting : settings) {
    if (setting.key == "Version") continue;
    if (const OptionRow* const row = row_of(setting)) {
      check_value(path, setting, *row);
      std::erase_if(result.settings,
                    [&](const FileSetting& other) { return other.key == setting.key; });
      result.settings.push_back(std::move(setting));
      continue;
    }
    const std::string complaint = complaint_about(setting);
    const std::string where = place(path, setting.line);
    if (complaint.empty()) {
      result.remarks.push_back({log::Level::debug, where + ": " + setting.key + " has no effect"});
    } else if (strict) {
      throw ConfigFileError(complaint, where);
    } else {
      result.remarks.push_back({log::Level::warn, where + ": " + complaint});
    }
  }
  return result;
}

ConfigFile read_named_file(const fs::path& path) {
  return check_file(path, content_of(path, false).value_or(""), true);
}

ConfigFile read_first_of(const std::vector<fs::path>& paths) {
  for (const fs::path& path : paths) {
    if (const auto text = content_of(path, true)) return check_file(path, *text, false);
  }
  return {};
}

}  // namespace xrayd::config
