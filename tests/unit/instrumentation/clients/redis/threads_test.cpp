// Many threads at once, and hooks that come and go.
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <atomic>
#include <thread>
#include <vector>

#include "support/traced_redis.hpp"

using support::reply_of;

namespace {

class RedisThreads : public support::TracedRedis {};

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int cycles = 30;
#else
constexpr int cycles = 300;
#endif

}  // namespace

TEST_F(RedisThreads, eight_that_call_see_no_wrong_reply_while_another_patches_and_unpatches) {
  std::atomic<bool> is_over{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < 8; ++number) {
    threads.emplace_back([&] {
      const auto context = connected();
      while (!is_over) {
        const xray::Segment segment("s", xray::TraceHeader::parse("Sampled=1"));
        const auto reply = reply_of(redisCommand(context.get(), "GET %s", "key"));
        if (!reply || reply->type != REDIS_REPLY_STRING) ++wrong;
        for (int i = 0; i < 3; ++i) redisAppendCommand(context.get(), "SET %s %d", "key", i);
        for (int i = 0; i < 3; ++i) {
          void* fetched = nullptr;
          if (redisGetReply(context.get(), &fetched) != REDIS_OK) ++wrong;
          const auto known = reply_of(fetched);
          if (!known || known->type != REDIS_REPLY_STATUS) ++wrong;
        }
        capture().clear();
      }
    });
  }
  for (int cycle = 0; cycle < cycles; ++cycle) {
    if (!xray::patch({"redis"}).hooked("redis")) ++wrong;
    if (xray::unpatch_all().hooked("redis")) ++wrong;
  }
  is_over = true;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}
