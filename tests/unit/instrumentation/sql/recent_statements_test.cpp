#include "sql/recent_statements.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <thread>

#include "sql/sanitise.hpp"

namespace {

using xray::sql::Dialect;

constexpr std::string_view usual = "SELECT name FROM t WHERE name = \"secret\" AND id = 17";

std::string again(std::string_view statement, Dialect dialect = Dialect::postgresql) {
  std::array<char, 8192> buffer{};
  return std::string(xray::sql::sanitise_again(statement, dialect, buffer.data(), buffer.size()));
}

std::string once(std::string_view statement, Dialect dialect = Dialect::postgresql) {
  std::array<char, 8192> buffer{};
  return std::string(xray::sql::sanitise(statement, dialect, buffer.data(), buffer.size()).text);
}

}  // namespace

TEST(RecentStatements, the_same_text_is_shown_as_ever) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(again(usual), once(usual));
}

TEST(RecentStatements, one_that_is_remembered_is_not_read_again) {
  std::array<char, 8192> first{};
  std::array<char, 8192> second{};
  const std::string text(usual);
  EXPECT_FALSE(xray::sql::sanitise_again(text, Dialect::mysql, first.data(), 8192).empty());
  const auto shown = xray::sql::sanitise_again(text, Dialect::mysql, second.data(), 8192);
  EXPECT_EQ(shown, once(text, Dialect::mysql));
  EXPECT_NE(shown.data(), second.data());
}

TEST(RecentStatements, each_dialect_reads_it_for_itself) {
  for (int i = 0; i < 2; ++i) {
    for (const Dialect dialect :
         {Dialect::postgresql, Dialect::mysql, Dialect::sqlite, Dialect::unknown}) {
      EXPECT_EQ(again(usual, dialect), once(usual, dialect));
    }
  }
}

TEST(RecentStatements, texts_of_one_length_are_not_mistaken_for_one_another) {
  for (int round = 0; round < 2; ++round) {
    for (int i = 10; i < 100; ++i) {
      const std::string text =
          "SELECT a" + std::to_string(i) + " FROM some_table WHERE b = 'secret'";
      EXPECT_EQ(again(text), once(text));
    }
  }
}

TEST(RecentStatements, of_any_length_all_is_well) {
  for (const std::size_t size : {0U, 1U, 23U, 24U, 25U, 2047U, 2048U, 2049U, 9000U}) {
    const std::string text = std::string(size, 'a');
    for (int i = 0; i < 2; ++i) EXPECT_EQ(again(text), once(text)) << size;
  }
}

TEST(RecentStatements, a_thread_that_ends_can_still_ask) {
  std::string shown;
  std::thread([&shown] {
    struct Late {
      std::string* shown;
      ~Late() { *shown = again(usual); }
    };
    static thread_local const Late late{&shown};  // made first, destroyed last
    EXPECT_EQ(late.shown, &shown);
    EXPECT_EQ(again(usual), once(usual));
  }).join();
  EXPECT_EQ(shown, once(usual));
}
