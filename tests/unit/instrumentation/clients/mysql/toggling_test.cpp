// Hooks that come and go while the library is called.
#include <xray/patch.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <string_view>
#include <thread>
#include <vector>

#include "support/documents.hpp"
#include "support/stand_in.hpp"

namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int cycles = 60;
#else
constexpr int cycles = 500;
#endif

/// Everything that a connection does in its life; counts what is not as without us.
int wrong_in_one_life() {
  int wrong = 0;
  StandIn connection;
  mysql_real_connect(&connection, "db.example", "ann", "pass-word", "shop", 3307, nullptr, 0);
  errno = 0;
  if (mysql_query(&connection, "SELECT 1; SELECT 2") != 0 || errno != 42) ++wrong;
  if (mysql_next_result(&connection) != 0 || mysql_next_result(&connection) != -1) ++wrong;
  if (mysql_query(&connection, "SET sql_mode = 'ANSI'") != 0) ++wrong;
  if (mysql_query(&connection, "fail") != 1 || mysql_errno(&connection) != 1062) ++wrong;
  constexpr std::string_view text = "SELECT a FROM t WHERE b = ?";
  int result = 1;
  if (mysql_real_query_start(&result, &connection, text.data(), text.size()) != 2) ++wrong;
  if (mysql_real_query_cont(&result, &connection, 2) != 1) ++wrong;
  if (mysql_real_query_cont(&result, &connection, 1) != 0 || result != 0) ++wrong;
  StandInStatement* const statement = mysql_stmt_init(&connection);
  if (mysql_stmt_prepare(statement, text.data(), text.size()) != 0) ++wrong;
  if (mysql_stmt_execute(statement) != 0 || errno != 44) ++wrong;
  if (mysql_stmt_close(statement) != 0) ++wrong;
  mysql_close(&connection);
  return wrong;
}

}  // namespace

TEST(MysqlToggling, eight_threads_calling_see_no_wrong_result_while_hooks_come_and_go) {
  support::Capture capture;
  std::atomic<bool> is_over{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < 8; ++number) {
    threads.emplace_back([&is_over, &wrong] {
      while (!is_over.load(std::memory_order_relaxed)) {
        const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=1"));
        wrong += wrong_in_one_life();
        std::this_thread::yield();
      }
    });
  }
  for (int cycle = 0; cycle < cycles; ++cycle) {
    if (!xray::patch({"mysql"}).hooked("mysql")) ++wrong;
    if (xray::unpatch_all().hooked("mysql")) ++wrong;
    capture.clear();
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}
