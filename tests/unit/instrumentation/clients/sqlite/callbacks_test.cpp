// Code of the program that SQLite calls.
#include <pthread.h>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

#include <stdexcept>

#include "database.hpp"

using support::at;
using support::only_subsegment;
using xray::clients::sqlite::RowCallback;
using namespace sqlite_test;  // NOLINT(google-build-using-namespace)

namespace {

int query_again(void* database, int /*columns*/, char** /*values*/, char** /*names*/) {
  const Statement statement =
      prepare(*static_cast<Connection*>(database), "select b from t where a = 1");
  EXPECT_EQ(rows(statement), 1);
  return 0;
}

TEST_F(Sqlite, what_the_callback_of_a_text_asks_is_recorded_below_it) {
  const auto document = recorded([this] {
    EXPECT_EQ(sqlite3_exec(database.get(), "select a from t", &query_again, &database, nullptr),
              SQLITE_OK);
  });
  const auto& call = only_subsegment(document);
  EXPECT_EQ(statement_of(call), "select a from t");
  ASSERT_EQ(at(call, "subsegments").Size(), 3U);
  EXPECT_EQ(statement_of(at(call, "subsegments")[0]), "select b from t where a = ?");
}

TEST_F(Sqlite, a_callback_gets_its_rows_and_its_argument) {
  std::string read;
  const auto append = [](void* target, int columns, char** values, char** names) {
    for (int column = 0; column < columns; ++column) {
      *static_cast<std::string*>(target) += std::string(names[column]) + values[column] + ' ';
    }
    return 0;
  };
  recorded([&, this] {
    sqlite3_exec(database.get(), "select a, b from t where a < 3", append, &read, nullptr);
  });
  EXPECT_EQ(read, "a1 bone a2 btwo ");
}

TEST_F(Sqlite, a_callback_that_wants_no_more_rows_is_no_failure) {
  const auto document = recorded([this] {
    const auto stop = [](void*, int, char**, char**) { return 1; };
    EXPECT_EQ(sqlite3_exec(database.get(), "select a from t", stop, nullptr, nullptr),
              SQLITE_ABORT);
  });
  EXPECT_FALSE(only_subsegment(document).HasMember("fault"));
}

/// An SQL function that asks the database itself.
void add_function(const Connection& database) {
  const auto largest = [](sqlite3_context* context, int, sqlite3_value**) {
    sqlite3* const connection = sqlite3_context_db_handle(context);
    sqlite3_exec(connection, "select max(a) from t", nullptr, nullptr, nullptr);
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(connection, "select max(a) from t", -1, &statement, nullptr);
    EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW);
    sqlite3_result_int(context, sqlite3_column_int(statement, 0));
    sqlite3_finalize(statement);
  };
  sqlite3_create_function(database.get(), "largest", 0, SQLITE_UTF8, nullptr, largest, nullptr,
                          nullptr);
}

TEST_F(Sqlite, what_an_sql_function_asks_is_part_of_the_statement) {
  add_function(database);
  const auto document = recorded([this] {
    const Statement statement = prepare(database, "select largest() from t");
    while (sqlite3_step(statement.get()) == SQLITE_ROW) {
      EXPECT_EQ(sqlite3_column_int(statement.get(), 0), 3);
    }
  });
  EXPECT_EQ(statement_of(only_subsegment(document)), "select largest() from t");
}

TEST_F(Sqlite, a_statement_that_an_sql_function_resets_is_recorded_anew_when_it_is_stepped_again) {
  const Statement other = prepare(database, "select a from t");
  const auto reset = [](sqlite3_context* context, int, sqlite3_value**) {
    sqlite3_reset(static_cast<sqlite3_stmt*>(sqlite3_user_data(context)));
  };
  sqlite3_create_function(database.get(), "reset", 0, SQLITE_UTF8, other.get(), reset, nullptr,
                          nullptr);
  const auto document = recorded([&, this] {
    EXPECT_EQ(sqlite3_step(other.get()), SQLITE_ROW);
    run(database, "select reset()");
    EXPECT_EQ(rows(other), 3);
  });
  EXPECT_EQ(count(document), 3U);
}

/// For callbacks that SQLite does not come back from: without a lock that would stay taken.
Connection open_for_unwinding(const std::string& file) {
  sqlite3* connection = nullptr;
  sqlite3_open_v2(file.c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  return Connection(connection);
}

/// SQLite then loses the list of its columns, which is not ours to find.
int unwound_exec(sqlite3* connection, RowCallback* callback) {
#if defined(__SANITIZE_ADDRESS__)
  const __lsan::ScopedDisabler lost;
#endif
  return sqlite3_exec(connection, "select a from t", callback, nullptr, nullptr);
}

void finalize_all(const Connection& connection) {
  while (sqlite3_stmt* const left = sqlite3_next_stmt(connection.get(), nullptr)) {
    sqlite3_finalize(left);
  }
}

TEST_F(Sqlite, an_exception_of_a_callback_passes_and_the_next_call_is_recorded) {
  const auto document = recorded([this] {
    const auto fail = [](void*, int, char**, char**) -> int { throw std::runtime_error("mine"); };
    const Connection other = open_for_unwinding(file());
    EXPECT_THROW(unwound_exec(other.get(), fail), std::runtime_error);
    finalize_all(other);
    EXPECT_EQ(run(other, "select 2"), SQLITE_OK);
  });
  ASSERT_EQ(count(document), 2U);
  EXPECT_TRUE(at(document["subsegments"][0], "fault").GetBool());
  EXPECT_FALSE(document["subsegments"][1].HasMember("fault"));
}

TEST_F(Sqlite, a_thread_that_is_cancelled_in_a_callback_ends_and_its_call_with_it) {
  support::Capture capture;
  const Connection other = open_for_unwinding(file());
  pthread_t thread{};
  const auto work = [](void* used) -> void* {
    const xray::Segment segment("s", sampled());
    const auto end_here = [](void*, int, char**, char**) {
      pthread_cancel(pthread_self());
      pthread_testcancel();
      return 0;
    };
    unwound_exec(static_cast<sqlite3*>(used), end_here);
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, nullptr, work, other.get()), 0);
  void* result = nullptr;
  ASSERT_EQ(pthread_join(thread, &result), 0);
  EXPECT_EQ(result, PTHREAD_CANCELED);
  finalize_all(other);
  EXPECT_EQ(count(capture.document()), 1U);
}

}  // namespace
