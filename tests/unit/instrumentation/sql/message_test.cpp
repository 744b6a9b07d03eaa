#include "sql/message.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

std::string without_values(std::string_view message) {
  char buffer[512];
  return std::string(xray::sql::message_without_values(message, buffer, sizeof buffer));
}

std::string until_values(std::string_view message) {
  char buffer[512];
  return std::string(xray::sql::message_until_values(message, buffer, sizeof buffer));
}

}  // namespace

TEST(MessageWithoutValues, what_is_between_the_first_mark_and_the_last_goes) {
  EXPECT_EQ(without_values("relation \"users\" does not exist"), "relation ? does not exist");
  EXPECT_EQ(without_values("null value in column \"a\" of relation \"b\" violates it"),
            "null value in column ? violates it");
  EXPECT_EQ(without_values("division by zero"), "division by zero");
  EXPECT_EQ(without_values(""), "");
}

TEST(MessageWithoutValues, a_mark_inside_a_value_ends_no_quotation) {
  EXPECT_EQ(without_values("invalid input for integer: \"a\"secret b\""),
            "invalid input for integer: ?");
  EXPECT_EQ(without_values("invalid input for date: \"it's \"secret day\""),
            "invalid input for date: ?");
  EXPECT_EQ(without_values("unrecognized token: \"'a\"secret\""), "unrecognized token: ?");
}

TEST(MessageWithoutValues, servers_of_any_language_are_understood) {
  EXPECT_EQ(without_values("ung\u00fcltige Syntax f\u00fcr Typ integer: \u00bbsecret\u00ab"),
            "ung\u00fcltige Syntax f\u00fcr Typ integer: ?");
  EXPECT_EQ(without_values("relacja \u201esecret\u201d nie istnieje"), "relacja ? nie istnieje");
  EXPECT_EQ(without_values("\u30ea\u300csecret\u300d\u306f"), "\u30ea?\u306f");
}

TEST(MessageWithoutValues, of_what_is_not_utf8_nothing_beyond_ascii_is_shown) {
  EXPECT_EQ(without_values("Syntax f\xfcr Typ: \xbbsecret\xab!"), "Syntax f?!");
}

TEST(MessageWithoutValues, numbers_are_values) {
  EXPECT_EQ(without_values("table t has 3 columns"), "table t has ? columns");
}

TEST(MessageUntilValues, ends_at_the_first_thing_that_it_quotes) {
  EXPECT_EQ(until_values("division by zero"), "division by zero");
  EXPECT_EQ(until_values("Duplicate entry 'ann' for key 'PRIMARY'"), "Duplicate entry ?");
  EXPECT_EQ(until_values("no such `secret` here"), "no such ?");
}

TEST(MessageUntilValues, shows_nothing_behind_a_quotation_mark_that_is_a_part_of_the_value) {
  EXPECT_EQ(until_values(R"(invalid input syntax for type integer: "O"secret"")"),
            "invalid input syntax for type integer: ?");
  EXPECT_EQ(until_values("Duplicate entry 'o'secret' for key 'PRIMARY'"), "Duplicate entry ?");
}

TEST(MessageUntilValues, knows_the_quotation_marks_of_other_languages) {
  EXPECT_EQ(until_values("ungültige Eingabesyntax für Typ integer: »secret«"),
            "ungültige Eingabesyntax für Typ integer: ?");
  EXPECT_EQ(until_values("la sintaxis no es válida: «secret»"), "la sintaxis no es válida: ?");
  EXPECT_EQ(until_values("неверный синтаксис: „secret“"), "неверный синтаксис: ?");
  EXPECT_EQ(until_values("値 「secret」"), "値 ?");
}

TEST(MessageUntilValues, of_an_encoding_that_nobody_knows_shows_the_words_before) {
  EXPECT_EQ(until_values("la sintaxis es \xABsecret\xBB"), "la sintaxis es ?");
}

TEST(MessageUntilValues, has_no_numbers) {
  EXPECT_EQ(until_values("character with byte sequence 0xe2 0x82 in column 17"),
            "character with byte sequence ? ? in column ?");
}

TEST(MessageUntilValues, apostrophes_in_words_quote_nothing) {
  EXPECT_EQ(until_values("Table doesn't exist in 'secret'"), "Table doesn\u2019t exist in ?");
  EXPECT_EQ(until_values("near s'tsecret'"), "near s?");
}

TEST(MessageUntilValues, what_stands_for_a_value_stays) {
  EXPECT_EQ(until_values("near ?: syntax error"), "near ?: syntax error");
}

TEST(MessageUntilValues, is_cut_where_it_is_too_long) {
  const std::string text = until_values(std::string(2000, 'a'));
  EXPECT_LE(text.size(), 512U);
  EXPECT_EQ(text.substr(text.size() - 3), "...");
}
