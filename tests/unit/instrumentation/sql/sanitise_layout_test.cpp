// What all dialects have in common: layout, numbers, lists, limits.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "support/sanitised.hpp"

using support::all_dialects;
using support::Dialect;
using support::expect_shown_by_all;
using support::name_of;
using support::sanitised;
using xray::sql::longest_read;

TEST(Sanitise, a_statement_without_values_stays_as_it_is) {
  for (const std::string_view statement :
       {"", "SELECT a, b FROM t WHERE a = b", "select a.b,c.d from t1 x2;", "BEGIN",
        "SELECT * FROM t", "SELECT count(*) FROM schema_1.table_2 WHERE a <> b AND c IS NOT NULL",
        "INSERT INTO t (a, b) VALUES (?, ?)", "SELECT :name, @name", "SELECT TRUE, NULL",
        "SELECT größe FROM tische", "a-b", "a/b", "a - b", "a / b * c", "(a)", "((a),(b))",
        "CALL p()", "SELECT a FROM t LIMIT ? OFFSET ?", "f(?, ?), (?), (?)"}) {
    for (const Dialect dialect : all_dialects) {
      EXPECT_EQ(sanitised(statement, dialect), statement) << name_of(dialect);
    }
  }
}

TEST(Sanitise, numbers_of_every_shape_are_literals) {
  expect_shown_by_all({
      {"a = 1", "a = ?"},         {"a=1", "a=?"},
      {"a = 0", "a = ?"},         {"a = 1234567890123456789012345678901234567890", "a = ?"},
      {"a = 1.5", "a = ?"},       {"a = .5", "a = ?"},
      {"a = 1.", "a = ?"},        {"a=.5+b", "a=?+b"},
      {"a = 1e5", "a = ?"},       {"a = 1E-5", "a = ?"},
      {"a = 1.5e+10", "a = ?"},   {"a = .5e10 AND b", "a = ? AND b"},
      {"a = 0x1F", "a = ?"},      {"a = 0XDEADbeef", "a = ?"},
      {"a = 0b1010", "a = ?"},    {"a = 0o17", "a = ?"},
      {"a = 1_000_000", "a = ?"}, {"a = 10L", "a = ?"},
      {"a = 1e", "a = ?"},        {"a = 1e-b", "a = ?-b"},
      {"a = 1-b", "a = ?-b"},     {"a<1 AND b>2", "a<? AND b>?"},
      {"f(1)", "f(?)"},           {"1", "?"},
      {"LIMIT 10;", "LIMIT ?;"},
  });
}

TEST(Sanitise, digits_in_a_name_are_no_number) {
  expect_shown_by_all({
      {"SELECT t1.c2 FROM t1", "SELECT t1.c2 FROM t1"},
      {"a1b2", "a1b2"},
      {"_1", "_1"},
      {"t2020_01", "t2020_01"},
      {"ab$1", "ab$1"},
  });
}

TEST(Sanitise, a_name_that_begins_with_a_digit_goes_as_it_could_be_a_number) {
  expect_shown_by_all({{"db.1table", "db.?"}, {"SELECT 2fa FROM t", "SELECT ? FROM t"}});
}

TEST(Sanitise, a_sign_goes_with_its_number_where_there_is_nothing_to_subtract_from) {
  expect_shown_by_all({
      {"a = -5", "a = ?"},       {"a = - 5", "a = ?"},
      {"a=-5", "a=?"},           {"a = +5", "a = ?"},
      {"a = -.5", "a = ?"},      {"-5", "?"},
      {"(-5)", "(?)"},           {"f(-5, -6)", "f(?)"},
      {"SELECT -5", "SELECT ?"}, {"a BETWEEN -5 AND -1", "a BETWEEN ? AND ?"},
      {"limit -1", "limit ?"},   {"THEN -1 ELSE -2 END", "THEN ? ELSE ? END"},
      {"a > - + -5", "a > ?"},   {"a - 5", "a - ?"},
      {"a -5", "a -?"},          {"a-5", "a-?"},
      {"(a) - 5", "(a) - ?"},    {"5 - 3", "? - ?"},
      {"a - -5", "a - ?"},       {"\n-\n5", "?"},
  });
}

