#include <gtest/gtest.h>

#include "support/sanitised.hpp"

using support::Dialect;
using support::Shown;

namespace {
void expect_shown(std::initializer_list<Shown> cases) {
  support::expect_shown(Dialect::postgresql, cases);
}
}  // namespace

TEST(SanitisePostgresql, backslashes_escape_in_escape_strings_only) {
  expect_shown({
      {R"(a = 'x\' AND b = 'y')", "a = ? AND b = ?"},
      {R"(a = E'x\' AND b = ''y' AND c)", "a = ? AND c"},
      {R"(a = e'x\\' AND b)", "a = ? AND b"},
      {R"(a = E'\\\'' AND b)", "a = ? AND b"},
      {R"(a = E'x''\'y' AND b)", "a = ? AND b"},
      {R"(a = E'x\)", "a = ?"},
      {R"(ae'x\' AND b)", "ae? AND b"},
      {R"(a e 'x\' AND b)", "a e ? AND b"},
      {R"(N'x' B'01' X'1F' n'x' b'0' x'1f')", "? ? ? ? ? ?"},
      {R"(N'x\' AND b)", "? AND b"},
      {R"(U&'x\' AND b)", "U&? AND b"},
      {R"(U&'d!0061t' UESCAPE '!')", "U&? UESCAPE ?"},
  });
}

TEST(SanitisePostgresql, an_escape_string_goes_on_in_the_next_line) {
  expect_shown({
      {"a = E'x'\n'y\\'secret' AND b", "a = ? ? AND b"},
      {"a = E'x' -- z\n '\\'secret' AND b", "a = ? ? AND b"},
      {"a = E'x'\n'y'\n'\\'secret' AND b", "a = ? ? ? AND b"},
      {"a = E'x', 'y\\' AND b", "a = ? AND b"},
      {"a = E'x' || 'y\\' AND b", "a = ? || ? AND b"},
      {"a = 'x'\n'y\\' AND b", "a = ? ? AND b"},
  });
}

TEST(SanitisePostgresql, double_quoted_names_stay) {
  expect_shown({
      {R"(SELECT "t"."my c" FROM "T" WHERE "a" = 'x')",
       R"(SELECT "t"."my c" FROM "T" WHERE "a" = ?)"},
      {R"("a""b" = 1)", R"("a""b" = ?)"},
      {R"("it's" = 1)", R"("it's" = ?)"},
      {R"("a\" = 'x')", R"("a\" = ?)"},
      {R"("a -- b" = 1)", R"("a -- b" = ?)"},
      {R"(U&"d\0061t" = 1)", R"(U&"d\0061t" = ?)"},
      {R"("a  b" = 1)", R"("a  b" = ?)"},
      {R"(a = "b 'secret')", "a = ?"},
  });
}

TEST(SanitisePostgresql, dollar_quoted_texts_are_literals) {
  expect_shown({
      {"a = $$x$$", "a = ?"},
      {"a = $$it's$$ AND b", "a = ? AND b"},
      {"a = $tag$x$$y$other$z$tag$ AND b", "a = ? AND b"},
      {"DO $body$ BEGIN PERFORM 'x'; END $body$ LANGUAGE plpgsql", "DO ? LANGUAGE plpgsql"},
      {"a = $$secret", "a = ?"},
      {"a = $x$secret$y$ AND b", "a = ?"},
      {"a = $Tag$secret$tag$", "a = ?"},
      {"a = $größe$x$größe$ AND b", "a = ? AND b"},
      {"$$$$", "?"},
      {"$a$$a$ b", "? b"},
      {"IN ($$a$$, $$b$$)", "IN (?)"},
      {"a$b$ = 'x'", "a$b$ = ?"},
      {"1$$it's$$ AND b", "?? AND b"},
  });
}

TEST(SanitisePostgresql, parameters_stay) {
  expect_shown({
      {"a = $1 AND b = $23", "a = $1 AND b = $23"},
      {"VALUES ($1, $2)", "VALUES ($1, $2)"},
      {"VALUES ($1, 'x', 2)", "VALUES ($1, ?)"},
      {"$1::text", "$1::text"},
      {"a = $1$2", "a = $1$2"},
      {"$", "$"},
      {"$ 1", "$ ?"},
      {"$a", "$a"},
      {"$a('x')", "$a(?)"},
  });
}

TEST(SanitisePostgresql, comments_nest) {
  expect_shown({
      {"a /* b /* c */ d */ e", "a e"},
      {"a /* /* /* */ */ it's */ e", "a e"},
      {"a /* /* */ secret", "a"},
      {"a --b\rc", "a c"},
      {"a--b\nc", "a c"},
      {"a /*! b */ c", "a c"},
      {"a*/*b*/c", "a* c"},
      {"a+--b\nc", "a+ c"},
  });
}

TEST(SanitisePostgresql, operators_stay) {
  expect_shown({
      {"a #> '{x,y}'", "a #> ?"},
      {"a #>> '{x}' = 'y'", "a #>> ? = ?"},
      {"a -> 'x' ->> 0", "a -> ? ->> ?"},
      {"a ? 'x'", "a ? ?"},
      {"a @> '{}'::jsonb", "a @> ?::jsonb"},
      {"a::int[]", "a::int[]"},
      {"ARRAY[1, 2, 3]", "ARRAY[?]"},
      {"a[1:2]", "a[?:?]"},
      {"a # 5", "a # ?"},
      {"a ~ '^x'", "a ~ ?"},
      {"a ` b", "a ` b"},
      {"INTERVAL '1 day'", "INTERVAL ?"},
      {"TIMESTAMP WITH TIME ZONE '2020-01-01'", "TIMESTAMP WITH TIME ZONE ?"},
  });
}

TEST(SanitisePostgresql, a_number_that_may_begin_a_text_takes_the_rest) {
  expect_shown({{R"(1e'it\'s secret')", "??"}, {"1e 'x' b", "? ? b"}, {"1'x' b", "?? b"}});
}
