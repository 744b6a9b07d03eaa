// What failed, and that the program sees what it saw before.
#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <string>
#include <thread>
#include <utility>

#include "clients/sqlite/companions.hpp"
#include "database.hpp"

using support::at;
using support::only_subsegment;
using support::text_of;
using namespace sqlite_test;  // NOLINT(google-build-using-namespace)

namespace {

TEST_F(Sqlite, a_step_that_fails_is_recorded_with_what_the_database_said) {
  const Statement statement = prepare(database, "insert into t values (9, 'one')");
  const auto document = recorded([&, this] {
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_CONSTRAINT);
    EXPECT_EQ(sqlite3_extended_errcode(database.get()), SQLITE_CONSTRAINT_UNIQUE);
    EXPECT_STREQ(sqlite3_errmsg(database.get()), "UNIQUE constraint failed: t.b");
    EXPECT_EQ(sqlite3_reset(statement.get()), SQLITE_CONSTRAINT);
  });
  const auto& failure = failure_of(only_subsegment(document));
  EXPECT_EQ(text_of(at(failure, "type")), "SQLITE_CONSTRAINT_UNIQUE");
  EXPECT_EQ(text_of(at(failure, "message")), "UNIQUE constraint failed: t.b");
  EXPECT_TRUE(at(failure, "remote").GetBool());
}

TEST_F(Sqlite, a_statement_that_fails_after_some_rows_is_one_failed_call) {
  const auto document = recorded([this] {
    // The smallest integer has no absolute value.
    const Statement statement =
        prepare(database, "select abs(iif(a = 3, -9223372036854775808, a)) from t");
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_ROW);
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_ROW);
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_ERROR);
  });
  const auto& failure = failure_of(only_subsegment(document));
  EXPECT_EQ(text_of(at(failure, "type")), "SQLITE_ERROR");
  EXPECT_EQ(text_of(at(failure, "message")), "integer overflow");
}

TEST_F(Sqlite, a_statement_that_cannot_be_prepared_is_a_failed_call) {
  const auto document = recorded([this] {
    sqlite3_stmt* statement = nullptr;
    const char text[] = "select 'secret' from nowhere";
    EXPECT_EQ(sqlite3_prepare_v2(database.get(), text, sizeof text, &statement, nullptr),
              SQLITE_ERROR);
    EXPECT_EQ(statement, nullptr);
    EXPECT_STREQ(sqlite3_errmsg(database.get()), "no such table: nowhere");
  });
  const auto& call = only_subsegment(document);
  EXPECT_EQ(statement_of(call), "select ? from nowhere");
  EXPECT_EQ(text_of(at(failure_of(call), "type")), "SQLITE_ERROR");
  EXPECT_EQ(text_of(at(failure_of(call), "message")), "no such table: nowhere");
}

TEST_F(Sqlite, of_a_text_only_the_part_that_was_given_is_shown) {
  const auto document = recorded([this] {
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(database.get(), "selectx and more", 7, &statement, nullptr),
              SQLITE_ERROR);
  });
  EXPECT_EQ(statement_of(only_subsegment(document)), "selectx");
}

TEST_F(Sqlite, a_wide_text_that_cannot_be_prepared_is_a_failed_call_without_its_text) {
  const auto document = recorded([this] {
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare16_v2(database.get(), u"selectx", -1, &statement, nullptr),
              SQLITE_ERROR);
  });
  const auto& call = only_subsegment(document);
  EXPECT_FALSE(at(call, "sql").HasMember("sanitized_query"));
  EXPECT_EQ(text_of(at(failure_of(call), "type")), "SQLITE_ERROR");
}

TEST_F(Sqlite, a_text_that_fails_is_a_failed_call_and_its_message_the_programs) {
  char* message = nullptr;
  const auto document = recorded([&, this] {
    EXPECT_EQ(sqlite3_exec(database.get(), "select 1; selectx", nullptr, nullptr, &message),
              SQLITE_ERROR);
  });
  EXPECT_STREQ(message, "near \"selectx\": syntax error");
  sqlite3_free(message);
  EXPECT_EQ(text_of(at(failure_of(only_subsegment(document)), "message")), "near ?: syntax error");
}

