#include "command_line.hpp"

#include <algorithm>
#include <charconv>

namespace shop {
namespace {

bool contains(std::initializer_list<std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

CommandLine::CommandLine(int argc, char** argv, std::initializer_list<std::string_view> options,
                         std::initializer_list<std::string_view> switches) {
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (contains(switches, name)) {
      values_[name];
    } else if (contains(options, name) && i + 1 < argc) {
      values_[name] = argv[++i];
    } else {
      throw std::invalid_argument("unknown option, or option without its value: " + name);
    }
  }
}

const std::string& CommandLine::text(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw std::invalid_argument("missing option " + std::string(name));
  return found->second;
}

std::uint32_t CommandLine::number(std::string_view name, std::uint32_t otherwise,
                                  std::uint32_t limit) const {
  if (!has(name)) return otherwise;
  const std::string& value = text(name);
  const char* const end = value.data() + value.size();
  std::uint32_t result = 0;
  const auto [rest, error] = std::from_chars(value.data(), end, result);
  if (error != std::errc{} || rest != end || result > limit) {
    throw std::invalid_argument("bad number for " + std::string(name) + ": " + value);
  }
  return result;
}

}  // namespace shop
