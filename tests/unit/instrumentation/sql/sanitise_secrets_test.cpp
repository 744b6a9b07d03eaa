// Statements made at random: no value of theirs is shown.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/sanitised.hpp"

using support::Dialect;
using support::known_dialects;
using support::name_of;
using support::sanitised;

namespace {

constexpr unsigned rounds = 10'000;

/// What no name, keyword or comment in these tests has in it: parts of a value.
constexpr std::string_view secret_word = "Zz";
constexpr std::string_view secret_digits = "79";

class Statements {
 public:
  explicit Statements(unsigned seed) : random_(seed) {}

  std::string statement(Dialect dialect) {
    std::string text;
    for (unsigned count = 1 + below(12); count != 0; --count) {
      text += part(dialect);
      text += one_of({"", " ", "  ", "\n", ", ", "=", " = ", "(", ")", ";", " AND ", "||", "-"});
    }
    return text;
  }

 private:
  unsigned below(unsigned end) {
    return std::uniform_int_distribution<unsigned>(0, end - 1)(random_);
  }

  std::string_view one_of(std::initializer_list<std::string_view> texts) {
    return texts.begin()[below(static_cast<unsigned>(texts.size()))];
  }

  std::string part(Dialect dialect) {
    switch (below(4)) {
      case 0:
        return std::string(
            one_of({" a ", " SELECT ", " FROM t ", " b.c ", " (", ") ", " IN (", " e ", " x ",
                    " N ", " by ", " key ", "?", ":name ", "@name ", "[a]", " * ", " / ", " - "}));
      case 1:
        return comment(dialect);
      case 2:
        return " " + number() + " ";
      default:
        return " " + string(dialect) + " ";
    }
  }

  std::string comment(Dialect dialect) {
    std::string inside(
        one_of({" x ", " it's ", " \" ", " -- ", " ` ", "", "*", " $$ ", " [ ", "\\"}));
    if (below(2) == 0) return " -- " + inside + "\n";
    if (dialect == Dialect::postgresql && below(2) == 0) {
      return "/* " + inside + " /* ' */ " + inside + " */";
    }
    if (dialect == Dialect::mysql && below(2) == 0) return "#" + inside + "\n";
    return "/* " + inside + " */";
  }

  std::string number() {
    return std::string(one_of({"79", "-79", "+79.79", ".79", "79.", "79e79", "79E-79", "0x79Zz",
                               "0X79", "0b79", "7979797979797979797979", "79_79", "-.79e+79"}));
  }

  std::string string(Dialect dialect) {
    const bool mysql = dialect == Dialect::mysql;
    const bool postgresql = dialect == Dialect::postgresql;
    switch (below(6)) {
      case 0:
        if (postgresql) return std::string(one_of({"e'", "E'"})) + inside('\'', true) + "' ||";
        break;
      case 1:
        if (postgresql) {
          const std::string tag(one_of({"$$", "$a$", "$_1$"}));
          return tag + std::string(secret_word) +
                 std::string(one_of({"'", "$", "\"", "\\", "$b$", "--"})) + "79" + tag;
        }
        break;
      case 2:
        if (!postgresql) return "\"" + inside('"', mysql) + "\"";
        break;
      case 3:
        return std::string(one_of({"N'", "B'", "X'", "U&'"})) + inside('\'', mysql) + "'";
      case 4:
        return std::string(one_of({"x'", "X'"})) + "79'";
      default:
        break;
    }
    return "'" + inside('\'', mysql) + "'";
  }

  std::string inside(char quote, bool escapes) {
    std::string text;
    for (unsigned count = below(5); count != 0; --count) {
      switch (below(5)) {
        case 0:
          text += std::string(2, quote);
          break;
        case 1:
          text += escapes ? std::string("\\") + quote : std::string("\\");
          break;
        case 2:
          text += one_of({"-- ", "/*", "*/", "#", "$$", "`", "[", "\n", "\r", ";", "é",
                          quote == '"' ? "'" : "\""});
          break;
        case 3:
          text += escapes ? "\\\\" : "x";
          break;
        default:
          text += one_of({secret_word, secret_digits});
      }
    }
    return text + std::string(secret_word);
  }

