#include "credentials/program_output.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "fake_network.hpp"
#include "temporary_directory.hpp"

namespace xrayd::credentials {
namespace {

using namespace std::chrono_literals;
using testing::FakeNetwork;
using ::testing::HasSubstr;
using testing::TemporaryDirectory;

class ProgramOutputTest : public ::testing::Test {
 protected:
  ProgramOutput run(const std::string& command, std::chrono::milliseconds limit = 20s,
                    std::size_t longest = 1000) {
    return run_program(command, limit, longest, inquiry_);
  }

  FakeNetwork network_;
  Inquiry inquiry_{network_.factory(), 60s};
};

TEST_F(ProgramOutputTest, is_what_it_wrote) {
  const ProgramOutput output = run("printf 'a\\nb'; printf c; echo hush >&2");
  EXPECT_EQ(output.problem, "");
  EXPECT_EQ(output.text.reveal(), "a\nbc");
}

TEST_F(ProgramOutputTest, goes_without_input_and_with_ordinary_signals) {
  EXPECT_EQ(run("cat; trap").text.reveal(), "");
  // SIGTERM is blocked here, as it is in the daemon; not so in the program.
  sigset_t set;
  sigset_t before;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, &before);
  EXPECT_EQ(run("kill -TERM $$; echo still here").problem, "it was ended by signal 15");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_F(ProgramOutputTest, is_there_where_ended_children_leave_no_status) {
  // Whoever started this process may have said so, and it is inherited.
  const auto before = ::signal(SIGCHLD, SIG_IGN);
  const ProgramOutput output = run("echo fine");
  ::signal(SIGCHLD, before);
  EXPECT_EQ(output.problem, "");
  EXPECT_EQ(output.text.reveal(), "fine\n");
}

TEST_F(ProgramOutputTest, comes_without_our_settings) {
  ::setenv("XRAYD_CONSOLE_TOKEN", "secret", 1);
  ::setenv("PROGRAM_OUTPUT_TEST", "seen", 1);
  const ProgramOutput output = run("echo $XRAYD_CONSOLE_TOKEN$PROGRAM_OUTPUT_TEST");
  ::unsetenv("XRAYD_CONSOLE_TOKEN");
  ::unsetenv("PROGRAM_OUTPUT_TEST");
  EXPECT_EQ(output.text.reveal(), "seen\n");
}

TEST_F(ProgramOutputTest, of_a_program_that_has_no_descriptors_of_ours) {
  const int open_to_all = ::dup(0);
  ASSERT_GT(open_to_all, 2);
  EXPECT_EQ(
      run("test -e /proc/self/fd/" + std::to_string(open_to_all) + " || echo none").text.reveal(),
      "none\n");
  ::close(open_to_all);
}

TEST_F(ProgramOutputTest, of_a_failure_is_nothing_but_why) {
  EXPECT_EQ(run("echo text; exit 7").problem, "it ended with exit status 7");
  EXPECT_TRUE(run("echo text; exit 7").text.empty());
  EXPECT_EQ(run("/nonexistent/program").problem, "it ended with exit status 127");
}

TEST_F(ProgramOutputTest, has_a_longest_size) {
  EXPECT_EQ(run("yes", 20s, 5000).problem, "it wrote too much");
  EXPECT_EQ(run("yes | head -c 3000000 >&2; echo fine").text.reveal(), "fine\n");
}

TEST_F(ProgramOutputTest, is_waited_for_so_long) {
  EXPECT_THAT(run("sleep 600", 50ms).problem, HasSubstr("it did not end within"));
}

TEST_F(ProgramOutputTest, that_is_called_off_ends_at_once_with_all_that_it_started) {
  const TemporaryDirectory directory;
  const std::string file = directory.path("child");
  std::thread other([&] {
    for (int i = 0; i < 4000 && !std::ifstream(file); ++i) ::poll(nullptr, 0, 5);
    inquiry_.call_off();
  });
  const ProgramOutput output =
      run("sleep 600 & echo $! > " + file + ".new; mv " + file + ".new " + file + "; wait");
  other.join();
  EXPECT_EQ(output.problem, "it was called off");
  int child = 0;
  std::ifstream(file) >> child;
  ASSERT_GT(child, 0);
  // Whoever collects orphans may take a moment; a zombie has ended, too.
  const auto is_alive = [child] {
    int id = 0;
    std::string name;
    std::string state;
    std::ifstream status("/proc/" + std::to_string(child) + "/stat");
    return static_cast<bool>(status >> id >> name >> state) && state != "Z" && state != "X";
  };
  for (int i = 0; i < 1000 && is_alive(); ++i) ::poll(nullptr, 0, 5);
  EXPECT_FALSE(is_alive());
}

}  // namespace
}  // namespace xrayd::credentials
