#include <gtest/gtest.h>

#include "support/sanitised.hpp"

using support::Dialect;
using support::Shown;

namespace {
void expect_shown(std::initializer_list<Shown> cases) {
  support::expect_shown(Dialect::sqlite, cases);
}
}  // namespace

TEST(SanitiseSqlite, backslashes_escape_nothing) {
  expect_shown({
      {R"(a = 'x\' AND b = 'y')", "a = ? AND b = ?"},
      {R"(a = '\' AND b)", "a = ? AND b"},
      {R"(a = 'x\\' AND b)", "a = ? AND b"},
      {R"(e'x\' AND b)", "? AND b"},
  });
}

TEST(SanitiseSqlite, quoted_names_stay) {
  expect_shown({
      {"SELECT `a b`, [c d 1] FROM [t's]", "SELECT `a b`, [c d 1] FROM [t's]"},
      {"`a``b` = 1", "`a``b` = ?"},
      {"[a]]b", "[a]]b"},
      {"[a -- b] = 'x'", "[a -- b] = ?"},
      {"`a -- b`  = 'x'", "`a -- b` = ?"},
  });
}

TEST(SanitiseSqlite, names_without_an_end_take_the_rest) {
  expect_shown({{"a [b, 'c'", "a ?"}, {"a `b 'c'", "a ?"}, {"FROM \"b 'c'", "FROM ?"}});
}

TEST(SanitiseSqlite, double_quotes_may_hold_a_literal) {
  expect_shown({
      {R"(a = "secret")", "a = ?"},
      {R"(SELECT "secret")", "SELECT ?"},
      {R"(VALUES ("a", "b"))", "VALUES (?)"},
      {R"(a IN ("x", 'y'))", "a IN (?)"},
      {R"(a = "x""y" AND b)", "a = ? AND b"},
      {R"(a LIKE "x" OR b)", "a LIKE ? OR b"},
      {R"(a IS NOT DISTINCT FROM "secret")", "a IS NOT DISTINCT FROM ?"},
      {R"(ORDER BY "secret")", "ORDER BY ?"},
      {R"("secret".5)", "??"},
      {R"(x_from "secret")", "x_from ?"},
  });
}

TEST(SanitiseSqlite, double_quoted_texts_stay_where_no_literal_can_stand) {
  expect_shown({
      {R"(SELECT "t"."c" FROM "t")", R"(SELECT "t"."c" FROM "t")"},
      {R"(SELECT "main"."t"."c 1")", R"(SELECT "main"."t"."c 1")"},
      {R"(SELECT t."c")", R"(SELECT t."c")"},
      {"SELECT t . \"c\", t.\n\"d\"", "SELECT t . \"c\", t. \"d\""},
      {R"(INSERT INTO "t" VALUES (1))", R"(INSERT INTO "t" VALUES (?))"},
      {R"(UPDATE "t" SET a = 1)", R"(UPDATE "t" SET a = ?)"},
      {R"(a JOIN "t" ON b)", R"(a JOIN "t" ON b)"},
      {R"(CREATE TABLE IF NOT EXISTS "my t" (a))", R"(CREATE TABLE IF NOT EXISTS "my t" (a))"},
      {R"(DROP table "t")", R"(DROP table "t")"},
      {R"(SELECT 1 AS "one")", R"(SELECT ? AS "one")"},
      {"SELECT 1 FROM\n\"it's\" WHERE a = 'x'", "SELECT ? FROM \"it's\" WHERE a = ?"},
      {R"(FROM"t")", R"(FROM"t")"},
  });
}

TEST(SanitiseSqlite, parameters_of_every_kind_stay) {
  expect_shown({
      {"VALUES (?, ?1, ?23, :a, :1, @a, @1, $a, $1, #1)",
       "VALUES (?, ?1, ?23, :a, :1, @a, @1, $a, $1, #1)"},
      {"a = ?1 AND b = 1", "a = ?1 AND b = ?"},
      {"$a::b", "$a::b"},
      {"?1a", "?1a"},
      {"$a(x'y) , 'secret'", "$a?"},
      {": 5", ": ?"},
  });
}

TEST(SanitiseSqlite, hashes_and_dollars_quote_nothing) {
  expect_shown(
      {{"a # 'x'\n b", "a # ? b"}, {"$$ 'x' $$", "$$ ? $$"}, {"$a$ 'x' $a$", "$a$ ? $a$"}});
}

TEST(SanitiseSqlite, comments_do_not_nest_and_end_at_newlines_only) {
  expect_shown({
      {"a /* b /* c */ d */ e", "a d */ e"},
      {"a --b\rc\nd", "a d"},
      {"a--b", "a"},
      {"a /*! b */ c", "a c"},
      {"a /*+ it's */ c", "a c"},
  });
}

TEST(SanitiseSqlite, keys_of_encrypted_files_go_however_they_are_written) {
  expect_shown({
      {"PRAGMA key = 'secret'", "PRAGMA key ?"},
      {"PRAGMA key = secret", "PRAGMA key ?"},
      {"pragma KEY=secret;", "pragma KEY ?"},
      {"PRAGMA rekey(secret)", "PRAGMA rekey ?"},
      {"PRAGMA main.key = secret", "PRAGMA main.key ?"},
      {"PRAGMA hexkey = secret", "PRAGMA hexkey ?"},
      {"ATTACH 'f' AS x KEY secret", "ATTACH ? AS x KEY ?"},
      {"SELECT a; PRAGMA key = secret", "SELECT a; PRAGMA key ?"},
      {"PRAGMA foreign_keys = ON", "PRAGMA foreign_keys = ON"},
      {"PRAGMA journal_mode = WAL", "PRAGMA journal_mode = WAL"},
      {"SELECT key FROM t WHERE key = b", "SELECT key FROM t WHERE key = b"},
  });
}
