#include "clients/mysql/quoting.hpp"

#include <algorithm>
#include <cstddef>

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {
namespace {

constexpr std::string_view hiding_sets[] = {"gbk", "sjis", "cp932", "big5", "gb18030"};

char lower(char letter) noexcept {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
}

bool contains(std::string_view text, std::string_view word) noexcept {
  return std::search(text.begin(), text.end(), word.begin(), word.end(),
                     [](char a, char b) { return lower(a) == b; }) != text.end();
}

bool names_hiding_set(std::string_view text) noexcept {
  return std::any_of(std::begin(hiding_sets), std::end(hiding_sets),
                     [text](std::string_view set) { return contains(text, set); });
}

}  // namespace

bool hides_backslashes(std::string_view character_set) noexcept {
  return std::any_of(std::begin(hiding_sets), std::end(hiding_sets),
                     [character_set](std::string_view set) { return character_set == set; });
}

bool may_change_quoting(std::string_view statement) noexcept {
  constexpr std::size_t longest_look = 4096;
  const std::string_view text = statement.substr(0, longest_look);
  return contains(text, "sql_mode") || names_hiding_set(text);
}

}  // namespace clients::mysql
XRAY_NAMESPACE_END
