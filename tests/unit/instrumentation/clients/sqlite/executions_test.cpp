// One subsegment an execution, whatever steps it takes.
#include <thread>

#include "database.hpp"

using support::at;
using support::only_subsegment;
using support::text_of;
using namespace sqlite_test;  // NOLINT(google-build-using-namespace)

namespace {

TEST_F(Sqlite, a_query_is_one_call_however_many_rows_it_has) {
  const auto document = recorded([this] {
    const Statement statement = prepare(database, "select a from t where a < 100");
    EXPECT_EQ(rows(statement), 3);
  });
  const auto& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(call, "name")), "shop.db");
  EXPECT_EQ(text_of(at(call, "namespace")), "remote");
  EXPECT_FALSE(call.HasMember("fault"));
  const auto& sql = at(call, "sql");
  EXPECT_EQ(text_of(at(sql, "url")), "sqlite:shop.db");
  EXPECT_EQ(text_of(at(sql, "database_type")), "SQLite");
  EXPECT_EQ(text_of(at(sql, "database_version")), sqlite3_libversion());
  EXPECT_EQ(text_of(at(sql, "preparation")), "statement");
  EXPECT_EQ(text_of(at(sql, "sanitized_query")), "select a from t where a < ?");
}

TEST_F(Sqlite, what_has_no_file_is_called_memory) {
  const Connection other = open(":memory:");
  const auto document = recorded([&other] { run(other, "create table t(a)"); });
  EXPECT_EQ(text_of(at(only_subsegment(document), "name")), "memory");
  EXPECT_EQ(text_of(at(at(only_subsegment(document), "sql"), "url")), "sqlite:memory");
}

TEST_F(Sqlite, values_that_are_bound_are_nowhere) {
  support::Capture capture;
  {
    const xray::Segment segment("s", sampled());
    const Statement statement = prepare(database, "insert into t values (?, ?)");
    sqlite3_bind_int(statement.get(), 1, 471147114);
    sqlite3_bind_text(statement.get(), 2, "secret", -1, SQLITE_STATIC);
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_DONE);
  }
  const std::string text = capture.texts().at(0);
  EXPECT_NE(text.find("insert into t values (?, ?)"), std::string::npos);
  EXPECT_EQ(text.find("471147114"), std::string::npos);
  EXPECT_EQ(text.find("secret"), std::string::npos);
  EXPECT_EQ(text.find("xray-sqlite"), std::string::npos);  // the file's folder
}

TEST_F(Sqlite, a_statement_is_recorded_each_time_it_is_used) {
  const Statement statement = prepare(database, "select a from t");
  const auto document = recorded([&statement] {
    EXPECT_EQ(rows(statement), 3);
    sqlite3_reset(statement.get());
    EXPECT_EQ(rows(statement), 3);
    EXPECT_EQ(rows(statement), 3);  // SQLite resets by itself what was done
  });
  EXPECT_EQ(count(document), 3U);
}

TEST_F(Sqlite, reset_ends_what_was_not_read_to_the_end) {
  const Statement statement = prepare(database, "select a from t");
  const auto document = recorded([&statement] {
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_ROW);
    EXPECT_FALSE(xray::clients::sqlite::none_in_the_middle());
    EXPECT_EQ(sqlite3_reset(statement.get()), SQLITE_OK);
  });
  EXPECT_TRUE(at(only_subsegment(document), "end_time").IsNumber());
}

TEST_F(Sqlite, finalize_ends_what_was_not_read_to_the_end) {
  const auto document = recorded([this] {
    const Statement statement = prepare(database, "select a from t");
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_ROW);
  });
  EXPECT_TRUE(at(only_subsegment(document), "end_time").IsNumber());
}

