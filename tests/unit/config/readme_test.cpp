// The README's table of options says what the options are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "config/option_values.hpp"

namespace xrayd::config {
namespace {

std::string code(std::string_view text) {
  return text.empty() ? "" : "`" + std::string(text) + "`";
}

/// The line of one option.
std::string table_line(const OptionRow& row) {
  std::string flags = code(row.name());
  const std::string_view all(row.flags);
  if (const std::size_t comma = all.find(','); comma != all.npos) {
    flags += ", " + code(all.substr(0, comma));
  }
  std::string environment = code(row.environment);
  std::string_view shared(row.shared_environment);
  while (!shared.empty()) {
    const std::size_t comma = std::min(shared.find(','), shared.size());
    environment += ", " + code(shared.substr(0, comma));
    shared.remove_prefix(std::min(comma + 1, shared.size()));
  }
  return "| " + flags + " | " + environment + " | " + code(row.key) + " | " + row.default_text +
         " | " + row.meaning + " |";
}

TEST(Readme, has_a_line_for_each_option_as_it_is_and_for_no_other) {
  std::ifstream readme(XRAY_README);
  std::vector<std::string> found;
  for (std::string line; std::getline(readme, line);) {
    if (line.starts_with("| `--")) found.push_back(line);
  }
  std::vector<std::string> wanted;
  for (const OptionRow& row : option_rows()) wanted.push_back(table_line(row));
  std::string table;
  for (const std::string& line : wanted) table += line + "\n";
  EXPECT_EQ(found, wanted) << "this is the table:\n" << table;
}

}  // namespace
}  // namespace xrayd::config
