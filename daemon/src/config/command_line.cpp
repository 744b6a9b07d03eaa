#include "config/command_line.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "config/cfg_file.hpp"
#include "config/flag_reader.hpp"
#include "config/log_file.hpp"
#include "config/memory_limit.hpp"
#include "config/option_values.hpp"
#include "config/usage.hpp"
#include "startup_error.hpp"

namespace xrayd::config {
namespace {

constexpr int failure_status = 1;
constexpr int usage_status = 2;

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return parts;
}

/// One option's value is wrong; what() is the whole complaint.
class WrongValue : public std::runtime_error {
 public:
  WrongValue(int status_to_exit_with, const std::string& what)
      : std::runtime_error(what), status(status_to_exit_with) {}
  int status;
};

void apply(Options& options, const OptionRow& row, const std::string& value,
           const std::string& name) {
  try {
    row.apply(options, value);
  } catch (const TooLittleMemory& problem) {
    throw WrongValue(failure_status, problem.what());
  } catch (const BadValue& problem) {
    const std::string text = log::printable(shown(row, value));
    throw WrongValue(usage_status, "invalid value \"" + text + "\" for " + log::printable(name) +
                                       ": parse error: " + problem.what());
  }
}

/// Puts together what all the sources say.
class Resolver {
 public:
  Resolver(const Arguments& arguments, const Environment& environment, const ConfigFile& file)
      : arguments_(arguments), environment_(environment), file_(file) {}

  /// Throws WrongValue.
  Standing apply_to(Options& options, const OptionRow& row) const {
    Standing standing = find(row);
    standing.row = &row;
    for (const std::string& value : standing.values) {
      // A flag may say that there is none; elsewhere that is how nothing is said.
      if (value.empty() && !standing.origin.starts_with("flag ")) continue;
      apply(options, row, value, standing.origin);
    }
    return standing;
  }

 private:
  Standing find(const OptionRow& row) const {
    Standing standing;
    for (const GivenFlag& flag : arguments_.flags) {
      if (flag.row != &row) continue;
      standing.origin = "flag " + flag.spelling;
      if (!row.repeatable) standing.values.clear();
      standing.values.push_back(flag.value);
    }
    if (!standing.origin.empty()) return standing;
    if (take_variable(standing, row, row.environment)) return standing;
    for (const FileSetting& setting : file_.settings) {
      const bool is_set = std::any_of(setting.values.begin(), setting.values.end(),
                                      [](const std::string& value) { return !value.empty(); });
      if (setting.key != row.key || !is_set) continue;
      standing.origin = file_.path.string() + ": line " + std::to_string(setting.line);
      for (const std::string& value : setting.values) {
        standing.values.push_back(option_text(value, row.type == ValueType::boolean));
      }
      return standing;
    }
    for (const std::string& name : split_at_commas(row.shared_environment)) {
      if (name.starts_with("AWS_ENDPOINT_URL") && ignores_endpoints()) continue;
      if (!name.empty() && take_variable(standing, row, name)) return standing;
    }
    return standing;
  }

  bool take_variable(Standing& standing, const OptionRow& row, const std::string& name) const {
    const auto value = environment_(name.c_str());
    if (!value || value->empty()) return false;
    standing.origin = name;
    standing.values = row.repeatable ? split_at_commas(*value) : std::vector{*value};
    return true;
  }

