#include "config/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <stdlib.h>  // setenv is POSIX

#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "config/log_line.hpp"
#include "config/log_throttle.hpp"
#include "startup_error.hpp"
#include "temporary_directory.hpp"

namespace xrayd::log {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Local time is that of a zone in here.
class LocalTime {
 public:
  explicit LocalTime(const char* zone) {
    setenv("TZ", zone, 1);
    tzset();
  }
  LocalTime(const LocalTime&) = delete;
  LocalTime& operator=(const LocalTime&) = delete;
  ~LocalTime() {
    unsetenv("TZ");
    tzset();
  }
};

class Log : public testing::Test {
 protected:
  void TearDown() override { configure({}); }
  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "a/b/xray.log"; }
  [[nodiscard]] std::string content() const { return config::content_of(path()); }
  void begin(Settings settings = {}) const {
    settings.file = path();
    configure(settings);
  }

 private:
  config::TemporaryDirectory directory_;
};

TEST_F(Log, lines_have_time_level_and_message) {
  const LocalTime utc("UTC0");
  begin({.level = Level::trace});
  info("one");
  warn("two {} %s");
  error("three");
  debug("four");
  write(Level::trace, "five");
  const std::string time = "[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+Z ";
  EXPECT_THAT(content(),
              testing::MatchesRegex(time + "\\[Info\\] one\n" + time +
                                    "\\[Warn\\] two \\{\\} %s\n" + time + "\\[Error\\] three\n" +
                                    time + "\\[Debug\\] four\n" + time + "\\[Trace\\] five\n"));
}

TEST_F(Log, lines_below_the_level_are_not_written) {
  begin();
  set_level(Level::warn);
  info("quiet");
  set_level(Level::debug);
  debug("loud");
  EXPECT_THAT(content(), testing::Not(HasSubstr("quiet")));
  EXPECT_THAT(content(), HasSubstr("[Debug] loud"));
}

TEST_F(Log, control_characters_can_not_forge_a_line) {
  begin();
  info("a\nb\r\t\x1b[31m\x7f");
  EXPECT_THAT(content(), testing::EndsWith("] a\\nb\\r\\t\\x1b[31m\\x7f\n"));
}

TEST_F(Log, as_json_each_line_is_an_object_whatever_the_message_is) {
  begin({.format = Format::json});
  const std::string_view message("\"\\ \n\x01\x7f \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 \xff");
  warn(message);
  const std::string text = content();
  EXPECT_EQ(text.find('\n'), text.size() - 1) << text;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(text.c_str());
  ASSERT_FALSE(document.HasParseError()) << text;
  EXPECT_EQ(document["level"].GetString(), std::string("warn"));
  EXPECT_THAT(document["time"].GetString(), testing::StartsWith("20"));
  EXPECT_EQ(std::string(document["message"].GetString()),
            "\"\\ \n\x01\x7f \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 "
            "\xef\xbf\xbd");
}

TEST(LogLine, bytes_that_are_no_utf8_are_replaced_one_by_one_in_json) {
  for (const std::string_view bad : {"\x80", "\xc0\xaf", "\xc3", "\xe0\x9f\xbf", "\xed\xa0\x80",
                                     "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5", "\xe2\x82"}) {
    std::string expected;
    for (std::size_t i = 0; i < bad.size(); ++i) expected += "\\ufffd";
    std::string line;
    append_line(line, Format::json, "T", Level::info, bad);
    EXPECT_EQ(line, R"({"time":"T","level":"info","message":")" + expected + "\"}\n");
  }
}

TEST(LogLine, no_character_ends_a_line_or_steers_a_terminal) {
  EXPECT_EQ(printable("a\r\n\t\x1b\x7f"), "a\\r\\n\\t\\x1b\\x7f");
  // The next line, a control sequence, a line and a paragraph: of Unicode, and as bare bytes.
  EXPECT_EQ(printable("\xc2\x85 \xc2\x9b \xe2\x80\xa8 \xe2\x80\xa9"),
            "\\xc2\\x85 \\xc2\\x9b \\xe2\\x80\\xa8 \\xe2\\x80\\xa9");
  EXPECT_EQ(printable("\x85\xff \xc3"), "\\x85\\xff \\xc3");
  EXPECT_EQ(printable("\xc2\xa0 \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80"),
            "\xc2\xa0 \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80");
}

TEST(LogLine, times_are_local_and_say_how_far_from_utc) {
  const auto time = std::chrono::system_clock::from_time_t(1'795'360'361);
  const auto written = [&](const char* zone) {
    const LocalTime local(zone);
    return std::string(TimeText().at(time));
  };
  EXPECT_EQ(written("UTC0"), "2026-11-22T15:12:41Z");
  EXPECT_EQ(written("CET-1"), "2026-11-22T16:12:41+01:00");
  EXPECT_EQ(written("NST3:30"), "2026-11-22T11:42:41-03:30");
  const LocalTime utc("UTC0");
  TimeText text;
  EXPECT_EQ(text.at(time), "2026-11-22T15:12:41Z");
  EXPECT_EQ(text.at(time + 999ms), "2026-11-22T15:12:41Z");
  EXPECT_EQ(text.at(time + 1s), "2026-11-22T15:12:42Z");
  EXPECT_EQ(text.at(time), "2026-11-22T15:12:41Z");
}

TEST_F(Log, a_file_that_was_moved_away_is_made_anew) {
  begin();
  info("before");
  std::filesystem::rename(path(), path().string() + ".moved");
  info("between");
  reopen();
  info("after");
  EXPECT_THAT(config::content_of(path().string() + ".moved"), HasSubstr("between"));
  EXPECT_THAT(content(), testing::EndsWith("[Info] after\n"));
  EXPECT_THAT(content(), testing::Not(HasSubstr("between")));
}

TEST_F(Log, a_file_that_can_not_be_made_anew_goes_on_where_it_was) {
  begin();
  info("before");
  std::filesystem::rename(path().parent_path(), path().parent_path().string() + "-moved");
  reopen();
  info("after");
  const auto text = config::content_of(path().parent_path().string() + "-moved/xray.log");
  EXPECT_THAT(text, HasSubstr("could not be opened anew"));
  EXPECT_THAT(text, testing::EndsWith("[Info] after\n"));
}

TEST_F(Log, threads_write_whole_lines_while_it_is_opened_anew) {
  begin();
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 200; ++i) info("a line of some length, to be found whole");
    });
  }
  for (int i = 0; i < 50; ++i) reopen();
  for (std::thread& thread : threads) thread.join();
  std::size_t lines = 0;
  std::istringstream in(content());
  for (std::string line; std::getline(in, line); ++lines) {
    EXPECT_THAT(line, testing::EndsWith("Z [Info] a line of some length, to be found whole"));
  }
  EXPECT_EQ(lines, 800U);
}

TEST_F(Log, a_file_that_can_not_be_opened_is_a_startup_error_with_its_name) {
  try {
    configure({.file = "/proc/nowhere/xrayd.log"});
    FAIL() << "it was opened";
  } catch (const StartupError& problem) {
    EXPECT_THAT(problem.what(), HasSubstr("/proc/nowhere/xrayd.log"));
  }
}

TEST_F(Log, a_full_disk_stops_nobody) {
  configure({.file = "/dev/full"});
  for (int i = 0; i < 100; ++i) error("there is no room for this");
  SUCCEED();
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
