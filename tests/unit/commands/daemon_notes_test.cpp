#include "commands/daemon_notes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "../local/temporary_directory.hpp"
#include "startup_error.hpp"

namespace xrayd::commands {
namespace {

class DaemonNotes : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_.path() / name) << text;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }

  local::TemporaryDirectory directory_;
};

TEST_F(DaemonNotes, an_address_that_was_left_is_found) {
  EXPECT_FALSE(left_address(path()));
  leave_address(path(), {"127.0.0.1", 4711});
  EXPECT_EQ(left_address(path()), (config::Address{"127.0.0.1", 4711}));
  leave_address(path(), {"::1", 4712});
  EXPECT_EQ(left_address(path()), (config::Address{"::1", 4712}));
}

TEST_F(DaemonNotes, of_every_interface_the_loopback_one_is_meant) {
  leave_address(path(), {"0.0.0.0", 1});
  EXPECT_EQ(left_address(path())->host, "127.0.0.1");
  leave_address(path(), {"::", 1});
  EXPECT_EQ(left_address(path())->host, "::1");
  leave_address(path(), {"", 1});
  EXPECT_EQ(left_address(path())->host, "127.0.0.1");
}

TEST_F(DaemonNotes, an_address_that_makes_no_sense_is_none) {
  for (const char* text : {"", "\n", "127.0.0.1", "127.0.0.1:0\n", "http://x:1/\n"}) {
    write("daemon.address", text);
    EXPECT_FALSE(left_address(path())) << text;
  }
}

TEST_F(DaemonNotes, a_token_is_made_once_and_for_its_owner_alone) {
  const KeptToken made = kept_token(path());
  EXPECT_TRUE(made.is_new);
  EXPECT_THAT(made.text, testing::SizeIs(40));
  struct stat status {};
  ASSERT_EQ(::stat(made.file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);

  const KeptToken again = kept_token(path());
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(again.text, made.text);
  EXPECT_EQ(left_token(path()), made.text);

  const local::TemporaryDirectory other;
  EXPECT_NE(kept_token(other.path()).text, made.text);
}

TEST_F(DaemonNotes, a_file_without_a_good_token_is_an_error_and_not_replaced) {
  for (const char* text : {"", "\n", "short\n", "with blanks in it\n"}) {
    write("console.token", text);
    EXPECT_THROW(static_cast<void>(kept_token(path())), StartupError) << text;
  }
}

TEST_F(DaemonNotes, a_token_is_given_as_text_or_as_the_first_line_of_a_file) {
  EXPECT_EQ(given_token({}), "");
  write("token", "correct-horse\r\nand more\n");
  config::WebOptions options;
  options.console_token_file = path() / "token";
  EXPECT_EQ(given_token(options), "correct-horse");
  options.console_token = "battery-staple";
  EXPECT_EQ(given_token(options), "battery-staple");
}

TEST_F(DaemonNotes, a_file_that_should_have_a_token_and_has_none_is_an_error_that_names_it) {
  config::WebOptions options;
  options.console_token_file = path() / "token";
  for (const bool there : {false, true}) {
    if (there) write("token", "");
    try {
      static_cast<void>(given_token(options));
      FAIL() << "it was taken";
    } catch (const StartupError& problem) {
      EXPECT_THAT(problem.what(), testing::HasSubstr(options.console_token_file.string()));
    }
  }
}

}  // namespace
}  // namespace xrayd::commands
