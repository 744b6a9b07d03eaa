#include "commands/file_output.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <string>

#include "../local/temporary_directory.hpp"

namespace xrayd::commands {
namespace {

namespace fs = std::filesystem;

class FileOutputTest : public testing::Test {
 protected:
  [[nodiscard]] fs::path file() const { return directory_.path() / "out.jsonl"; }
  [[nodiscard]] std::string text() const {
    std::ifstream in(file());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(directory_.path()), fs::directory_iterator());
  }

  local::TemporaryDirectory directory_;
};

TEST_F(FileOutputTest, is_there_as_a_whole_and_for_its_owner_alone) {
  FileOutput output(file());
  output.write_line("a");
  output.write_line("b");
  EXPECT_FALSE(fs::exists(file()));
  output.finish();
  EXPECT_EQ(text(), "a\nb\n");
  EXPECT_EQ(files(), 1);
  struct stat status {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(FileOutputTest, without_an_end_leaves_the_file_that_was_there) {
  std::ofstream(file()) << "before";
  {
    FileOutput output(file());
    output.write_line("a");
  }
  EXPECT_EQ(text(), "before");
  EXPECT_EQ(files(), 1);
}

TEST_F(FileOutputTest, replaces_what_a_link_means_and_not_the_link) {
  const fs::path link = directory_.path() / "link";
  std::ofstream(file()) << "before";
  fs::create_symlink(file(), link);
  FileOutput output(link);
  output.write_line("a");
  output.finish();
  EXPECT_EQ(text(), "a\n");
  EXPECT_TRUE(fs::is_symlink(link));
}

TEST_F(FileOutputTest, names_the_file_and_the_cause_where_nothing_can_be_written) {
  try {
    FileOutput output(directory_.path() / "missing" / "out");
    FAIL() << "it was opened";
  } catch (const CommandError& problem) {
    EXPECT_NE(std::string(problem.what()).find("out"), std::string::npos);
    EXPECT_NE(std::string(problem.what()).find("No such file or directory"), std::string::npos);
  }
  FileOutput full("/dev/full");
  full.write_line("a");
  EXPECT_THROW(full.finish(), CommandError);
}

}  // namespace
}  // namespace xrayd::commands
