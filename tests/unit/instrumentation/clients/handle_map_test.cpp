#include "clients/handle_map.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "clients/never_destroyed.hpp"
#include "patching/hook_changes.hpp"

namespace {

using xray::clients::HandleMap;
using xray::clients::OnceUnhooked;

template <typename Value, OnceUnhooked OnUnhooking = OnceUnhooked::forgotten>
HandleMap<Value, OnUnhooking>& made_map() {
  static xray::clients::NeverDestroyed<HandleMap<Value, OnUnhooking>> map;
  return *map;
}

/// Somebody unpatches.
void take_hooks_away() {
  const xray::patching::HookChanges change(true);
}

const void* handle(std::uintptr_t number) {
  return reinterpret_cast<const void*>(number * 16);
}

}  // namespace

TEST(HandleMap, knows_what_was_put_until_it_is_taken) {
  auto& map = made_map<std::string>();
  EXPECT_TRUE(map.empty());
  EXPECT_FALSE(map.put(handle(1), "one"));
  EXPECT_FALSE(map.put(handle(2), "two"));
  EXPECT_EQ(map.find(handle(1)), "one");
  EXPECT_EQ(map.put(handle(1), "another"), "one");
  EXPECT_EQ(map.take(handle(1)), "another");
  EXPECT_FALSE(map.take(handle(1)));
  EXPECT_FALSE(map.find(handle(3)));
  EXPECT_FALSE(map.empty());
  EXPECT_EQ(map.take(handle(2)), "two");
  EXPECT_TRUE(map.empty());
}

TEST(HandleMap, values_that_only_move_are_changed_in_place) {
  auto& map = made_map<std::unique_ptr<int>>();
  map.put(handle(1), std::make_unique<int>(1));
  EXPECT_TRUE(map.with(handle(1), [](std::unique_ptr<int>& value) { ++*value; }));
  EXPECT_FALSE(map.with(handle(2), [](std::unique_ptr<int>&) { FAIL(); }));
  const auto value = map.take(handle(1));
  ASSERT_TRUE(value);
  EXPECT_EQ(**value, 2);
}

TEST(HandleMap, forgets_all_once_hooks_were_taken_away) {
  auto& map = made_map<std::string>();
  for (std::uintptr_t h = 1; h <= 64; ++h) map.put(handle(h), "old");
  take_hooks_away();
  EXPECT_FALSE(map.find(handle(1)));
  EXPECT_TRUE(map.empty());
  EXPECT_FALSE(map.put(handle(2), "new"));
  take_hooks_away();
  EXPECT_FALSE(map.take(handle(2)));
  EXPECT_FALSE(map.put(handle(3), "newer"));
  EXPECT_EQ(map.take(handle(3)), "newer");
}

TEST(HandleMap, keeps_what_it_is_to_keep_when_hooks_are_taken_away) {
  auto& map = made_map<std::string, OnceUnhooked::kept>();
  map.put(handle(1), "old");
  take_hooks_away();
  EXPECT_EQ(map.take(handle(1)), "old");
}

TEST(HandleMap, what_is_forgotten_ends_outside_its_locks) {
  auto& map = made_map<std::shared_ptr<void>>();
  bool ended = false;
  map.put(handle(1), std::shared_ptr<void>(nullptr, [&map, &ended](void*) {
            ended = true;
            map.put(handle(1), nullptr);
          }));
  take_hooks_away();
  EXPECT_TRUE(map.with(handle(1), [](const std::shared_ptr<void>&) {}));
  EXPECT_TRUE(ended);
  map.take(handle(1));
}

TEST(HandleMap, eight_threads_find_their_own) {
  auto& map = made_map<int>();
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&map, t] {
      for (int i = 0; i < 2000; ++i) {
        const auto mine = handle(static_cast<std::uintptr_t>(t * 10000 + i % 50));
        map.put(mine, t);
        EXPECT_EQ(map.find(mine), t);
        EXPECT_EQ(map.take(mine), t);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(map.empty());
}

TEST(HandleMap, a_child_of_fork_finds_no_lock_taken) {
  auto& map = made_map<long>();
  std::atomic<bool> stop{false};
  std::thread busy([&map, &stop] {
    for (long i = 0; !stop; ++i) {
      map.put(handle(static_cast<std::uintptr_t>(i % 64) + 1), i);
      map.take(handle(static_cast<std::uintptr_t>(i % 64) + 1));
    }
  });
  for (int i = 0; i < 50; ++i) {
    const pid_t child = fork();
    ASSERT_NE(child, -1);
    if (child == 0) {
      alarm(60);  // a child that waits for a lock is seen as one that was killed
      for (std::uintptr_t h = 1; h <= 64; ++h) map.with(handle(h), [](long&) {});
      _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status)) << "killed by signal " << WTERMSIG(status);
  }
  stop = true;
  busy.join();
}
