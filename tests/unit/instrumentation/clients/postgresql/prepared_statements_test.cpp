#include "clients/postgresql/prepared_statements.hpp"

#include <gtest/gtest.h>

#include <string>

#include "sql/sanitise.hpp"

using xray::clients::postgresql::find_statement;
using xray::clients::postgresql::forget_statements;
using xray::clients::postgresql::PreparedStatements;
using xray::clients::postgresql::remember_statement;

namespace {

PreparedStatements::Text text(const char* statement) {
  return PreparedStatements::text_of(statement);
}

}  // namespace

TEST(PreparedStatements, are_found_by_the_name_that_they_were_prepared_under_last) {
  PreparedStatements statements(1);
  statements.put("a", text("SELECT 1"));
  statements.put("", text("SELECT 2"));
  statements.put("a", text("SELECT 3"));
  EXPECT_EQ(*statements.find("a"), "SELECT 3");
  EXPECT_EQ(*statements.find(""), "SELECT 2");
  EXPECT_EQ(statements.find("b"), nullptr);
}

TEST(PreparedStatements, only_the_most_recent_are_kept) {
  PreparedStatements statements(1);
  const auto name = [](std::size_t i) { return "statement " + std::to_string(i); };
  for (std::size_t i = 0; i < PreparedStatements::most_names; ++i) {
    statements.put(name(i), text("SELECT 1"));
  }
  statements.put(name(0), text("SELECT 2"));
  statements.put("new", text("SELECT 3"));
  EXPECT_NE(statements.find(name(0)), nullptr);
  EXPECT_EQ(statements.find(name(1)), nullptr);
  EXPECT_NE(statements.find(name(2)), nullptr);
  EXPECT_NE(statements.find("new"), nullptr);
}

TEST(PreparedStatements, of_a_text_as_much_is_kept_as_can_be_shown) {
  const std::string endless(1 << 20, 'x');
  EXPECT_EQ(PreparedStatements::text_of(endless)->size(), xray::sql::longest_query + 1);
  PreparedStatements statements(1);
  statements.put(endless, text("SELECT 1"));
  EXPECT_EQ(statements.find(endless), nullptr);
}

TEST(PreparedStatements, of_a_connection_are_known_until_it_is_forgotten_or_another) {
  const int here = 0;
  const int there = 0;
  remember_statement(&here, 7, "a", "SELECT 1");
  remember_statement(&there, 8, "a", "SELECT 2");
  EXPECT_EQ(*find_statement(&here, 7, "a"), "SELECT 1");
  EXPECT_EQ(*find_statement(&here, 0, "a"), "SELECT 1");
  EXPECT_EQ(find_statement(&here, 9, "a"), nullptr);
  remember_statement(&here, 9, "b", "SELECT 3");
  EXPECT_EQ(find_statement(&here, 9, "a"), nullptr);
  EXPECT_EQ(*find_statement(&here, 9, "b"), "SELECT 3");
  forget_statements(&here);
  EXPECT_EQ(find_statement(&here, 9, "b"), nullptr);
  EXPECT_EQ(*find_statement(&there, 8, "a"), "SELECT 2");
  forget_statements(&there);
}
