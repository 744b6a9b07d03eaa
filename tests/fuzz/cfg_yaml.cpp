// Any text as cfg.yaml: read or refused in one line, with bounded work; what is read of it can be
// applied, and is the same to those who named the file and those who didn't.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/cfg_file.hpp"
#include "config/option_values.hpp"

namespace {

using xrayd::config::ConfigFile;
using xrayd::config::ConfigFileError;
using xrayd::config::FileSetting;
using xrayd::config::OptionRow;

void expect(bool condition) {
  if (!condition) std::abort();
}

void check(const FileSetting& setting) {
  constexpr std::size_t most = 1000;
  expect(setting.line > 0 && setting.values.size() <= most);
  xrayd::config::Options options;
  for (const OptionRow& row : xrayd::config::option_rows()) {
    if (setting.key != row.key) continue;
    for (const std::string& value : setting.values) {
      const bool is_boolean = row.type == xrayd::config::ValueType::boolean;
      // It was tried before it was taken.
      if (!value.empty()) row.apply(options, xrayd::config::option_text(value, is_boolean));
    }
    return;
  }
  expect(false);
}

bool is_taken(const std::string& text, bool strict) {
  try {
    const ConfigFile file = xrayd::config::check_file("f", text, strict);
    for (const FileSetting& setting : file.settings) check(setting);
    return true;
  } catch (const ConfigFileError& problem) {
    const std::string_view what = problem.what();
    expect(!what.empty() && what.find_first_of("\r\n") == what.npos);
    expect(problem.detail.find_first_of("\r\n") == problem.detail.npos);
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const bool strictly = is_taken(text, true);
  expect(is_taken(text, false) || !strictly);
  static_cast<void>(is_taken("Version: 2\n" + text, true));
  return 0;
}
