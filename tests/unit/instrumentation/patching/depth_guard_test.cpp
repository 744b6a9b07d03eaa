#include "patching/depth_guard.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <thread>

namespace {

struct One;
struct Other;
using xray::patching::DepthGuard;
using xray::patching::DepthPause;

TEST(DepthGuard, only_the_first_call_of_a_thread_is_outermost) {
  const DepthGuard<One> outer;
  EXPECT_TRUE(outer.is_outermost());
  {
    const DepthGuard<One> inner;
    EXPECT_FALSE(inner.is_outermost());
    std::thread([] { EXPECT_TRUE(DepthGuard<One>().is_outermost()); }).join();
  }
  EXPECT_TRUE(outer.is_outermost());
}

TEST(DepthGuard, clients_are_counted_apart) {
  const DepthGuard<One> outer;
  EXPECT_TRUE(DepthGuard<Other>().is_outermost());
}

TEST(DepthGuard, an_exception_counts_back) {
  try {
    const DepthGuard<One> guard;
    throw std::runtime_error("out");
  } catch (const std::runtime_error&) {
    EXPECT_TRUE(DepthGuard<One>().is_outermost());
  }
}

TEST(DepthGuard, an_inner_call_that_is_suspended_and_ends_later_changes_nothing) {
  std::optional<DepthGuard<One>> inner;
  {
    const DepthGuard<One> outer;
    inner.emplace();
  }
  EXPECT_TRUE(DepthGuard<One>().is_outermost());
  const DepthGuard<One> next;
  inner.reset();
  EXPECT_FALSE(DepthGuard<One>().is_outermost());
}

TEST(DepthGuard, a_callbacks_calls_are_outermost_and_what_follows_it_is_not) {
  const DepthGuard<One> outer;
  {
    const DepthPause<One> pause;
    EXPECT_TRUE(DepthGuard<One>().is_outermost());
  }
  EXPECT_FALSE(DepthGuard<One>().is_outermost());
}

}  // namespace
