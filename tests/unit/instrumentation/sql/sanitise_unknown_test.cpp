// A database that nobody knows: what could be a literal anywhere goes.
#include <gtest/gtest.h>

#include "support/sanitised.hpp"

using support::Dialect;
using support::Shown;

namespace {
void expect_shown(std::initializer_list<Shown> cases) {
  support::expect_shown(Dialect::unknown, cases);
}
}  // namespace

TEST(SanitiseUnknown, double_quoted_texts_are_literals) {
  expect_shown({
      {R"(SELECT "a" FROM "t")", "SELECT ? FROM ?"},
      {R"("a"."b" = "x")", "?.? = ?"},
      {R"(a = "x""y" AND b)", "a = ? AND b"},
      {R"(a = "it's" AND b)", "a = ? AND b"},
  });
}

TEST(SanitiseUnknown, an_escaped_quote_takes_the_rest_for_it_may_be_the_end) {
  expect_shown({
      {R"(a = 'x\' OR b = 'secret')", "a = ?"},
      {R"(a = 'x\'' OR secret OR b = 'y')", "a = ?"},
      {R"(a = "x\" OR b = "secret")", "a = ?"},
      {R"(a = 'C:\')", "a = ?"},
      {R"(a = 'x\y' AND b)", "a = ? AND b"},
      {R"(a = 'x\\' AND b)", "a = ? AND b"},
      {R"(a = 'x\"' AND b)", "a = ? AND b"},
      {"a = '\xbf\\\\' AND b = 'secret'", "a = ?"},
      {"a = '\xc3\xa9\\n' AND b", "a = ?"},
      {R"(a = E'x' AND b)", "a = ? AND b"},
      {"a = 'x\\", "a = ?"},
  });
}

TEST(SanitiseUnknown, quotes_of_other_databases_take_the_rest) {
  expect_shown({
      {"a = $$it's$$ AND b", "a = ?"},
      {"a = $t$it's$t$ AND b", "a = ?"},
      {"a = q'[it's]' AND b = 'secret'", "a = ?"},
      {"a = NQ'{it's}' AND b = 'secret'", "a = ?"},
      {"a = '''it's''' AND b", "a = ?"},
      {R"(a = """x"y""" AND b)", "a = ?"},
      {"1e'it\\'s'", "??"},
  });
}

TEST(SanitiseUnknown, comments_that_not_all_take_for_such_take_the_rest) {
  expect_shown({
      {"a --b", "a ?"},
      {"a # b", "a ?"},
      {"FROM #temporary", "FROM ?"},
      {"a /* b /* c */ d */ e", "a ?"},
      {"a /*! 'b' */ c", "a ?"},
      {"a /*M! 'b' */ c", "a ?"},
      {"a /*+ \"b\" */ c", "a ?"},
      {"a -- it's\r b = 'secret'\n c", "a ?"},
      {"a -- b\r\nc", "a c"},
      {"a /*+ hint */ b", "a b"},
      {"a /*! b */ c", "a c"},
  });
}

TEST(SanitiseUnknown, money_is_a_number) {
  expect_shown({
      {"a = $5.00 AND b", "a = ? AND b"},
      {"a = -$5", "a = ?"},
      {"a = £5", "a = ?"},
      {"a = €1,000", "a = ?"},
      {"a = $1", "a = ?"},
      {"$a", "$a"},
      {"$a(x'y) = 'secret'", "$a?"},
      {"$1(x'y) = 'secret'", "??"},
      {"größe = ärger", "größe = ärger"},
  });
}

TEST(SanitiseUnknown, names_in_backticks_and_brackets_stay_while_nothing_in_them_may_be_a_quote) {
  expect_shown({
      {"`my table`.`c_1` = 1", "`my table`.`c_1` = ?"},
      {"[my table].[c_1] = 1", "[my table].[c_1] = ?"},
      {"[dbo].[t] WHERE a = 'x'", "[dbo].[t] WHERE a = ?"},
      {"[2020 sales]", "[? sales]"},
      {"`2020`", "?"},
      {"`it's` = 'secret'", "?"},
      {"[it's] = 'secret'", "[it?"},
      {"[a]]bc'd] = 'secret'", "[a]]bc?"},
      {"[a -- b] = 'secret'", "[a ?"},
      {"[a /* b] = 'secret'", "[a ?"},
      {"[a `b`]", "[a ?"},
      {"`a``b`", "?"},
      {"`a", "?"},
      {"a[1] = 'x'", "a[?] = ?"},
  });
}

TEST(SanitiseUnknown, passwords_without_quotes_go_with_what_follows) {
  expect_shown({
      {"CREATE USER scott IDENTIFIED BY tiger", "CREATE USER scott IDENTIFIED BY ?"},
      {"ALTER USER scott IDENTIFIED BY tiger REPLACE lion", "ALTER USER scott IDENTIFIED BY ?"},
      {"ALTER USER scott IDENTIFIED BY \"tiger\" REPLACE lion", "ALTER USER scott IDENTIFIED BY ?"},
      {"PRAGMA key = secret", "PRAGMA key ?"},
  });
}

TEST(SanitiseUnknown, parameters_with_names_stay) {
  expect_shown({{"a = :name AND b = @name AND c = ?", "a = :name AND b = @name AND c = ?"},
                {"a = :1 AND b = ?2", "a = :? AND b = ??"}});
}
