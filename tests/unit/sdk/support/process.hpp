// A fresh process for what happens once a process.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

/// Runs the statements in a new process that has not used the SDK yet; its failures are the test's.
/// What stands before it in the test runs there again.
#define IN_A_FRESH_PROCESS(...)                          \
  GTEST_FLAG_SET(death_test_style, "threadsafe");        \
  EXPECT_EXIT(                                           \
      {                                                  \
        [&] __VA_ARGS__();                               \
        std::fflush(nullptr);                            \
        std::_Exit(testing::Test::HasFailure() ? 1 : 0); \
      },                                                 \
      testing::ExitedWithCode(0), "")
