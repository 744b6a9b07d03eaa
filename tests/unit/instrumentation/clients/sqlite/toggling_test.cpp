#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "database.hpp"

using namespace sqlite_test;  // NOLINT(google-build-using-namespace)

namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int cycles = 25;
#else
constexpr int cycles = 200;
#endif

/// Every way a statement goes; false if the database answers otherwise than it should.
bool use(const Connection& database, const Statement& kept) {
  bool right = rows(kept) == 3;
  right = sqlite3_step(kept.get()) == SQLITE_ROW && right;
  right = sqlite3_reset(kept.get()) == SQLITE_OK && right;
  {
    const Statement statement = prepare(database, "select b from t where a < 3");
    right = sqlite3_step(statement.get()) == SQLITE_ROW && right;
  }
  right = run(database, "select 1") == SQLITE_OK && right;
  return run(database, "select x") == SQLITE_ERROR && right;
}

TEST_F(Sqlite, eight_threads_get_the_right_answers_while_hooks_come_and_go) {
  is_all_seen = false;
  const support::Capture capture;
  std::atomic<bool> is_over{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < 8; ++number) {
    threads.emplace_back([&, number] {
      const Connection own = open(file());
      const Statement kept = prepare(own, "select a from t");
      while (!is_over.load(std::memory_order_relaxed)) {
        const xray::Segment segment("s", number % 4 == 3 ? unsampled() : sampled());
        if (!use(own, kept)) ++wrong;
        std::this_thread::sleep_for(std::chrono::microseconds(20));
      }
    });
  }
  for (int cycle = 0; cycle < cycles; ++cycle) {
    if (!xray::patch({"sqlite3"}).hooked("sqlite3")) ++wrong;
    if (xray::unpatch_all().hooked("sqlite3")) ++wrong;
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