TEST(Sanitise, strings_are_literals) {
  expect_shown_by_all({
      {"a = 'x'", "a = ?"},
      {"a='x'", "a=?"},
      {"''", "?"},
      {"a = ''", "a = ?"},
      {"a = 'it''s'", "a = ?"},
      {"a = 'x''' AND b", "a = ? AND b"},
      {"a = 'x' AND b = 'y'", "a = ? AND b = ?"},
      {"a LIKE '%x%'", "a LIKE ?"},
      {"a = 'x\ny'", "a = ?"},
      {"a = '-- x' AND b", "a = ? AND b"},
      {"a = '/* x' AND b", "a = ? AND b"},
      {"a = '# x' AND b", "a = ? AND b"},
      {"a = '$$' AND b", "a = ? AND b"},
      {"a = '\"' AND b", "a = ? AND b"},
      {"a = '`' AND b", "a = ? AND b"},
      {"a = 'größe' AND b", "a = ? AND b"},
      {"a = 'x'||'y'", "a = ?||?"},
      {"'x'y", "?y"},
      {"'x' 'y'", "? ?"},
      {"x'4D5A'", "?"},
      {"X'4D5A' AND b", "? AND b"},
      {"DATE '2020-01-01'", "DATE ?"},
      {"DATE'2020-01-01'", "DATE?"},
      {"ax'41'", "ax?"},
      {"a.x'41'", "a.?"},
  });
}

TEST(Sanitise, a_string_without_an_end_takes_the_rest) {
  expect_shown_by_all({
      {"a = 'x", "a = ?"},
      {"a = 'x AND b = 1; DROP TABLE t", "a = ?"},
      {"a = 'x'' AND b", "a = ?"},
      {"a = '", "a = ?"},
      {"'", "?"},
      {"IN (1, 2, 'x", "IN (?"},
  });
}

TEST(Sanitise, passwords_are_literals_like_all_others) {
  expect_shown_by_all({
      {"CREATE USER me IDENTIFIED BY 'secret'", "CREATE USER me IDENTIFIED BY ?"},
      {"CREATE USER me IDENTIFIED  BY\n'secret' REQUIRE SSL",
       "CREATE USER me IDENTIFIED BY ? REQUIRE SSL"},
      {"ALTER ROLE me WITH PASSWORD 'secret' LOGIN", "ALTER ROLE me WITH PASSWORD ? LOGIN"},
      {"SET PASSWORD FOR me = 'secret'", "SET PASSWORD FOR me = ?"},
      {"COPY t FROM 's3://x' CREDENTIALS 'aws_secret_access_key=secret'",
       "COPY t FROM ? CREDENTIALS ?"},
      {"CREATE SUBSCRIPTION s CONNECTION 'host=h password=secret' PUBLICATION p",
       "CREATE SUBSCRIPTION s CONNECTION ? PUBLICATION p"},
      {"GRANT ALL ON d.* TO 'me'@'%'", "GRANT ALL ON d.* TO ?@?"},
  });
}

TEST(Sanitise, white_space_becomes_one_space) {
  expect_shown_by_all({
      {"  SELECT   a\n\tFROM\r\n t  ", "SELECT a FROM t"},
      {"\n", ""},
      {" ", ""},
      {"a ", "a"},
      {"a  ", "a"},
      {" a", "a"},
      {"a\v\fb", "a b"},
      {std::string_view("a\0b", 3), "a b"},
      {"f( 1 )", "f( ? )"},
      {"a  =  1  ", "a = ?"},
      {"a - b", "a - b"},
      {"a  -  b", "a - b"},
      {"a /b", "a /b"},
  });
}

TEST(Sanitise, comments_are_dropped) {
  expect_shown_by_all({
      {"SELECT a -- secret", "SELECT a"},
      {"SELECT a -- secret\nFROM t", "SELECT a FROM t"},
      {"SELECT a -- it's\r\nFROM t", "SELECT a FROM t"},
      {"-- secret\nSELECT a", "SELECT a"},
      {"--\nSELECT a", "SELECT a"},
      {"SELECT a --", "SELECT a"},
      {"SELECT a /* secret */ FROM t", "SELECT a FROM t"},
      {"SELECT a/* secret */FROM t", "SELECT a FROM t"},
      {"/* it's */SELECT a", "SELECT a"},
      {"/**/a/***/b/* **/", "a b"},
      {"a /* secret", "a"},
      {"a /*", "a"},
      {"a /*/ secret", "a"},
      {"a /* -- */ b", "a b"},
      {"a = /* x */ 1", "a = ?"},
      {"a -- x\n -- y\n b", "a b"},
      {"a*/b", "a*/b"},
  });
}

