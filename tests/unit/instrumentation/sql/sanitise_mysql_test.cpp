#include <gtest/gtest.h>

#include "support/sanitised.hpp"

using support::Dialect;
using support::Shown;

namespace {
void expect_shown(std::initializer_list<Shown> cases) {
  support::expect_shown(Dialect::mysql, cases);
}
}  // namespace

TEST(SanitiseMysql, backslashes_escape_in_both_quotes) {
  expect_shown({
      {R"(a = 'x\' AND b = ''y' AND c)", "a = ? AND c"},
      {R"(a = "x\" AND b = ""y" AND c)", "a = ? AND c"},
      {R"(a = 'x\\' AND b)", "a = ? AND b"},
      {R"(a = '\\\'' AND b)", "a = ? AND b"},
      {R"(a = 'x\)", "a = ?"},
      {R"(a = "it's" AND b)", "a = ? AND b"},
      {R"(a = '"' AND b = "'" AND c)", "a = ? AND b = ? AND c"},
      {R"(a = "x""y" AND b)", "a = ? AND b"},
      {R"(a = "")", "a = ?"},
      {R"(a = 'größe\'s' AND b)", "a = ? AND b"},
      {R"(a = '日本\'s' AND b)", "a = ? AND b"},
  });
}

TEST(SanitiseMysql, prefixes_belong_to_their_strings) {
  expect_shown({
      {"N'x' n'x' B'01' b'01' X'1F' x'1f'", "? ? ? ? ? ?"},
      {"_utf8mb4'x'", "_utf8mb4?"},
      {"_utf8mb4 'x' COLLATE utf8mb4_bin", "_utf8mb4 ? COLLATE utf8mb4_bin"},
      {"0x4D + 0b1", "? + ?"},
      {R"(N'x\'s' AND b)", "? AND b"},
  });
}

TEST(SanitiseMysql, backticked_names_stay) {
  expect_shown({
      {"SELECT `t`.`c 1` FROM `t` WHERE `a` = 'x'", "SELECT `t`.`c 1` FROM `t` WHERE `a` = ?"},
      {"`a``b` = 1", "`a``b` = ?"},
      {"`it's` = 1", "`it's` = ?"},
      {R"(`a\` = 'x')", R"(`a\` = ?)"},
      {"`a # b` = 1", "`a # b` = ?"},
      {"a = `b 'secret'", "a = ?"},
  });
}

TEST(SanitiseMysql, comments_begin_with_a_hash_or_with_dashes_and_a_space) {
  expect_shown({
      {"a # it's\nb", "a b"},
      {"a#b", "a"},
      {"a -- it's\nb", "a b"},
      {"a --\tit's\nb", "a b"},
      {"a --\x01it's\nb", "a b"},
      {"a --b", "a --b"},
      {"5--'x'", "?--?"},
      {"5--3", "?-?"},
      {"a --- it's\nb", "a - b"},
      {"a /* b /* c */ d */ e", "a d */ e"},
      {"a /* b /*/ c", "a c"},
      {"a # b\rc\nd", "a d"},
  });
}

TEST(SanitiseMysql, executable_comments_and_hints_are_dropped) {
  expect_shown({
      {"SELECT /*! STRAIGHT_JOIN */ a", "SELECT a"},
      {"SELECT /*!40101 SQL_NO_CACHE */ a", "SELECT a"},
      {"SELECT /*M!100100 x */ a", "SELECT a"},
      {"SELECT /*+ MAX_EXECUTION_TIME(1000) */ a", "SELECT a"},
      {"/*!40101 SET NAMES utf8 */", ""},
      {"SELECT /*M x */ a", "SELECT a"},
  });
}

TEST(SanitiseMysql, where_a_server_may_see_another_end_of_a_comment_the_rest_goes) {
  expect_shown({
      {"a /*! b = 'x' */ c", "a ?"},
      {"a /*!99999 it's */ b = 'secret'", "a ?"},
      {"a /*! b = 'x*/y' , secret */", "a ?"},
      {"a /*! `b` */ c", "a ?"},
      {"a /*! /* b */ c */ d", "a ?"},
      {"a /*! # */\n secret */", "a ?"},
      {"a /*! -- */\n secret */", "a ?"},
      {"a /*+ QB_NAME(\"x\") */ c", "a ?"},
      {"a /*M! 'x' */ c", "a ?"},
  });
}

TEST(SanitiseMysql, a_backslash_that_may_be_half_a_character_takes_the_rest) {
  expect_shown({
      {"a = '\xbf\\' OR b = 'secret'", "a = ?"},
      {"a = '\x83\\' , secret", "a = ?"},
      {"a = '\xbfx\\'s' AND b", "a = ? AND b"},
      {"a = '\xc3\xa9\\'s' AND b", "a = ? AND b"},
      {"a = '\xc3\xa9\xbf\\' , secret", "a = ?"},
  });
}

TEST(SanitiseMysql, dollars_and_at_signs_are_parts_of_names) {
  expect_shown({
      {"SELECT $a, a$1, @a, @@global.b", "SELECT $a, a$1, @a, @@global.b"},
      {"$$ 'x' $$", "$$ ? $$"},
      {"'me'@'10.0.0.1'", "?@?"},
      {"me@'secret'", "me@?"},
      {"SET @a := 5", "SET @a := ?"},
      {"@'secret'", "@?"},
      {"a[1]", "a[?]"},
  });
}

TEST(SanitiseMysql, what_follows_identified_by_without_quotes_goes) {
  expect_shown({
      {"CREATE USER 'me'@'%' IDENTIFIED BY \"secret\" REQUIRE SSL",
       "CREATE USER ?@? IDENTIFIED BY ? REQUIRE SSL"},
      {"IDENTIFIED BY PASSWORD '*94BDCEBE19083CE2A1F959FD02F964C7AF4CFC29'", "IDENTIFIED BY ?"},
      {"identified /* x */ by secret", "identified by ?"},
      {"ORDER BY a, b", "ORDER BY a, b"},
      {"GROUP BY a", "GROUP BY a"},
      {"identified, by", "identified, by"},
  });
}