  /// A switch that AWS's SDKs have, too.
  bool ignores_endpoints() const {
    const auto value = environment_("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    return value && option_text(*value, true) == "true";
  }

  const Arguments& arguments_;
  const Environment& environment_;
  const ConfigFile& file_;
};

void add_remarks(Options& options, const std::vector<Standing>& standings) {
  if (!options.config_file.empty()) {
    options.remarks.insert(
        options.remarks.begin(),
        {log::Level::info, "Using configuration " + log::printable(options.config_file.string())});
  }
  for (const Standing& standing : standings) {
    if (standing.row->name() == "--concurrency" && !standing.values.empty() &&
        options.forward.concurrency == 64 && standing.values.back() != "64") {
      options.remarks.push_back(
          {log::Level::warn, "concurrency is 64: more than that is of no use"});
    }
  }
  if (!options.aws.verify_tls) {
    options.remarks.push_back(
        {log::Level::warn,
         "NoVerifySSL: certificates are not checked, whoever is in between can read and change "
         "what is sent"});
  }
}

/// What an option said of itself, else what a log needs to know before everything is read.
std::filesystem::path early_log_file(const Arguments& arguments, const Environment& environment) {
  std::string file = environment("XRAYD_LOG_FILE").value_or("");
  for (const GivenFlag& flag : arguments.flags) {
    if (flag.row->name() == "--log-file") file = flag.value;
  }
  return file;
}

/// The name that -c or XRAYD_CONFIG give; may be empty.
std::string named_config(const Arguments& arguments, const Environment& environment) {
  std::string name = environment("XRAYD_CONFIG").value_or("");
  for (const GivenFlag& flag : arguments.flags) {
    if (flag.row->name() == "--config") name = flag.value;
  }
  return name;
}

void apply_command_flags(Options& options, const Arguments& arguments) {
  for (const GivenCommandFlag& flag : arguments.command_flags) {
    try {
      flag.row->apply(options.store_command, flag.value);
    } catch (const BadValue& problem) {
      throw WrongValue(usage_status, "invalid value \"" + log::printable(flag.value) +
                                         "\" for flag " + flag.spelling +
                                         ": parse error: " + problem.what());
    }
  }
  options.store_command.files.assign(arguments.files.begin(), arguments.files.end());
}

std::variant<Options, EarlyExit> resolve(const Arguments& arguments, const Environment& environment,
                                         const Places& places) {
  // Flags that others win over are checked, too.
  Options scratch;
  for (const GivenFlag& flag : arguments.flags) {
    apply(scratch, *flag.row, flag.value, "flag " + flag.spelling);
  }
  const std::string name = named_config(arguments, environment);
  ConfigFile file = name.empty() ? read_first_of(places.config_files) : read_named_file(name);

  Options options;
  options.command = arguments.command;
  apply_command_flags(options, arguments);
  options.config_file = file.path;
  options.queue_bytes = 0;
  options.local.data_dir = default_data_dir({geteuid() == 0, environment("STATE_DIRECTORY"),
                                             environment("XDG_STATE_HOME"), environment("HOME")});
  const Resolver resolver(arguments, environment, file);
  std::vector<Standing> standings;
  for (const OptionRow& row : option_rows()) {
    standings.push_back(resolver.apply_to(options, row));
  }
  if (options.queue_bytes == 0) {
    options.queue_bytes = default_buffer_bytes(memory_limit(places.root));
  }
  if (options.local.data_dir.empty() && options.backend != BackendKind::aws) {
    throw UsageError("there is no home directory to keep data in: give --data-dir");
  }
  options.remarks = std::move(file.remarks);
  add_remarks(options, standings);

  if (!arguments.check_config) return options;
  EarlyExit exit;
  exit.out = standing_text(standings, options);
  for (const Remark& remark : options.remarks) {
    if (remark.level == log::Level::warn) exit.out += "warning: " + remark.text + "\n";
  }
  return exit;
}

}  // namespace

std::variant<Options, EarlyExit> parse_command_line(std::span<const char* const> arguments,
                                                    const Environment& environment,
                                                    const Places& places) {
  Arguments given;
  try {
    given = read_arguments(arguments);
  } catch (const UsageError& problem) {
    return EarlyExit{usage_status, usage_text(), std::string(problem.what()) + "\n"};
  }
  if (given.help) return EarlyExit{0, usage_text(), ""};
  if (given.version) return EarlyExit{0, version_text(), ""};

  EarlyExit exit;
  try {
    return resolve(given, environment, places);
  } catch (const UsageError& problem) {
    exit = {usage_status, "", std::string(problem.what()) + "\n"};
  } catch (const WrongValue& problem) {
    exit = {problem.status, "",
            problem.status == usage_status ? std::string(problem.what()) + "\n"
                                           : log::line(log::Level::error, problem.what())};
  } catch (const ConfigFileError& problem) {
    exit = {failure_status, "", log::line(log::Level::error, problem.what())};
    if (!problem.detail.empty()) exit.err += "  " + log::printable(problem.detail) + "\n";
  }
  if (exit.status == failure_status) exit.log_file = early_log_file(given, environment);
  return exit;
}

int leave(const EarlyExit& exit) {
  std::fputs(exit.out.c_str(), stdout);
  std::fputs(exit.err.c_str(), stderr);
  if (exit.err.empty() || exit.log_file.empty()) return exit.status;
  try {
    log::LogFile(exit.log_file, 0).write(exit.err);
  } catch (const StartupError&) {
    // It has been said where it can be seen.
  }
  return exit.status;
}

std::filesystem::path default_data_dir(const DataDirInputs& inputs) {
  const auto given = [](const std::optional<std::string>& value) {
    return value && value->starts_with('/');
  };
  if (given(inputs.state_directory)) {
    return inputs.state_directory->substr(0, inputs.state_directory->find(':'));
  }
  if (inputs.root) return "/var/lib/xrayd";
  if (given(inputs.xdg_state_home)) return std::filesystem::path(*inputs.xdg_state_home) / "xrayd";
  if (given(inputs.home)) return std::filesystem::path(*inputs.home) / ".local/state/xrayd";
  return {};
}

}  // namespace xrayd::config
