// What is recorded of prepared statements.
#include "support/traced.hpp"

using support::at;
using support::only_subsegment;
using support::text_of;

TEST(Mysql, a_prepared_statement_is_known_until_it_is_closed) {
  Traced traced;
  Connected connection;
  StandInStatement* const statement = mysql_stmt_init(&connection);
  EXPECT_EQ(prepare(statement, "SELECT a FROM t WHERE b = 'c' AND d = ?"), 0);
  EXPECT_EQ(mysql_stmt_execute(statement), 0);
  EXPECT_EQ(errno, 44);
  EXPECT_EQ(mysql_stmt_execute(statement), 0);
  EXPECT_EQ(mysql_stmt_close(statement), 0);
  const auto document = traced.document();
  const auto& calls = at(document, "subsegments");
  ASSERT_EQ(calls.Size(), 3U);
  for (const auto& call : calls.GetArray()) {
    EXPECT_EQ(text_of(at(call, "name")), "shop@db.example");
    EXPECT_EQ(statement_of(call), "SELECT a FROM t WHERE b = ? AND d = ?");
    EXPECT_EQ(text_of(at(at(call, "sql"), "preparation")), "statement");
  }
  EXPECT_EQ(text_of(at(at(at(calls[0], "metadata"), "mysql"), "command")), "prepare");
  EXPECT_FALSE(calls[1].HasMember("metadata"));
}

TEST(Mysql, a_statement_prepared_outside_of_segments_is_known_in_one) {
  xray::patch({"mysql"});
  Connected connection;
  StandInStatement* const statement = mysql_stmt_init(&connection);
  prepare(statement, "SELECT a");
  mysql_close(&connection);  // the statement outlives it
  Traced traced;
  mysql_stmt_execute(statement);
  mysql_stmt_close(statement);
  const auto document = traced.document();
  EXPECT_EQ(text_of(at(only_subsegment(document), "name")), "shop@db.example");
  EXPECT_EQ(statement_of(only_subsegment(document)), "SELECT a");
}

TEST(Mysql, a_statement_that_fails_says_so) {
  Traced traced;
  Connected connection;
  StandInStatement* const statement = mysql_stmt_init(&connection);
  EXPECT_EQ(prepare(statement, "fail"), 1);
  EXPECT_EQ(mysql_stmt_execute(statement), 1);
  mysql_stmt_close(statement);
  const auto document = traced.document();
  for (const auto& call : at(document, "subsegments").GetArray()) {
    EXPECT_EQ(text_of(at(at(at(call, "cause"), "exceptions")[0], "type")), "MySQL 1062 (23000)");
  }
}
