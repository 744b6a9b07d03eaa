// What is recorded of queries, with a library that does as it is told.
#include <string_view>
#include <thread>

#include "support/traced.hpp"

using support::at;
using support::find_subsegment;
using support::only_subsegment;
using support::text_of;

TEST(Mysql, of_a_library_that_does_not_tell_what_was_said_when_connecting_is_shown) {
  Traced traced;
  {
    Connected connection;
    EXPECT_EQ(mysql_query(&connection, "SELECT 'a' FROM t"), 0);
  }
  const auto document = traced.document();
  const auto& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(call, "name")), "shop@db.example");
  EXPECT_EQ(url_of(call), "mysql://db.example:3307/shop");
  EXPECT_EQ(statement_of(call), "SELECT ? FROM t");
  const auto& sql = at(call, "sql");
  EXPECT_EQ(text_of(at(sql, "user")), "ann");
  EXPECT_EQ(text_of(at(sql, "database_type")), "MySQL");
  EXPECT_EQ(text_of(at(sql, "database_version")), "8.0.36");
  EXPECT_EQ(text_of(at(sql, "driver_version")), "8.0.35");
  EXPECT_EQ(traced.texts().at(0).find("pass-word"), std::string::npos);
}

TEST(Mysql, without_a_port_it_is_the_usual_one_and_by_a_socket_there_is_none) {
  Traced traced;
  {
    Connected usual("db.example", 0);
    mysql_query(&usual, "SELECT a");
    Connected local(nullptr, 3307, "/run/mysql.sock");
    mysql_query(&local, "SELECT b");
  }
  const auto document = traced.document();
  const auto& calls = at(document, "subsegments");
  ASSERT_EQ(calls.Size(), 2U);
  EXPECT_EQ(url_of(calls[0]), "mysql://db.example:3306/shop");
  EXPECT_EQ(url_of(calls[1]), "mysql://localhost/shop");
}

TEST(Mysql, a_change_of_database_or_user_is_followed) {
  Traced traced;
  {
    Connected connection;
    mysql_select_db(&connection, "stock");
    mysql_query(&connection, "SELECT a");
    mysql_change_user(&connection, "bob", "other-word", "books");
    mysql_query(&connection, "SELECT b");
  }
  const auto document = traced.document();
  const auto& calls = at(document, "subsegments");
  ASSERT_EQ(calls.Size(), 2U);
  EXPECT_EQ(text_of(at(calls[0], "name")), "stock@db.example");
  EXPECT_EQ(text_of(at(calls[1], "name")), "books@db.example");
  EXPECT_EQ(text_of(at(at(calls[1], "sql"), "user")), "bob");
}

TEST(Mysql, a_closed_connection_is_forgotten) {
  Traced traced;
  Connected connection;
  mysql_close(&connection);
  mysql_query(&connection, "SELECT a");
  const auto document = traced.document();
  EXPECT_EQ(text_of(at(only_subsegment(document), "name")), "MySQL");
}

TEST(Mysql, an_error_shows_no_value_however_it_is_quoted) {
  Traced traced;
  {
    Connected connection;
    mysql_query(&connection, "fail");
  }
  const auto document = traced.document();
  const auto& call = only_subsegment(document);
  EXPECT_TRUE(at(call, "fault").GetBool());
  const auto& exception = at(at(call, "cause"), "exceptions")[0];
  EXPECT_EQ(text_of(at(exception, "type")), "MySQL 1062 (23000)");
  EXPECT_EQ(text_of(at(exception, "message")), "Duplicate entry ?");
}

