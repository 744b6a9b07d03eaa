// The sanitiser is linear, counted in steps, whatever it is given.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "sql/bounded_text.hpp"
#include "sql/meter.hpp"
#include "sql/sanitise_into.hpp"
#include "support/sanitised.hpp"

using support::all_dialects;
using support::Dialect;
using xray::sql::longest_read;

namespace {

std::size_t steps_for(std::string_view statement, Dialect dialect) {
  std::string buffer(2 * statement.size() + 4, '\0');
  xray::sql::BoundedText out(buffer.data(), buffer.size());
  xray::sql::CountingMeter meter;
  xray::sql::sanitise_into(statement, dialect, out, meter);
  return meter.steps;
}

std::string repeated(std::string_view text, std::size_t size) {
  std::string all;
  while (all.size() < size) all += text;
  all.resize(size);
  return all;
}

constexpr std::string_view patterns[] = {"a",
                                         " ",
                                         "a ",
                                         "1",
                                         "1 ",
                                         "-",
                                         "- ",
                                         "-1",
                                         "+-+-1",
                                         "--",
                                         "--\n",
                                         "-- \n",
                                         "'",
                                         "''",
                                         "'a' ",
                                         "\"",
                                         "\"a\"",
                                         "\"a\".",
                                         "`",
                                         "`a`",
                                         "[",
                                         "]",
                                         "[a]",
                                         "(",
                                         ")",
                                         "(1)",
                                         "(1),",
                                         "1,",
                                         "?,",
                                         "/",
                                         "/*",
                                         "*/",
                                         "/**/",
                                         "/*/",
                                         "/*!",
                                         "/*+",
                                         "#",
                                         "#\n",
                                         "$",
                                         "$$",
                                         "$a",
                                         "$a$",
                                         "$a$b",
                                         "$ab$$a",
                                         "$$a$",
                                         "$1",
                                         "\\",
                                         "'\\",
                                         "'\\'",
                                         "E'a'",
                                         "E'a'\n",
                                         "e",
                                         "1e",
                                         "1e-",
                                         "1e-1",
                                         "1.",
                                         ".1",
                                         ".",
                                         "by ",
                                         "by\n",
                                         "identified by ",
                                         "identified by '' ",
                                         "key ",
                                         "pragma ",
                                         "pragma key",
                                         "a.key",
                                         "from \"",
                                         "from \"a\" ",
                                         "distinct from \"a\"",
                                         ":a",
                                         ":a(",
                                         "@",
                                         "\xff",
                                         "\xc3\xa9",
                                         "'\xc3\xa9\\",
                                         "'\xbf\\",
                                         "N'",
                                         "q'",
                                         ",",
                                         ";",
                                         "\n",
                                         "\r",
                                         "\xc3\xa9"
                                         "1 "};

}  // namespace

TEST(SanitiseSteps, no_byte_is_looked_at_more_than_a_few_times) {
  for (const Dialect dialect : all_dialects) {
    for (const std::string_view pattern : patterns) {
      for (const char* before : {"", "'", "/*", "$tag$", "[", "E'a' ", "(", "$abcdefghijklmnop$"}) {
        const std::string statement = before + repeated(pattern, 5000);
        const std::size_t steps = steps_for(statement, dialect);
        EXPECT_LE(steps, 3 * statement.size())
            << support::name_of(dialect) << ": " << before << pattern << "...";
        EXPECT_GE(steps, statement.size());
      }
    }
  }
}

TEST(SanitiseSteps, a_tag_that_nearly_ends_often_costs_its_length_once_more) {
  const std::string tag(1000, 'a');
  const std::string statement = "$" + tag + "$" + repeated("$" + tag + "b", 50'000);
  EXPECT_LE(steps_for(statement, Dialect::postgresql), 3 * statement.size());
}

TEST(SanitiseSteps, what_is_beyond_the_limit_is_not_looked_at) {
  for (const Dialect dialect : all_dialects) {
    for (const std::string_view pattern : {"a ", "1,", "'a',", "(1),"}) {
      EXPECT_LE(steps_for(repeated(pattern, 10 * longest_read), dialect), 3 * longest_read);
    }
  }
}
