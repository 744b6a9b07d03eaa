#include "patching/depth_guard.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

namespace {

struct One;
struct Other;
using xray::patching::DepthGuard;

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

}  // namespace
