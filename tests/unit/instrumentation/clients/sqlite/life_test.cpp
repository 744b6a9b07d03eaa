// When calls are recorded, and what they leave behind.
#include <thread>

#include "database.hpp"
#include "support/allocations.hpp"

using support::Capture;
using namespace sqlite_test;  // NOLINT(google-build-using-namespace)

namespace {

TEST_F(Sqlite, nothing_is_recorded_or_allocated_without_a_sampled_segment) {
  const Statement statement = prepare(database, "select 1");
  const auto use = [&statement] {
    EXPECT_EQ(rows(statement), 1);
    sqlite3_reset(statement.get());
  };
  Capture capture;
  use();
  std::uint64_t before = support::allocations();
  use();
  EXPECT_EQ(support::allocations(), before);
  {
    const xray::Segment segment("s", unsampled());
    use();
    before = support::allocations();
    use();
    EXPECT_EQ(support::allocations(), before);
  }
  EXPECT_TRUE(capture.documents().empty());
}

TEST_F(Sqlite, calls_outside_a_segment_are_not_missed) {
  const auto missing = xray::statistics().context_missing;
  EXPECT_EQ(run(database, "select 1"), SQLITE_OK);
  EXPECT_EQ(run(database, "selectx"), SQLITE_ERROR);
  EXPECT_EQ(xray::statistics().context_missing, missing);
}

TEST_F(Sqlite, what_is_finished_after_unpatching_is_forgotten_when_its_statement_is_used_again) {
  const Statement statement = prepare(database, "select a from t");
  const auto document = recorded([&statement] {
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_ROW);
    xray::unpatch_all();
    EXPECT_EQ(rows(statement), 2);
    xray::patch({"sqlite3"});
    EXPECT_EQ(rows(statement), 3);
  });
  EXPECT_EQ(count(document), 2U);
}

TEST_F(Sqlite, what_began_before_patching_is_left_alone) {
  xray::unpatch_all();
  const Statement statement = prepare(database, "select a from t");
  const auto document = recorded([&statement] {
    EXPECT_EQ(sqlite3_step(statement.get()), SQLITE_ROW);
    xray::patch({"sqlite3"});
    EXPECT_EQ(rows(statement), 2);
    EXPECT_EQ(sqlite3_reset(statement.get()), SQLITE_OK);
  });
  EXPECT_EQ(count(document), 0U);
}

TEST_F(Sqlite, a_connection_closed_before_its_statement_is_no_trouble) {
  sqlite3* connection = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &connection), SQLITE_OK);
  const auto document = recorded([connection] {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(connection, "select a from t", -1, &statement, nullptr);
    EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW);
    EXPECT_EQ(sqlite3_close_v2(connection), SQLITE_OK);
    EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW);
    EXPECT_EQ(sqlite3_finalize(statement), SQLITE_OK);
  });
  EXPECT_EQ(count(document), 1U);
}

/// Uses the database when its thread ends.
struct LastQuery {
  const Connection* database = nullptr;
  ~LastQuery() {
    if (database == nullptr) return;
    const xray::Segment segment("last", sampled());
    EXPECT_EQ(rows(prepare(*database, "select a from t")), 3);
  }
};
thread_local LastQuery last_query;

TEST_F(Sqlite, a_thread_may_query_while_it_ends) {
  Capture capture;
  std::thread([this] { last_query.database = &database; }).join();
  EXPECT_EQ(count(capture.document()), 1U);
}

}  // namespace
