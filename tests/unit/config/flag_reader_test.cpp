#include "config/flag_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "given.hpp"

namespace xrayd::config {
namespace {

Arguments read(const std::vector<const char*>& arguments) {
  return read_arguments(arguments);
}

std::string complaint(const std::vector<const char*>& arguments) {
  try {
    static_cast<void>(read_arguments(arguments));
  } catch (const UsageError& problem) {
    return problem.what();
  }
  return "it was taken";
}

TEST(FlagReader, the_thirteen_flags_are_taken_in_every_spelling) {
  const struct {
    const char* short_name;
    const char* long_name;
    const char* value;
  } flags[] = {{"a", "resource-arn", "arn"}, {"m", "buffer-memory", "5"},
               {"n", "region", "eu-west-1"}, {"b", "bind", ":1"},
               {"t", "bind-tcp", ":2"},      {"r", "role-arn", "role"},
               {"c", "config", "/c"},        {"f", "log-file", "/f"},
               {"l", "log-level", "dev"},    {"p", "proxy-address", "http://p"},
               {"o", "local-mode", "true"}};
  for (const auto& [short_name, long_name, value] : flags) {
    const bool is_boolean = std::string(short_name) == "o";
    for (const std::string name : {short_name, long_name}) {
      for (const std::string dashes : {"-", "--"}) {
        SCOPED_TRACE(dashes + name);
        const Arguments with_equals = read({(dashes + name + "=" + value).c_str()});
        ASSERT_EQ(with_equals.flags.size(), 1U);
        EXPECT_EQ(with_equals.flags[0].row->name(), "--" + std::string(long_name));
        EXPECT_EQ(with_equals.flags[0].value, value);
        EXPECT_EQ(with_equals.flags[0].spelling, "-" + name);

        const std::string flag = dashes + name;
        const Arguments apart = is_boolean ? read({flag.c_str()}) : read({flag.c_str(), value});
        ASSERT_EQ(apart.flags.size(), 1U);
        EXPECT_EQ(apart.flags[0].value, value);
      }
    }
  }
  for (const char* flag : {"-h", "--h", "-help", "--help", "--help=true"}) {
    EXPECT_TRUE(read({flag}).help) << flag;
  }
  for (const char* flag : {"-v", "--v", "-version", "--version", "-v=1"}) {
    EXPECT_TRUE(read({flag}).version) << flag;
  }
  EXPECT_FALSE(read({"-v=false", "--help=0"}).version);
}

TEST(FlagReader, a_value_may_be_empty_begin_with_a_dash_or_have_equals_signs) {
  const Arguments given = read({"-n=", "-b", "-x", "-a", "k=v", "--role-arn==="});
  ASSERT_EQ(given.flags.size(), 4U);
  EXPECT_EQ(given.flags[0].value, "");
  EXPECT_EQ(given.flags[1].value, "-x");
  EXPECT_EQ(given.flags[2].value, "k=v");
  EXPECT_EQ(given.flags[3].value, "==");
}

TEST(FlagReader, a_boolean_never_takes_the_next_argument) {
  EXPECT_EQ(complaint({"-o", "false"}), "unexpected argument \"false\"");
  for (const char* word : {"true", "1", "t", "T", "TRUE", "True"}) {
    EXPECT_TRUE(options({("-o=" + std::string(word)).c_str()}).aws.local_mode) << word;
  }
  for (const char* word : {"false", "0", "f", "F", "FALSE", "False"}) {
    EXPECT_FALSE(options({"-o", ("-o=" + std::string(word)).c_str()}).aws.local_mode) << word;
  }
  for (const char* word : {"yes", "tRUE", "", "2"}) {
    EXPECT_EQ(early_exit({("-o=" + std::string(word)).c_str()}).status, 2) << word;
  }
  EXPECT_THAT(complaint({"-v=maybe"}),
              testing::StartsWith("invalid boolean value \"maybe\" for -v: parse error"));
}

TEST(FlagReader, what_is_no_flag_is_said_in_the_words_that_scripts_know) {
  EXPECT_EQ(complaint({"-badflag"}), "flag provided but not defined: -badflag");
  EXPECT_EQ(complaint({"--badflag=5"}), "flag provided but not defined: -badflag");
  EXPECT_EQ(complaint({"-ov"}), "flag provided but not defined: -ov");
  EXPECT_EQ(complaint({"-m"}), "flag needs an argument: -m");
  EXPECT_EQ(complaint({"--bind"}), "flag needs an argument: -bind");
  EXPECT_EQ(complaint({"---bind"}), "bad flag syntax: ---bind");
  EXPECT_EQ(complaint({"--=x"}), "bad flag syntax: --=x");
  EXPECT_EQ(complaint({"-=x"}), "bad flag syntax: -=x");
  EXPECT_EQ(complaint({"-a\nb"}), "flag provided but not defined: -a\\nb");
}

TEST(FlagReader, such_errors_are_status_2_with_the_usage_on_standard_output) {
  const EarlyExit exit = early_exit({"-badflag"});
  EXPECT_EQ(exit.status, 2);
  EXPECT_THAT(exit.out, testing::StartsWith("Usage: X-Ray [options]\n"));
  EXPECT_EQ(exit.err, "flag provided but not defined: -badflag\n");
}

TEST(FlagReader, words_that_are_no_command_are_refused) {
  EXPECT_EQ(complaint({"stray"}), "unexpected argument \"stray\"");
  EXPECT_EQ(complaint({"-"}), "unexpected argument \"-\"");
  EXPECT_EQ(complaint({""}), "unexpected argument \"\"");
  EXPECT_EQ(complaint({"--", "doctor"}), "unexpected argument \"doctor\"");
  EXPECT_EQ(complaint({"doctor", "doctor"}), "unexpected argument \"doctor\"");
  EXPECT_EQ(complaint({"--", "-o"}), "unexpected argument \"-o\"");
  EXPECT_TRUE(read({"--"}).flags.empty());
}

TEST(FlagReader, a_command_stands_before_or_among_the_flags) {
  EXPECT_EQ(read({"doctor", "-o"}).command, Command::doctor);
  EXPECT_EQ(read({"-o", "doctor", "-n", "x"}).flags.size(), 2U);
  EXPECT_TRUE(read({"check-config"}).check_config);
  EXPECT_TRUE(read({"-check-config", "-o"}).check_config);
  EXPECT_EQ(options({"doctor", "-n", "eu-west-1"}).command, Command::doctor);
  EXPECT_EQ(options({"doctor", "-n", "eu-west-1"}).aws.region, "eu-west-1");
}

TEST(FlagReader, flags_of_a_command_stand_behind_it_and_win_over_the_daemons) {
  const Options o = options({"-o", "export", "-o", "/out", "--filter=fault", "--start", "10",
                             "-end=20.5", "--address", ":2001", "--data-dir", "/d"});
  EXPECT_EQ(o.command, Command::export_traces);
  EXPECT_TRUE(o.aws.local_mode);
  EXPECT_EQ(o.store_command.output, "/out");
  EXPECT_EQ(o.store_command.filter, "fault");
  EXPECT_EQ(o.store_command.start, 10);
  EXPECT_EQ(o.store_command.end, 20.5);
  EXPECT_EQ(o.store_command.address, "http://127.0.0.1:2001");
  EXPECT_EQ(o.local.data_dir, "/d");
  EXPECT_EQ(options({"clear", "--address=https://x.example/xray"}).store_command.address,
            "https://x.example/xray");
  EXPECT_EQ(options({"clear", "--address", "[::1]:2001"}).store_command.address,
            "http://[::1]:2001");
  EXPECT_FALSE(options({"clear"}).store_command.yes);
  EXPECT_TRUE(options({"clear", "-y"}).store_command.yes);
  EXPECT_TRUE(options({"clear", "--yes"}).store_command.yes);
}

TEST(FlagReader, flags_of_a_command_are_unknown_elsewhere) {
  EXPECT_EQ(complaint({"--filter", "fault", "export"}), "flag provided but not defined: -filter");
  EXPECT_EQ(complaint({"import", "--filter", "fault"}), "flag provided but not defined: -filter");
  EXPECT_EQ(complaint({"--yes"}), "flag provided but not defined: -yes");
  EXPECT_EQ(complaint({"export", "--filter"}), "flag needs an argument: -filter");
}

TEST(FlagReader, a_wrong_value_of_a_commands_flag_is_status_2_and_says_what_it_takes) {
  const EarlyExit time = early_exit({"export", "--start", "yesterday"});
  EXPECT_EQ(time.status, 2);
  EXPECT_THAT(time.err, testing::StartsWith("invalid value \"yesterday\" for flag -start"));
  EXPECT_EQ(early_exit({"clear", "--address", "nowhere"}).status, 2);
  EXPECT_EQ(early_exit({"clear", "--address", "ftp://x"}).status, 2);
  EXPECT_EQ(early_exit({"clear", "--yes=maybe"}).status, 2);
}

TEST(FlagReader, words_behind_import_are_files_and_behind_no_other_command) {
  const Arguments given = read({"import", "a", "-", "--data-dir", "/d", "--", "-o", "import"});
  EXPECT_EQ(given.command, Command::import_traces);
  EXPECT_EQ(given.files, (std::vector<std::string>{"a", "-", "-o", "import"}));
  EXPECT_EQ(complaint({"export", "a"}), "unexpected argument \"a\"");
  EXPECT_EQ(complaint({"clear", "a"}), "unexpected argument \"a\"");
  EXPECT_EQ(complaint({"import", ""}), "unexpected argument \"\"");
}

}  // namespace
}  // namespace xrayd::config
