#include "preload/watcher.hpp"

#include <xray/xray.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "clients/call.hpp"
#include "preload/process_segment.hpp"
#include "preload/trace_variable.hpp"
#include "support/documents.hpp"
#include "support/process.hpp"

using xray::preload::ProcessSegment;

namespace {

bool is_default(int number) {
  struct sigaction action {};
  sigaction(number, nullptr, &action);
  return action.sa_handler == SIG_DFL;
}

/// Whatever the test run was started with: a shell's background, for one, ignores interrupts.
void take_systems_handlers() {
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) signal(number, SIG_DFL);
}

/// A process with a segment of its own.
void begin(const char* sampled) {
  setenv("_X_AMZN_TRACE_ID", sampled, 1);
  xray::preload::TraceVariable::enter();
  ProcessSegment::allow();
  ProcessSegment::context();
}

}  // namespace

TEST(Watcher, catches_what_would_end_the_process_and_nothing_else) {
  IN_A_FRESH_PROCESS({
    const support::Capture capture;
    take_systems_handlers();
    signal(SIGINT, SIG_IGN);
    begin("Sampled=1");
    EXPECT_FALSE(is_default(SIGTERM));
    struct sigaction action {};
    sigaction(SIGINT, nullptr, &action);
    EXPECT_EQ(action.sa_handler, SIG_IGN);
    EXPECT_TRUE(is_default(SIGHUP));
    EXPECT_TRUE(is_default(SIGQUIT));
  });
}

TEST(Watcher, of_what_is_not_sampled_catches_nothing) {
  IN_A_FRESH_PROCESS({
    const support::Capture capture;
    take_systems_handlers();
    begin("Sampled=0");
    EXPECT_TRUE(is_default(SIGTERM));
    EXPECT_TRUE(is_default(SIGINT));
  });
}

TEST(Watcher, a_forked_child_has_the_systems_handlers_back) {
  IN_A_FRESH_PROCESS({
    const support::Capture capture;
    take_systems_handlers();
    begin("Sampled=1");
    const pid_t child = fork();
    if (child == 0) _exit(is_default(SIGTERM) && is_default(SIGINT) ? 0 : 1);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  });
}

TEST(Watcher, the_process_dies_of_the_signal_that_came) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const support::Capture capture;
        take_systems_handlers();
        begin("Sampled=1");
        raise(SIGTERM);
        _exit(0);
      },
      testing::KilledBySignal(SIGTERM), "");
}
