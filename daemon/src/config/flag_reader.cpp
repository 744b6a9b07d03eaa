#include "config/flag_reader.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace xrayd::config {
namespace {

struct Switch {
  std::string_view name;
  bool Arguments::*target;
};

constexpr std::array<Switch, 5> switches = {{{"h", &Arguments::help},
                                             {"help", &Arguments::help},
                                             {"v", &Arguments::version},
                                             {"version", &Arguments::version},
                                             {"check-config", &Arguments::check_config}}};

/// `flags` as in `-b,--bind`.
bool has_name(std::string_view flags, std::string_view name) {
  while (!flags.empty()) {
    const std::size_t comma = std::min(flags.find(','), flags.size());
    std::string_view one = flags.substr(0, comma);
    one.remove_prefix(std::min(one.find_first_not_of('-'), one.size()));
    if (one == name) return true;
    flags.remove_prefix(std::min(comma + 1, flags.size()));
  }
  return false;
}

const OptionRow* row_of(std::string_view name) {
  for (const OptionRow& row : option_rows()) {
    if (has_name(row.flags, name)) return &row;
  }
  return nullptr;
}

const CommandFlag* command_flag_of(Command command, std::string_view name) {
  for (const CommandFlag& flag : command_flags()) {
    if (flag.command == command && has_name(flag.flags, name)) return &flag;
  }
  return nullptr;
}

constexpr std::array<std::pair<std::string_view, Command>, 4> commands = {
    {{"doctor", Command::doctor},
     {"export", Command::export_traces},
     {"import", Command::import_traces},
     {"clear", Command::clear_traces}}};

bool is_command(Arguments& result, std::string_view word) {
  if (result.command != Command::run || result.check_config) return false;
  if (word == "check-config") {
    result.check_config = true;
    return true;
  }
  for (const auto& [name, command] : commands) {
    if (word != name) continue;
    result.command = command;
    return true;
  }
  return false;
}

/// A word that is no flag; false if it has no place here.
bool take_word(Arguments& result, std::string_view word, bool flags_end) {
  if (!flags_end && is_command(result, word)) return true;
  if (result.command != Command::import_traces || word.empty()) return false;
  result.files.emplace_back(word);
  return true;
}

bool is_flag(std::string_view argument) {
  return argument.size() > 1 && argument.starts_with('-');
}

}  // namespace

Arguments read_arguments(std::span<const char* const> arguments) {
  Arguments result;
  bool flags_end = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument(arguments[i]);
    if (flags_end || !is_flag(argument)) {
      if (!take_word(result, argument, flags_end)) {
        throw UsageError("unexpected argument \"" + log::printable(argument) + "\"");
      }
      continue;
    }
    if (argument == "--") {
      flags_end = true;
      continue;
    }
    std::string_view name = argument.substr(argument.starts_with("--") ? 2 : 1);
    if (name.starts_with('-') || name.starts_with('=')) {
      throw UsageError("bad flag syntax: " + log::printable(argument));
    }
    std::optional<std::string_view> value;
    if (const std::size_t equals = name.find('='); equals != name.npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    }
    const std::string spelling = "-" + log::printable(name);

    const auto* const found = std::find_if(switches.begin(), switches.end(),
                                           [&](const Switch& one) { return one.name == name; });
    if (found != switches.end()) {
      try {
        result.*found->target = boolean(value.value_or("true"));
      } catch (const BadValue& problem) {
        throw UsageError("invalid boolean value \"" + log::printable(*value) + "\" for " +
                         spelling + ": parse error: " + problem.what());
      }
      continue;
    }
    const CommandFlag* const own = command_flag_of(result.command, name);
    const OptionRow* const row = own != nullptr ? nullptr : row_of(name);
    if (own == nullptr && row == nullptr) {
      throw UsageError("flag provided but not defined: " + spelling);
    }
    const bool is_boolean = own != nullptr ? *own->value == '\0' : row->type == ValueType::boolean;
    if (!value && is_boolean) value = "true";
    if (!value && i + 1 < arguments.size()) value = arguments[++i];
    if (!value) throw UsageError("flag needs an argument: " + spelling);
    if (own != nullptr) {
      result.command_flags.push_back({own, spelling, std::string(*value)});
    } else {
      result.flags.push_back({row, spelling, std::string(*value)});
    }
  }
  return result;
}

}  // namespace xrayd::config