  std::mt19937 random_;
};

bool shows_secret(const std::string& shown) {
  return shown.find(secret_word) != std::string::npos ||
         shown.find(secret_digits) != std::string::npos;
}

}  // namespace

TEST(SanitiseSecrets, no_part_of_a_literal_is_shown_in_its_dialect) {
  for (const Dialect dialect : known_dialects) {
    Statements statements(1);
    for (unsigned round = 0; round < rounds; ++round) {
      const std::string statement = statements.statement(dialect);
      const std::string shown = sanitised(statement, dialect);
      ASSERT_FALSE(shows_secret(shown))
          << name_of(dialect) << ": " << statement << "\nas " << shown;
    }
  }
}

TEST(SanitiseSecrets, no_part_of_any_dialects_literal_is_shown_if_nobody_knows_which_it_is) {
  for (const Dialect dialect : known_dialects) {
    Statements statements(2);
    for (unsigned round = 0; round < rounds; ++round) {
      const std::string statement = statements.statement(dialect);
      const std::string shown = sanitised(statement, Dialect::unknown);
      ASSERT_FALSE(shows_secret(shown))
          << name_of(dialect) << ": " << statement << "\nas " << shown;
    }
  }
}

TEST(SanitiseSecrets, no_part_of_a_literal_is_shown_wherever_the_statement_ends) {
  for (const Dialect dialect : known_dialects) {
    Statements statements(3);
    for (unsigned round = 0; round < rounds / 20; ++round) {
      const std::string statement = statements.statement(dialect);
      for (std::size_t size = 0; size < statement.size(); ++size) {
        const std::string shown = sanitised(statement.substr(0, size), dialect);
        ASSERT_FALSE(shows_secret(shown))
            << name_of(dialect) << ": " << statement << "\nas " << shown;
      }
    }
  }
}

TEST(SanitiseSecrets, who_knows_no_dialect_shows_no_word_that_some_dialect_hides) {
  // Words that occur once, among all that quotes, escapes and comments are made of.
  constexpr std::string_view signs[] = {"'",  "'",  "'",  "\"", "`", "\\", "\\",   "-",       "--",
                                        "/",  "/*", "*/", "*",  "#", "$",  "$$",   "[",       "]",
                                        "\n", "\r", " ",  " ",  "1", "e",  "E",    "N",       "q",
                                        "(",  ")",  ",",  ".",  "!", "+",  "\xbf", "\xc3\xa9"};
  std::mt19937 random(4);
  const auto below = [&](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  for (unsigned round = 0; round < 6 * rounds; ++round) {
    std::string statement;
    std::vector<std::string> words;
    for (std::size_t count = 2 + below(14); count != 0; --count) {
      if (below(3) == 0) {
        const auto letter = static_cast<char>('a' + words.size());
        words.push_back({letter, 'W', letter});
        statement += words.back();
      } else {
        statement += signs[below(std::size(signs))];
      }
    }
    statement += ']';  // a bracket without an end is an error where brackets quote
    const std::string shown = sanitised(statement, Dialect::unknown);
    for (const Dialect dialect : known_dialects) {
      const std::string by_dialect = sanitised(statement, dialect);
      for (const std::string& word : words) {
        if (by_dialect.find(word) != std::string::npos) continue;
        ASSERT_EQ(shown.find(word), std::string::npos)
            << word << ' ' << name_of(dialect) << ": " << statement << "\nas " << by_dialect
            << "\nand " << shown;
      }
    }
  }
}

TEST(SanitiseSecrets, what_is_shown_has_no_more_to_hide) {
  for (const Dialect dialect : {Dialect::sqlite, Dialect::postgresql}) {
    Statements statements(5);
    for (unsigned round = 0; round < rounds; ++round) {
      const std::string shown = sanitised(statements.statement(dialect), dialect);
      ASSERT_EQ(sanitised(shown, dialect), shown) << name_of(dialect);
    }
  }
}