/// What is recorded of the message with which this text fails.
class Messages : public Sqlite {
 protected:
  std::string shown(const char* text) {
    const auto document =
        recorded([&, this] { EXPECT_NE(run(database, text), SQLITE_OK) << text; });
    return text_of(at(failure_of(only_subsegment(document)), "message"));
  }
};

TEST_F(Messages, of_values_in_quotes_nothing_is_shown) {
  EXPECT_EQ(shown("select 1 where 'O'Brien s3cret' = 1"), "near ?: syntax error");
  EXPECT_EQ(shown("select 'O' 'Brien'' s3cret\""), "unrecognized token");
}

TEST_F(Messages, what_is_searched_for_is_not_shown) {
  run(database, "create virtual table notes using fts5(text)");
  EXPECT_EQ(shown("select * from notes where notes match 's3cret:x'"), "no such column");
  EXPECT_EQ(shown("select * from notes where notes match 's3cret \"'"), "SQL logic error");
}

TEST_F(Messages, of_functions_and_triggers_are_not_shown) {
  run(database,
      "create trigger refusing before delete on t begin select raise(abort, 's3cret'); end");
  EXPECT_EQ(shown("delete from t"), "constraint failed");
  sqlite3_create_function(
      database.get(), "fail", 0, SQLITE_UTF8, nullptr,
      [](sqlite3_context* context, int, sqlite3_value**) {
        sqlite3_result_error(context, "s3cret", -1);
      },
      nullptr, nullptr);
  EXPECT_EQ(shown("select fail()"), "SQL logic error");
}

TEST_F(Messages, of_files_that_cannot_be_attached_are_not_shown) {
  EXPECT_EQ(shown("attach '/nowhere/s3cret' as other"), "unable to open database file");
}

TEST_F(Messages, what_the_statement_shows_is_shown) {
  EXPECT_EQ(shown("select secret from t"), "no such column: secret");
  EXPECT_EQ(shown("insert into t values (1, 'secret')"), "UNIQUE constraint failed: t.a");
}

TEST_F(Messages, bound_values_are_not_shown) {
  run(database, "create virtual table n using fts5(b)");
  const auto document = recorded([this] {
    const Statement statement = prepare(database, "select * from n where n match ?");
    sqlite3_bind_text(statement.get(), 1, "secret:x", -1, SQLITE_STATIC);
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_ERROR);
    EXPECT_STREQ(sqlite3_errmsg(database.get()), "no such column: secret");
  });
  EXPECT_EQ(text_of(at(failure_of(only_subsegment(document)), "message")), "no such column");
}