TEST_F(Sqlite, a_segment_does_not_wait_for_what_is_left_in_the_middle_which_follows_alone) {
  const Statement statement = prepare(database, "select a from t");
  support::Capture capture;
  std::string id;
  {
    const xray::Segment segment("s", sampled());
    id = segment.id().to_string();
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_ROW);
  }
  EXPECT_EQ(count(capture.document()), 0U);
  capture.clear();
  sqlite3_reset(statement.get());
  const auto document = capture.document();
  EXPECT_EQ(text_of(at(document, "name")), "shop.db");
  EXPECT_EQ(text_of(at(document, "type")), "subsegment");
  EXPECT_EQ(text_of(at(document, "parent_id")), id);
}

TEST_F(Sqlite, what_began_outside_a_segment_is_not_recorded_in_one) {
  const Statement statement = prepare(database, "select a from t");
  EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_ROW);
  const auto document = recorded([&statement] { EXPECT_EQ(rows(statement), 2); });
  EXPECT_EQ(count(document), 0U);
}

TEST_F(Sqlite, what_began_in_a_segment_ends_with_its_last_row_wherever_that_is_read) {
  const Statement statement = prepare(database, "select a from t");
  support::Capture capture;
  {
    const xray::Segment segment("s", sampled());
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_ROW);
    {
      const xray::Segment other("other", unsampled());
      EXPECT_EQ(rows(statement), 2);
    }
  }
  const auto document = capture.document();
  EXPECT_TRUE(at(only_subsegment(document), "end_time").IsNumber());
}

TEST_F(Sqlite, threads_may_step_a_statement_in_turn) {
  const Statement statement = prepare(database, "select a from t");
  const auto document = recorded([&statement] {
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_ROW);
    std::thread([&statement] { EXPECT_EQ(rows(statement), 2); }).join();
  });
  EXPECT_TRUE(at(only_subsegment(document), "end_time").IsNumber());
}

TEST_F(Sqlite, several_statements_in_one_text_are_one_call) {
  const auto document =
      recorded([this] { run(database, "begin; update t set b = 'x' where a = 1; commit"); });
  const auto& call = only_subsegment(document);
  EXPECT_EQ(statement_of(call), "begin; update t set b = ? where a = ?; commit");
  EXPECT_FALSE(at(call, "sql").HasMember("preparation"));
  EXPECT_FALSE(call.HasMember("subsegments"));
}

TEST_F(Sqlite, a_table_is_one_call) {
  char** cells = nullptr;
  int row_count = 0;
  int column_count = 0;
  const auto document = recorded([&, this] {
    EXPECT_EQ(sqlite3_get_table(database.get(), "select a, b from t", &cells, &row_count,
                                &column_count, nullptr),
              SQLITE_OK);
  });
  EXPECT_EQ(row_count, 3);
  EXPECT_EQ(column_count, 2);
  sqlite3_free_table(cells);
  EXPECT_EQ(statement_of(only_subsegment(document)), "select a, b from t");
}

TEST_F(Sqlite, every_function_that_prepares_gives_a_statement_that_is_recorded) {
  const char* const text = "select a from t";
  const char16_t* const wide = u"select a from t";
  const auto document = recorded([&, this] {
    sqlite3* const db = database.get();
    sqlite3_stmt* made[6] = {};
    sqlite3_prepare(db, text, -1, &made[0], nullptr);
    sqlite3_prepare_v2(db, text, -1, &made[1], nullptr);
    sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, &made[2], nullptr);
    sqlite3_prepare16(db, wide, -1, &made[3], nullptr);
    sqlite3_prepare16_v2(db, wide, -1, &made[4], nullptr);
    sqlite3_prepare16_v3(db, wide, -1, SQLITE_PREPARE_PERSISTENT, &made[5], nullptr);
    for (sqlite3_stmt* const statement : made) EXPECT_EQ(rows(Statement(statement)), 3);
  });
  ASSERT_EQ(count(document), 6U);
  for (const auto& call : document["subsegments"].GetArray()) EXPECT_EQ(statement_of(call), text);
}

}  // namespace
