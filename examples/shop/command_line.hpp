#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace shop {

/// The options of a program: `--name value`, and `--name` alone for a switch.
class CommandLine {
 public:
  /// Throws std::invalid_argument for anything that is in neither list, or lacks its value.
  CommandLine(int argc, char** argv, std::initializer_list<std::string_view> options,
              std::initializer_list<std::string_view> switches = {});

  bool has(std::string_view name) const { return values_.count(name) != 0; }

  /// Throws std::invalid_argument where the option was not given.
  const std::string& text(std::string_view name) const;

  /// A whole number of at most `limit`; throws std::invalid_argument for anything else.
  std::uint32_t number(std::string_view name, std::uint32_t otherwise, std::uint32_t limit) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace shop