/// Failures of four threads at once, each of which names its thread.
void fail_on_four_threads(const Connection& database) {
  std::thread threads[4];
  char letter = 'a';
  for (std::thread& thread : threads) {
    // Long names are in memory that SQLite frees as soon as another call fails.
    thread = std::thread([&database, name = std::string(200, letter++),
                          context = xray::current_context()] {
      const xray::ContextScope scope(context);
      for (int i = 0; i < 10; ++i) {
        sqlite3_stmt* statement = nullptr;
        EXPECT_EQ(
            sqlite3_prepare_v2(database.get(), ("select " + name).c_str(), -1, &statement, nullptr),
            SQLITE_ERROR);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(Sqlite, each_thread_that_shares_a_connection_records_its_own_failures) {
  for (int i = 0; i < 25; ++i) {
    const auto document = recorded([this] { fail_on_four_threads(database); });
    ASSERT_EQ(count(document), 40U);
    for (const auto& call : at(document, "subsegments").GetArray()) {
      EXPECT_EQ("no such column: " + statement_of(call).substr(std::strlen("select ")),
                text_of(at(failure_of(call), "message")));
    }
  }
}

TEST_F(Sqlite, a_table_that_fails_is_a_failed_call) {
  const auto document = recorded([this] {
    char** cells = nullptr;
    int number = 0;
    EXPECT_EQ(sqlite3_get_table(database.get(), "selectx", &cells, &number, &number, nullptr),
              SQLITE_ERROR);
  });
  EXPECT_EQ(text_of(at(failure_of(only_subsegment(document)), "type")), "SQLITE_ERROR");
}

/// A library built for one thread: it has a connection's lock, which is null, and no more of them.
TEST(SqliteWithoutThreads, has_no_locks_to_take) {
  using xray::clients::sqlite::Api;
  using xray::clients::sqlite::api;
  xray::patching::Original<sqlite3_mutex*(sqlite3*)> db_mutex;
  sqlite3_mutex* (*const none)(sqlite3*) = [](sqlite3*) -> sqlite3_mutex* { return nullptr; };
  db_mutex.set(reinterpret_cast<void*>(none));
  const xray::patching::Original<void(sqlite3_mutex*)> absent;
  const Api& other = api<0>;
  const Api without{
      other.db_handle, other.sql, other.stmt_busy, other.db_filename, db_mutex,
      absent,          absent,    other.errmsg,    other.errstr,      other.extended_errcode,
      other.libversion};
  const Connection database = open(":memory:");
  xray::clients::sqlite::ConnectionLock lock(without, database.get());
  lock.release();
  EXPECT_EQ(run(database, "select 1"), SQLITE_OK);
}

class Locked : public Sqlite {
 public:
  Locked() : other(open(file())) { EXPECT_EQ(run(other, "begin immediate"), SQLITE_OK); }

  Connection other;
};

TEST_F(Locked, a_step_that_is_repeated_until_the_lock_is_free_is_one_call) {
  const auto document = recorded([this] {
    const Statement statement = prepare(database, "insert into t values (4, 'four')");
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_BUSY);
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_BUSY);
    // The other connection is not ours to record.
    std::thread([this] { run(other, "rollback"); }).join();
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_DONE);
  });
  EXPECT_FALSE(only_subsegment(document).HasMember("fault"));
}

TEST_F(Locked, a_step_that_is_not_repeated_is_a_failed_call) {
  const auto document = recorded([this] {
    const Statement statement = prepare(database, "insert into t values (4, 'four')");
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_BUSY);
    EXPECT_EQ(sqlite3_reset(statement.get()), SQLITE_BUSY);
  });
  const auto& failure = failure_of(only_subsegment(document));
  EXPECT_EQ(text_of(at(failure, "type")), "SQLITE_BUSY");
  EXPECT_EQ(text_of(at(failure, "message")), "database is locked");
}

TEST_F(Sqlite, mistakes_are_answered_as_ever) {
  const auto document = recorded([this] {
    EXPECT_EQ(sqlite3_step(nullptr), SQLITE_MISUSE);
    EXPECT_EQ(sqlite3_reset(nullptr), SQLITE_OK);
    EXPECT_EQ(sqlite3_finalize(nullptr), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(nullptr, "select 1", nullptr, nullptr, nullptr), SQLITE_MISUSE);
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(nullptr, "select 1", -1, &statement, nullptr), SQLITE_MISUSE);
    EXPECT_EQ(sqlite3_prepare_v2(database.get(), nullptr, -1, &statement, nullptr), SQLITE_MISUSE);
  });
  EXPECT_LE(count(document), 1U);
}

TEST_F(Sqlite, errno_is_the_programs) {
  const Connection memory = open(":memory:");  // SQLite itself changes it where files are
  recorded([&memory] {
    const Statement statement = prepare(memory, "values (1), (2), (3)");
    errno = 77;
    EXPECT_EQ(rows(statement), 3);
    sqlite3_reset(statement.get());
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_ROW);
    sqlite3_reset(statement.get());
    run(memory, "selectx");
    EXPECT_EQ(errno, 77);
  });
}

}  // namespace