TEST(Mysql, text_is_read_with_backslashes_only_where_the_session_does) {
  constexpr const char* with_backslash = "SELECT 'it\\'s' AS a, b";
  Traced traced;
  {
    Connected connection;
    mysql_query(&connection, with_backslash);
    connection.no_backslash_escapes = true;
    mysql_query(&connection, with_backslash);
    connection.no_backslash_escapes = false;
    connection.character_set = "gbk";
    mysql_query(&connection, with_backslash);
  }
  const auto document = traced.document();
  const auto& calls = at(document, "subsegments");
  ASSERT_EQ(calls.Size(), 3U);
  EXPECT_EQ(statement_of(calls[0]), "SELECT ? AS a, b");
  EXPECT_EQ(statement_of(calls[1]), "SELECT ?");
  EXPECT_EQ(statement_of(calls[2]), "SELECT ?");
}

TEST(Mysql, a_change_of_sql_mode_is_seen_even_where_nothing_is_recorded) {
  xray::patch({"mysql"});
  Connected connection;
  mysql_query(&connection, "SET SESSION sql_mode = 'ANSI_QUOTES'");
  Traced traced;
  mysql_query(&connection, "SELECT 'it\\'s' AS a, b");
  const auto document = traced.document();
  EXPECT_EQ(statement_of(only_subsegment(document)), "SELECT ?");
}

TEST(Mysql, a_call_lasts_until_its_last_result) {
  Traced traced;
  Connected connection;
  mysql_query(&connection, "SELECT 1; SELECT 2; SELECT 3");
  { const xray::Subsegment between("between"); }
  EXPECT_EQ(mysql_next_result(&connection), 0);
  { const xray::Subsegment between("again"); }
  EXPECT_EQ(mysql_next_result(&connection), 0);
  EXPECT_EQ(mysql_next_result(&connection), -1);
  const auto document = traced.document();
  const auto* const call = find_subsegment(document, "shop@db.example");
  const auto* const again = find_subsegment(document, "again");
  ASSERT_TRUE(call != nullptr && again != nullptr);
  EXPECT_GE(at(*call, "end_time").GetDouble(), at(*again, "end_time").GetDouble());
  EXPECT_EQ(at(document, "subsegments").Size(), 3U);
}

TEST(Mysql, results_that_nobody_asks_for_end_with_the_connection) {
  Traced traced;
  {
    Connected connection;
    mysql_query(&connection, " CALL call_me()");
  }
  const auto document = traced.document();
  const auto& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(at(call, "sql"), "preparation")), "call");
  EXPECT_TRUE(call.HasMember("end_time"));
}

TEST(Mysql, a_query_sent_ends_when_its_result_is_read) {
  Traced traced;
  Connected connection;
  constexpr std::string_view text = "fail";
  EXPECT_EQ(mysql_send_query(&connection, text.data(), text.size()), 0);
  std::thread([&connection] { EXPECT_EQ(mysql_read_query_result(&connection), 1); }).join();
  const auto document = traced.document();
  EXPECT_TRUE(at(only_subsegment(document), "fault").GetBool());
}

TEST(Mysql, a_nonblocking_query_ends_when_nothing_more_is_waited_for) {
  Traced traced;
  Connected connection;
  constexpr std::string_view text = "fail";
  int result = 0;
  EXPECT_EQ(mysql_real_query_start(&result, &connection, text.data(), text.size()), 2);
  EXPECT_EQ(mysql_real_query_cont(&result, &connection, 2), 1);
  EXPECT_EQ(mysql_real_query_cont(&result, &connection, 1), 0);
  EXPECT_EQ(result, 1);
  EXPECT_EQ(errno, 42);
  const auto document = traced.document();
  const auto& exception = at(at(only_subsegment(document), "cause"), "exceptions")[0];
  EXPECT_EQ(text_of(at(exception, "type")), "MySQL 1062 (23000)");
}

TEST(Mysql, a_nonblocking_query_that_is_given_up_ends_with_its_connection) {
  Traced traced;
  {
    Connected connection;
    int result = 0;
    mysql_real_query_start(&result, &connection, "x", 1);
  }
  const auto document = traced.document();
  EXPECT_TRUE(only_subsegment(document).HasMember("end_time"));
}
