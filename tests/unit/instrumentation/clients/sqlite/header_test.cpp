// What is declared here, against SQLite's own header.
#include <sqlite3.h>

#include <xray/patch.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <type_traits>

#include "clients/sqlite/client.hpp"
#include "clients/sqlite/wrappers.hpp"

namespace {

using namespace xray::clients::sqlite;  // NOLINT(google-build-using-namespace)

template <typename Wrapper, typename Function>
constexpr bool is_of = std::is_same_v<decltype(Wrapper::original),
                                      xray::patching::Original<std::remove_pointer_t<Function>>>;
template <typename Wrapper, typename Function>
constexpr bool stands_for =
    is_of<Wrapper, Function>&& std::is_same_v<decltype(&Wrapper::call), Function>;

static_assert(stands_for<Step<0>, decltype(&sqlite3_step)>);
static_assert(stands_for<Reset<0>, decltype(&sqlite3_reset)>);
static_assert(stands_for<Finalize<0>, decltype(&sqlite3_finalize)>);
static_assert(stands_for<Exec<0>, decltype(&sqlite3_exec)>);
static_assert(stands_for<GetTable<0>, decltype(&sqlite3_get_table)>);
static_assert(stands_for<Prepare<0>, decltype(&sqlite3_prepare)>);
static_assert(stands_for<PrepareV2<0>, decltype(&sqlite3_prepare_v2)>);
static_assert(stands_for<PrepareV3<0>, decltype(&sqlite3_prepare_v3)>);
static_assert(stands_for<Prepare16<0>, decltype(&sqlite3_prepare16)>);
static_assert(stands_for<Prepare16V2<0>, decltype(&sqlite3_prepare16_v2)>);
static_assert(stands_for<Prepare16V3<0>, decltype(&sqlite3_prepare16_v3)>);
static_assert(is_of<DbHandle<0>, decltype(&sqlite3_db_handle)>);
static_assert(is_of<Sql<0>, decltype(&sqlite3_sql)>);
static_assert(is_of<StmtBusy<0>, decltype(&sqlite3_stmt_busy)>);
static_assert(is_of<DbFilename<0>, decltype(&sqlite3_db_filename)>);
static_assert(is_of<DbMutex<0>, decltype(&sqlite3_db_mutex)>);
static_assert(is_of<MutexEnter<0>, decltype(&sqlite3_mutex_enter)>);
static_assert(is_of<MutexLeave<0>, decltype(&sqlite3_mutex_leave)>);
static_assert(is_of<Errmsg<0>, decltype(&sqlite3_errmsg)>);
static_assert(is_of<Errstr<0>, decltype(&sqlite3_errstr)>);
static_assert(is_of<ExtendedErrcode<0>, decltype(&sqlite3_extended_errcode)>);
static_assert(is_of<Libversion<0>, decltype(&sqlite3_libversion)>);

static_assert(result_ok == SQLITE_OK);
static_assert(result_abort == SQLITE_ABORT);
static_assert(result_busy == SQLITE_BUSY);
static_assert(result_locked == SQLITE_LOCKED);
static_assert(result_row == SQLITE_ROW);
static_assert(result_done == SQLITE_DONE);

TEST(SqliteClient, has_each_function_once_and_all_are_in_the_library) {
  const xray::patching::Client sqlite = client();
  ASSERT_EQ(sqlite.libraries.size(), 2U);  // the second is what is linked statically
  EXPECT_EQ(sqlite.libraries[0].soname, "libsqlite3.so.0");
  std::set<std::string> symbols;
  for (const auto& hook : sqlite.libraries[0].hooks) symbols.insert(hook.symbol);
  for (const auto& companion : sqlite.libraries[0].companions) symbols.insert(companion.symbol);
  EXPECT_EQ(symbols.size(),
            sqlite.libraries[0].hooks.size() + sqlite.libraries[0].companions.size());
  const auto report = xray::patch({"sqlite3"});
  ASSERT_TRUE(report.hooked("sqlite3")) << report.to_string();
  EXPECT_EQ(report.find("sqlite3")->libraries[0].functions, sqlite.libraries[0].hooks.size());
  for (const auto& companion : sqlite.libraries[0].companions) {
    EXPECT_NE(companion.original->get(), nullptr) << companion.symbol;
  }
  xray::unpatch_all();
}

}  // namespace
