#include "config/usage.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "config/command_flags.hpp"
#include "config/option_values.hpp"

namespace xrayd::config {
namespace {

/// The version of Amazon's daemon whose contract this keeps: scripts compare the whole line.
constexpr std::string_view compatible_version = "3.6.6";

/// As the rows have it: what is asked for most comes first.
std::string usage_line(const OptionRow& row) {
  const std::string_view flags(row.flags);
  const std::size_t comma = flags.find(',');
  std::string text = "\t";
  if (comma != flags.npos) text += flags.substr(0, comma);
  text += '\t';
  text += row.name();
  if (*row.value != '\0') text += std::string(" ") + row.value;
  text += std::string("\t") + row.meaning + " [" + row.default_text + "] (" + row.environment;
  if (*row.key != '\0') text += std::string(", ") + row.key;
  return text + ")\n";
}

std::string_view word_of(Command command) {
  switch (command) {
    case Command::export_traces:
      return "export";
    case Command::import_traces:
      return "import";
    case Command::clear_traces:
      return "clear";
    case Command::doctor:
      return "doctor";
    case Command::run:
      break;
  }
  return "";
}

std::string usage_line(const CommandFlag& flag) {
  const std::string_view flags(flag.flags);
  const std::size_t comma = flags.find(',');
  std::string text = "\t";
  if (comma != flags.npos) text += flags.substr(0, comma);
  text += '\t';
  text += comma == flags.npos ? flags : flags.substr(comma + 1);
  if (*flag.value != '\0') text += std::string(" ") + flag.value;
  text += std::string("\t") + std::string(word_of(flag.command)) + ": " + flag.meaning;
  return text + "\n";
}

std::string value_text(const Standing& standing, const Options& options) {
  const OptionRow& row = *standing.row;
  if (standing.origin.empty()) {
    if (row.name() == "--buffer-memory") return std::to_string(options.queue_bytes >> 20U);
    if (row.name() == "--data-dir") return options.local.data_dir.string();
    if (row.name() == "--config") {
      return options.config_file.empty() ? "none" : options.config_file.string();
    }
    return row.default_text;
  }
  std::string text;
  for (const std::string& value : standing.values) {
    text += (text.empty() ? "" : ",") + shown(row, value);
  }
  return text.empty() ? "\"\"" : text;
}

}  // namespace

std::string usage_text() {
  std::string text =
      "Usage: X-Ray [options]\n"
      "       X-Ray doctor [options]\tlook whether everything that is needed is there\n"
      "       X-Ray check-config [options]\tthe same as --check-config\n"
      "       X-Ray export [options]\twrite the local store's segment documents as lines of JSON\n"
      "       X-Ray import [options] [FILE...]\tput such lines, or answers of BatchGetTraces, into "
      "it\n"
      "       X-Ray clear [options]\tremove its traces\n";
  for (const OptionRow& row : option_rows()) text += usage_line(row);
  for (const CommandFlag& flag : command_flags()) text += usage_line(flag);
  text +=
      "\t\t--check-config\tread everything, print what holds and where it comes from, and exit\n"
      "\t-v\t--version\tprint the version and exit\n"
      "\t-h\t--help\tprint this and exit\n";
  return text;
}

std::string version_text() {
  return "AWS X-Ray daemon version: " + std::string(compatible_version) +
         "\nxrayd " XRAYD_VERSION "\n";
}

std::string standing_text(const std::vector<Standing>& standings, const Options& options) {
  std::size_t widest = 0;
  for (const Standing& standing : standings) {
    widest = std::max(widest, standing.row->name().size());
  }
  std::string text;
  for (const Standing& standing : standings) {
    std::string line(standing.row->name());
    line.resize(widest + 1, ' ');
    line += log::printable(value_text(standing, options));
    line += "  (" + (standing.origin.empty() ? "default" : standing.origin) + ")";
    text += line + "\n";
  }
  return text;
}

}  // namespace xrayd::config
