#include "config/log_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <string>

#include "startup_error.hpp"
#include "temporary_directory.hpp"

namespace xrayd::log {
namespace {

using config::content_of;

class File : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "logs" / "x.log"; }
  [[nodiscard]] std::filesystem::path old() const { return path().string() + ".1"; }
  [[nodiscard]] const config::TemporaryDirectory& directory() const { return directory_; }

 private:
  config::TemporaryDirectory directory_;
};

/// What this process may write into a file at most: the disk is full from there on.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;
  ~SizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_DFL);
  }

 private:
  rlimit before_{};
};

TEST_F(File, what_was_there_stays_and_parents_are_made) {
  static_cast<void>(directory().file("logs/x.log", "old\n"));
  LogFile(path(), 0).write("new\n");
  EXPECT_EQ(content_of(path()), "old\nnew\n");
  const auto deep = directory().path() / "1/2/3/x.log";
  LogFile(deep, 0).write("x\n");
  EXPECT_EQ(content_of(deep), "x\n");
}

TEST_F(File, a_full_file_becomes_the_old_one_and_only_one_is_kept) {
  LogFile file(path(), 10);
  file.write("1234567\n");
  file.write("a\n");
  EXPECT_FALSE(std::filesystem::exists(old()));
  file.write("b\n");
  EXPECT_EQ(content_of(old()), "1234567\na\n");
  EXPECT_EQ(content_of(path()), "b\n");
  file.write("23456789\n");
  EXPECT_EQ(content_of(old()), "b\n");
  EXPECT_EQ(content_of(path()), "23456789\n");
}

TEST_F(File, what_an_earlier_run_wrote_counts) {
  LogFile(path(), 10).write("1234567\n");
  LogFile(path(), 10).write("890\n");
  EXPECT_EQ(content_of(old()), "1234567\n");
  EXPECT_EQ(content_of(path()), "890\n");
}

TEST_F(File, a_line_larger_than_a_file_is_written_all_the_same) {
  LogFile file(path(), 10);
  EXPECT_TRUE(file.write("more than ten bytes\n"));
  EXPECT_TRUE(file.write("more than ten bytes, too\n"));
  EXPECT_EQ(content_of(old()), "more than ten bytes\n");
}

TEST_F(File, without_rotation_it_just_grows) {
  LogFile file(path(), 0);
  for (int i = 0; i < 100; ++i) file.write("0123456789\n");
  EXPECT_EQ(content_of(path()).size(), 1100U);
  EXPECT_FALSE(std::filesystem::exists(old()));
}

TEST_F(File, a_new_file_has_the_rights_of_the_one_before_it_whatever_the_umask) {
  const mode_t before = umask(022);
  LogFile file(path(), 10);
  umask(077);
  file.write("0123456789\n");
  file.write("0123456789\n");
  umask(before);
  struct stat status {};
  ASSERT_EQ(stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0644U);
}

TEST_F(File, what_somebody_else_put_there_is_not_renamed) {
  LogFile file(path(), 10);
  file.write("0123456789\n");
  std::filesystem::rename(path(), path().string() + ".theirs");
  static_cast<void>(directory().file("logs/x.log", "fresh\n"));
  file.write("a\n");
  EXPECT_EQ(content_of(path()), "fresh\na\n");
  EXPECT_FALSE(std::filesystem::exists(old()));
}

TEST_F(File, links_and_devices_are_not_renamed) {
  static_cast<void>(directory().file("target", ""));
  const auto link = directory().path() / "link";
  std::filesystem::create_symlink(directory().path() / "target", link);
  LogFile file(link, 10);
  for (int i = 0; i < 5; ++i) file.write("0123456789\n");
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(content_of(link).size(), 55U);
  LogFile device("/dev/null", 10);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(device.write("0123456789\n"));
}

TEST_F(File, a_file_that_can_not_be_renamed_goes_on) {
  // A directory stands where the old one would go.
  static_cast<void>(directory().file("logs/x.log.1/blocker", ""));
  LogFile file(path(), 10);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(file.write("0123456789\n"));
  EXPECT_EQ(content_of(path()).size(), 110U);
}

TEST_F(File, lines_that_a_full_disk_has_no_room_for_are_counted_and_the_next_begins_anew) {
  LogFile file(path(), 0);
  {
    const SizeLimit limit(10);
    EXPECT_TRUE(file.write("first\n"));
    EXPECT_FALSE(file.write("second\n"));
    EXPECT_FALSE(file.write("third\n"));
    EXPECT_EQ(file.left_out(), 2U);
  }
  EXPECT_TRUE(file.write("fourth\n"));
  EXPECT_EQ(file.left_out(), 0U);
  EXPECT_EQ(content_of(path()), "first\nseco\nfourth\n");
}

TEST_F(File, a_pipe_without_a_reader_is_refused_at_once) {
  const auto pipe = directory().path() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THROW(LogFile(pipe, 0), StartupError);
}

TEST_F(File, a_path_that_can_not_be_opened_is_named) {
  static_cast<void>(directory().file("file", ""));
  for (const auto& bad : {directory().path(), directory().path() / "file/below.log"}) {
    try {
      LogFile file(bad, 0);
      FAIL() << "it was opened";
    } catch (const StartupError& problem) {
      EXPECT_THAT(problem.what(), testing::HasSubstr(bad.string()));
    }
  }
}

}  // namespace
}  // namespace xrayd::log
