// The mechanism against a library that is not ours.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <memory>

#include "patching/depth_guard.hpp"
#include "patching/patcher.hpp"

namespace {

template <std::size_t Library>
struct Step {
  static constexpr const char* symbol = "sqlite3_step";
  static inline xray::patching::Original<int(sqlite3_stmt*)> original;
  static inline std::atomic<int> calls{0};
  static int call(sqlite3_stmt* statement) {
    const xray::patching::DepthGuard<Step> guard;
    if (guard.is_outermost()) calls.fetch_add(1, std::memory_order_relaxed);
    return original(statement);
  }
};

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};

TEST(SqliteStep, each_step_of_the_program_is_counted_and_none_of_sqlites_own) {
  xray::patching::Patcher patcher;
  patcher.add(xray::patching::make_client<Step>("sqlite3", {"libsqlite3.so.0"}));
  const auto report = patcher.patch(nullptr);
  ASSERT_TRUE(report.hooked("sqlite3")) << report.to_string();

  sqlite3* opened = nullptr;
  ASSERT_EQ(sqlite3_open(":memory:", &opened), SQLITE_OK);
  const std::unique_ptr<sqlite3, Close> database(opened);
  ASSERT_EQ(sqlite3_exec(opened, "create table t(a); insert into t values (1), (2), (3)", nullptr,
                         nullptr, nullptr),
            SQLITE_OK);
  EXPECT_EQ(Step<0>::calls, 0);

  const auto count_rows = [opened] {
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(opened, "select a from t", -1, &statement, nullptr), SQLITE_OK);
    int rows = 0;
    while (sqlite3_step(statement) == SQLITE_ROW) rows += sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return rows;
  };
  EXPECT_EQ(count_rows(), 6);
  EXPECT_EQ(Step<0>::calls, 4);  // three rows and the end
  patcher.unpatch();
  EXPECT_EQ(count_rows(), 6);
  EXPECT_EQ(Step<0>::calls, 4);
}

}  // namespace
