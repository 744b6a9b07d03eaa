#include "sql/collection.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string_view>

using xray::sql::collect;
using xray::sql::Collection;
using xray::sql::Dialect;
using xray::sql::parse_collection;

TEST(SqlCollection, true_is_raw_false_is_none_and_unset_is_sanitised) {
  for (const char* text : {"true", "TRUE", "True", "1"}) {
    EXPECT_EQ(parse_collection(text), Collection::raw) << text;
  }
  for (const char* text : {"false", "FALSE", "False", "0"}) {
    EXPECT_EQ(parse_collection(text), Collection::none) << text;
  }
  EXPECT_EQ(parse_collection(""), Collection::sanitised);
}

TEST(SqlCollection, what_is_neither_is_told_apart) {
  for (const char* text : {"yes", "raw", " true", "true ", "2", "on", "tru", "truee"}) {
    EXPECT_EQ(parse_collection(text), std::nullopt) << text;
  }
}

TEST(SqlCollection, each_records_what_it_says) {
  std::array<char, 64> buffer{};
  constexpr std::string_view statement = "SELECT 'secret'";
  const auto collected = [&](Collection collection) {
    return collect(collection, statement, Dialect::sqlite, buffer.data(), buffer.size());
  };
  EXPECT_EQ(collected(Collection::sanitised), "SELECT ?");
  EXPECT_EQ(collected(Collection::raw), statement);
  EXPECT_EQ(collected(Collection::none), "");
}