TEST(Sanitise, lists_of_literals_look_alike_whatever_their_length) {
  expect_shown_by_all({
      {"IN (1)", "IN (?)"},
      {"IN (1,2,3)", "IN (?)"},
      {"IN (1, 2 , 3)", "IN (?)"},
      {"IN ('a', 2, -3, 0x4, N'e')", "IN (?)"},
      {"IN (1, /* x */ 2)", "IN (?)"},
      {"IN (1,\n2)", "IN (?)"},
      {"VALUES (1, 'a'), (2, 'b'), (3, 'c')", "VALUES (?)"},
      {"VALUES (1,'a'),(2,'b') ON CONFLICT", "VALUES (?) ON CONFLICT"},
      {"VALUES (1), (2), (a), (3), (4)", "VALUES (?), (a), (?)"},
      {"VALUES (1, a), (2, b)", "VALUES (?, a), (?, b)"},
      {"f(1), g(2)", "f(?), g(?)"},
      {"(1) (2)", "(?) (?)"},
      {"1, a, 2", "?, a, ?"},
      {"1 AS a, 2 AS b", "? AS a, ? AS b"},
      {"((1),(2))", "((?))"},
      {"((1),(2))xy,5", "((?))xy,?"},
  });
}

TEST(Sanitise, parameters_are_never_merged_into_a_list) {
  expect_shown_by_all({
      {"VALUES (?, ?, 1, 2, ?)", "VALUES (?, ?, ?, ?)"},
      {"IN (?,?)", "IN (?,?)"},
      {"(?), (?), (1), (2)", "(?), (?), (?)"},
  });
}

TEST(Sanitise, what_does_not_fit_ends_in_a_mark_at_the_end_of_a_character) {
  for (const Dialect dialect : all_dialects) {
    EXPECT_EQ(sanitised("SELECT abc", dialect, 10), "SELECT abc");
    EXPECT_EQ(sanitised("SELECT abcd", dialect, 10), "SELECT ...");
    EXPECT_EQ(sanitised("SELECT größe", dialect, 12), "SELECT gr...");
    EXPECT_EQ(sanitised("SELECT größe", dialect, 13), "SELECT gr...");
    EXPECT_EQ(sanitised("SELECT größe", dialect, 14), "SELECT größe");
    EXPECT_EQ(sanitised("SELECT größen", dialect, 14), "SELECT grö...");
    EXPECT_EQ(sanitised("SELECT a 日本語", dialect, 15), "SELECT a 日...");
    EXPECT_EQ(sanitised("abcd", dialect, 3), "...");
    EXPECT_EQ(sanitised("abcd", dialect, 2), "");
    EXPECT_EQ(sanitised("abcd", dialect, 0), "");
    EXPECT_EQ(sanitised("", dialect, 0), "");
  }
}

TEST(Sanitise, nothing_is_written_beyond_the_buffer) {
  constexpr std::string_view statement = "SELECT a, 'b', 3 FROM t WHERE größe IN (1, 2) -- x";
  for (const Dialect dialect : all_dialects) {
    for (std::size_t capacity = 0; capacity < statement.size() + 2; ++capacity) {
      std::array<char, 64> buffer{};
      buffer.fill('~');
      const auto result = xray::sql::sanitise(statement, dialect, buffer.data(), capacity);
      EXPECT_LE(result.text.size(), capacity);
      for (std::size_t i = capacity; i < buffer.size(); ++i) ASSERT_EQ(buffer[i], '~');
      const std::string whole = "SELECT a, ? FROM t WHERE größe IN (?)";
      if (capacity > whole.size()) {
        EXPECT_FALSE(result.cut) << capacity;
      }
      if (capacity < whole.size()) {
        EXPECT_TRUE(result.cut) << capacity;
      }
      if (!result.cut) {
        EXPECT_EQ(result.text, whole);
      }
    }
  }
}

TEST(Sanitise, of_a_very_long_statement_the_beginning_is_read_and_the_text_says_so) {
  std::string statement = "INSERT INTO t VALUES (1)";
  while (statement.size() < 4 * longest_read) statement += ", ('secret')";
  for (const Dialect dialect : all_dialects) {
    EXPECT_EQ(sanitised(statement, dialect).substr(0, 24), "INSERT INTO t VALUES (?)");
    EXPECT_EQ(sanitised(statement, dialect).find("secret"), std::string::npos);
    EXPECT_EQ(sanitised(statement, dialect).substr(sanitised(statement, dialect).size() - 3),
              "...");
    // Wherever reading ends.
    for (std::size_t shift = 0; shift < 14; ++shift) {
      const std::string shown = sanitised(std::string(shift, ' ') + statement, dialect);
      EXPECT_EQ(shown.find("secret"), std::string::npos) << shown;
      EXPECT_LT(shown.size(), 40U);
    }
  }
}

TEST(Sanitise, ill_formed_text_stays_as_it_is) {
  expect_shown_by_all({
      {"a\xff\xfe = b", "a\xff\xfe = b"},
      {"a = '\xff\xfe'", "a = ?"},
      {"\x80 '\xc3' \xc3", "\x80 ? \xc3"},
      {"a\x01\x02", "a\x01\x02"},
  });
}
