#include "local/filter/filter_error.hpp"

#include <algorithm>
#include <utility>

#include "local/json/json.hpp"

namespace xrayd::local::filters {
namespace {

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

// So much of it as may be right, in whole characters.
std::string_view told(std::string_view expression) {
  if (expression.size() <= Filter::max_bytes) return expression;
  std::size_t end = Filter::max_bytes;
  while (end > 0 && !begins_character(expression[end])) --end;
  return expression.substr(0, end);
}

}  // namespace

std::string shown(std::string_view text) {
  constexpr std::size_t characters = 60;
  const std::string_view first = first_characters(text, characters);
  return "'" + std::string(first) + (first.size() < text.size() ? "...'" : "'");
}

std::size_t characters_before(std::string_view text, std::size_t byte) noexcept {
  const std::string_view before = text.substr(0, byte);
  return static_cast<std::size_t>(std::count_if(before.begin(), before.end(), begins_character));
}

std::size_t byte_of_character(std::string_view text, std::size_t character) noexcept {
  return first_characters(text, character).size();
}

FilterError error_at(std::string_view expression, std::size_t byte, std::string what) {
  const std::string_view before = expression.substr(0, byte);
  FilterError error;
  error.line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t newline = before.rfind('\n');
  const std::size_t line_begin = newline == std::string_view::npos ? 0 : newline + 1;
  error.position = 1 + characters_before(before.substr(line_begin), before.size());
  error.what = std::move(what);

  error.message = "Error Location: line " + std::to_string(error.line) + ", position " +
                  std::to_string(error.position) + " : Invalid input symbol: '" +
                  std::string(told(expression)) + "': " + error.what;
  return error;
}

}  // namespace xrayd::local::filters
