#include "config/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>

#include "config/log_throttle.hpp"
#include "startup_error.hpp"

namespace xrayd::log {
namespace {

using namespace std::chrono_literals;

class LogFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "xrayd-log-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override {
    set_level(Level::info);
    std::filesystem::remove_all(directory_);
  }
  [[nodiscard]] std::string content() const {
    std::ifstream in(path());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] std::filesystem::path path() const { return directory_ / "sub" / "xrayd.log"; }

 private:
  std::filesystem::path directory_;
};

TEST_F(LogFile, lines_have_time_level_and_message) {
  open_file(path());
  info("one");
  warn("two {} %s");
  error("three");
  const std::string time = "[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+Z ";
  EXPECT_THAT(content(),
              testing::MatchesRegex(time + "\\[Info\\] one\n" + time +
                                    "\\[Warn\\] two \\{\\} %s\n" + time + "\\[Error\\] three\n"));
}

TEST_F(LogFile, lines_below_the_level_are_not_written) {
  open_file(path());
  set_level(Level::warn);
  info("quiet");
  set_level(Level::debug);
  debug("loud");
  EXPECT_THAT(content(), testing::Not(testing::HasSubstr("quiet")));
  EXPECT_THAT(content(), testing::HasSubstr("[Debug] loud"));
}

TEST_F(LogFile, control_characters_can_not_forge_a_line) {
  open_file(path());
  info("a\nb\r\t\x1b[31m\x7f");
  EXPECT_THAT(content(), testing::EndsWith("] a\\nb\\r\\t\\x1b[31m\\x7f\n"));
}

TEST(Log, a_file_that_can_not_be_opened_is_a_startup_error_with_its_name) {
  try {
    open_file("/proc/nowhere/xrayd.log");
    FAIL() << "it was opened";
  } catch (const StartupError& problem) {
    EXPECT_THAT(problem.what(), testing::HasSubstr("/proc/nowhere/xrayd.log"));
  }
}

TEST(Throttle, beyond_the_burst_lines_are_counted_until_the_next_second) {
  Throttle throttle(2);
  const Throttle::Clock::time_point start(1000s);
  EXPECT_EQ(throttle.admit(start), 0U);
  EXPECT_EQ(throttle.admit(start + 1ms), 0U);
  EXPECT_EQ(throttle.admit(start + 2ms), std::nullopt);
  EXPECT_EQ(throttle.admit(start + 999ms), std::nullopt);
  EXPECT_EQ(throttle.admit(start + 1s), 2U);
  EXPECT_EQ(throttle.admit(start + 1001ms), 0U);
}

}  // namespace
}  // namespace xrayd::log
