// What a program sees of its library is as without us.
#include <pthread.h>

#include <cerrno>
#include <stdexcept>

#include "support/allocations.hpp"
#include "support/traced.hpp"

using support::at;
using support::only_subsegment;

TEST(Mysql, results_errno_and_errors_are_as_without) {
  const Traced traced;
  Connected connection;
  errno = 7;
  EXPECT_EQ(mysql_query(&connection, "SELECT a"), 0);
  EXPECT_EQ(errno, 42);
  EXPECT_EQ(mysql_query(&connection, "fail"), 1);
  EXPECT_EQ(errno, 42);
  EXPECT_EQ(mysql_errno(&connection), 1062U);
  EXPECT_EQ(mysql_next_result(&connection), -1);
  EXPECT_EQ(errno, 43);
}

TEST(Mysql, calls_begun_before_patching_or_ended_after_it_do_no_harm) {
  Connected connection;
  int result = 0;
  mysql_real_query_start(&result, &connection, "x", 1);
  Traced traced;
  EXPECT_EQ(mysql_real_query_cont(&result, &connection, 1), 0);
  mysql_real_query_start(&result, &connection, "y", 1);
  xray::unpatch_all();
  EXPECT_EQ(mysql_real_query_cont(&result, &connection, 1), 0);
  xray::patch({"mysql"});
  mysql_query(&connection, "SELECT a");
  mysql_close(&connection);
  const auto document = traced.document();
  EXPECT_EQ(at(document, "subsegments").Size(), 2U);
}

TEST(Mysql, what_a_library_asks_inside_a_call_is_part_of_that_call) {
  Traced traced;
  Connected connection;
  set_callback([](StandIn* inside) { mysql_query(inside, "nested"); });
  mysql_query(&connection, "ask");
  set_callback(nullptr);
  const auto document = traced.document();
  EXPECT_EQ(statement_of(only_subsegment(document)), "ask");
  EXPECT_FALSE(only_subsegment(document).HasMember("subsegments"));
}

TEST(Mysql, an_exception_passes_through_and_ends_the_call) {
  Traced traced;
  Connected connection;
  set_callback([](StandIn*) { throw std::runtime_error("mine"); });
  EXPECT_THROW(mysql_query(&connection, "throw"), std::runtime_error);
  set_callback(nullptr);
  mysql_query(&connection, "SELECT a");  // counted as outermost again
  const auto document = traced.document();
  const auto& calls = at(document, "subsegments");
  ASSERT_EQ(calls.Size(), 2U);
  EXPECT_TRUE(at(calls[0], "fault").GetBool());
}

// The address sanitizer of GCC 12 takes the stack of a thread that unwinds for a fault.
#if !defined(__SANITIZE_ADDRESS__)
TEST(Mysql, a_cancelled_thread_leaves_an_ended_call) {
  Traced traced;
  Connected connection;
  const xray::Context context = xray::current_context();
  struct Work {
    StandIn* connection;
    const xray::Context* context;
  } work{&connection, &context};
  pthread_t thread{};
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void* argument) -> void* {
                  const auto* const mine = static_cast<Work*>(argument);
                  const xray::ContextScope scope(*mine->context);
                  mysql_query(mine->connection, "wait");
                  return nullptr;
                },
                &work),
            0);
  pthread_cancel(thread);
  void* result = nullptr;
  pthread_join(thread, &result);
  EXPECT_EQ(result, PTHREAD_CANCELED);
  const auto document = traced.document();
  EXPECT_TRUE(only_subsegment(document).HasMember("end_time"));
}
#endif

TEST(Mysql, without_a_sampled_segment_nothing_is_allocated_or_recorded) {
  Traced traced("Sampled=0");
  Connected connection;
  const auto before = support::allocations();
  for (int i = 0; i < 10; ++i) {
    mysql_query(&connection, "SELECT 1; SELECT 2");
    mysql_real_query(&connection, "SET a", 5);
    mysql_next_result(&connection);
  }
  EXPECT_EQ(support::allocations(), before);
  EXPECT_TRUE(traced.texts().empty());
}
