#include "config/command_line.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "config/option_values.hpp"

namespace xrayd::config {
namespace {

constexpr int usage_status = 2;

EarlyExit usage_error(std::string_view complaint) {
  return {usage_status, "", "xrayd: " + log::printable(complaint) + " (see xrayd --help)\n"};
}

/// Values of one option and the name to blame for them.
struct Given {
  std::string name;
  std::vector<std::string> values;
};

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

Given from_environment(const OptionRow& row, const Environment& environment) {
  const auto value = environment(row.environment);
  if (!value || value->empty()) return {};
  return {row.environment, row.repeatable ? split_at_commas(*value) : std::vector{*value}};
}

std::string help_text(const OptionRow& row) {
  return std::string(row.meaning) + " [" + row.default_text + "] (" + row.environment + ")";
}

}  // namespace

std::variant<Options, EarlyExit> parse_command_line(std::span<const char* const> arguments,
                                                    const Environment& environment) {
  CLI::App app("Receives X-Ray segments, stores them, answers the X-Ray API and shows a console.",
               "xrayd");
  app.set_help_flag("-h,--help", "print this and exit");
  app.set_version_flag("-v,--version", "xrayd " XRAYD_VERSION, "print the version and exit");

  const auto rows = option_rows();
  std::vector<std::vector<std::string>> values(rows.size());
  std::vector<const CLI::Option*> flags;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    flags.push_back(app.add_option(rows[i].flags, values[i], help_text(rows[i]))
                        ->type_name(rows[i].value)
                        ->expected(1)
                        ->multi_option_policy(rows[i].repeatable
                                                  ? CLI::MultiOptionPolicy::TakeAll
                                                  : CLI::MultiOptionPolicy::TakeLast));
  }

  std::vector<const char*> argv{"xrayd"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  try {
    app.parse(static_cast<int>(argv.size()), argv.data());
  } catch (const CLI::CallForHelp&) {
    return EarlyExit{0, app.help(), ""};
  } catch (const CLI::CallForVersion&) {
    return EarlyExit{0, "xrayd " XRAYD_VERSION "\n", ""};
  } catch (const CLI::ParseError& problem) {
    return usage_error(problem.what());
  }

  Options options;
  options.data_dir = default_data_dir({geteuid() == 0, environment("STATE_DIRECTORY"),
                                       environment("XDG_STATE_HOME"), environment("HOME")});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Given given = flags[i]->count() > 0 ? Given{std::string(rows[i].name()), values[i]}
                                              : from_environment(rows[i], environment);
    for (const std::string& value : given.values) {
      try {
        rows[i].apply(options, value);
      } catch (const BadValue& problem) {
        const bool secret = rows[i].name() == "--console-token";
        return usage_error("bad value " + (secret ? "" : "\"" + value + "\" ") + "for " +
                           given.name + ": " + problem.what());
      }
    }
  }
  if (options.data_dir.empty()) {
    return usage_error("there is no home directory to keep data in: give --data-dir");
  }
  return options;
}

}  // namespace xrayd::config
