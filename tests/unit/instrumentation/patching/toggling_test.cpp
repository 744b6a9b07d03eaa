#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>
#include <vector>

#include "patching/patcher.hpp"
#include "support/plugin.hpp"
#include "support/under_patch.hpp"
#include "support/wrappers.hpp"

#if defined(__SANITIZE_THREAD__)
// The loader's own lock is out of the sanitizer's sight: memory that one thread's dlclose() frees
// and another's takes looks like a race.
extern "C" __attribute__((visibility("default"))) const char*
__tsan_default_suppressions() {  // NOLINT: the sanitizer's name
  return "race:ld-linux-";
}
#endif

namespace {

using xray_test::Plugin;
using xray_test::Work;

// Sanitizers make each cycle ten times as long, and see in a few what there is to see.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int cycles = 100;
constexpr int rounds = 20;
#else
constexpr int cycles = 2000;
constexpr int rounds = 100;
#endif

TEST(Toggling, eight_threads_calling_see_no_wrong_result_while_hooks_come_and_go) {
  xray::patching::Patcher patcher;
  patcher.add(xray_test::counting_client());
  const Plugin now("plugin_now.so");
  const Plugin lazy("plugin_lazy.so", RTLD_LAZY | RTLD_LOCAL);
  const Plugin other("plugin_b.so");
  std::vector<int (*)(int)> ways{&xray_test_work};
  std::vector<int> bases{1000};
  for (const Plugin* const plugin : {&now, &lazy, &other}) {
    for (const char* const name :
         {"plugin_call", "plugin_call_by_data", "plugin_call_by_constant"}) {
      ways.push_back(plugin->function<int(int)>(name));
      bases.push_back(plugin == &other ? 2000 : 1000);
    }
  }
  Work<0>::calls = Work<1>::calls = 0;
  std::atomic<bool> is_over{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < 8; ++number) {
    threads.emplace_back([&, number] {
      while (!is_over.load(std::memory_order_relaxed)) {
        for (std::size_t call = 0; call < 20 * ways.size(); ++call) {
          const std::size_t way = call % ways.size();
          errno = 0;
          if (ways[way](number + 1) != bases[way] + number + 1 || errno != number + 1) ++wrong;
        }
        // Or the thread that patches hardly ever has its turn.
        std::this_thread::sleep_for(std::chrono::microseconds(20));
      }
    });
  }
  for (int cycle = 0; cycle < cycles; ++cycle) {
    if (!patcher.patch(nullptr).hooked("work")) ++wrong;
    if (patcher.unpatch().hooked("work")) ++wrong;
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(Work<0>::calls, 0);
  EXPECT_GT(Work<1>::calls, 0);
}

TEST(Toggling, threads_that_patch_unpatch_load_and_close_end_in_a_clean_process) {
  xray::patching::Patcher patcher;
  patcher.add(xray_test::counting_client());
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      const char* const files[] = {"plugin_now.so", "plugin_lazy.so", "plugin_b.so",
                                   "plugin_no_plt.so"};
      const int base = number == 2 ? 2000 : 1000;
      for (int round = 0; round < rounds; ++round) {
        const Plugin plugin(files[number]);
        if (number % 2 == 0) {
          patcher.patch(nullptr);
        } else {
          patcher.unpatch();
        }
        if (plugin.call("plugin_call", round) != base + round) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  patcher.unpatch();
  Work<0>::calls = 0;
  EXPECT_EQ(xray_test_work(1), 1001);
  EXPECT_EQ(Work<0>::calls, 0);
}

}  // namespace
