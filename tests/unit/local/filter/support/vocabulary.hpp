// The few values that random records and random filters share.
#pragma once

#include <array>
#include <random>
#include <string_view>

namespace xrayd::local::test {

inline constexpr std::array<std::string_view, 5> names = {"front", "back", "back \"2\"", "db",
                                                          "a\\b"};
inline constexpr std::array<std::string_view, 4> types = {"", "remote", "AWS::DynamoDB::Table",
                                                          "client"};
inline constexpr std::array<std::string_view, 3> accounts = {"", "111", "222"};
inline constexpr std::array<std::string_view, 6> texts = {"",  "front", "frontier", "J\xc3\xb6rg",
                                                          "x", "on"};
inline constexpr std::array<std::string_view, 3> keys = {"age", "a.b", "ok"};
inline constexpr std::array<double, 6> numbers = {0, 0.25, 0.5, 1, 2, -1.5};
inline constexpr std::array<int, 4> statuses = {0, 200, 404, 500};

template <typename List>
auto one_of(const List& list, std::mt19937& random) {
  return list[random() % list.size()];
}

inline bool one_in(unsigned count, std::mt19937& random) {
  return random() % count == 0;
}

}  // namespace xrayd::local::test
