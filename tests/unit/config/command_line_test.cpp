#include "config/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "config/option_values.hpp"

namespace xrayd::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Variables = std::map<std::string, std::string>;

std::variant<Options, EarlyExit> parse(const std::vector<const char*>& arguments,
                                       Variables variables = {}) {
  variables.try_emplace("HOME", "/home/somebody");
  return parse_command_line(arguments, [&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

Options options(const std::vector<const char*>& arguments, const Variables& variables = {}) {
  auto result = parse(arguments, variables);
  if (const auto* exit = std::get_if<EarlyExit>(&result)) {
    ADD_FAILURE() << exit->err;
    return {};
  }
  return std::get<Options>(result);
}

EarlyExit early_exit(const std::vector<const char*>& arguments, const Variables& variables = {}) {
  auto result = parse(arguments, variables);
  if (const auto* exit = std::get_if<EarlyExit>(&result)) return *exit;
  ADD_FAILURE() << "it was taken";
  return {};
}

TEST(CommandLine, without_arguments_the_defaults_stand) {
  const Options o = options({});
  EXPECT_EQ(o.udp, (Address{"127.0.0.1", 2000}));
  EXPECT_EQ(o.tcp, (Address{"127.0.0.1", 2000}));
  EXPECT_TRUE(o.unix_socket.empty());
  EXPECT_EQ(o.backend, BackendKind::aws);
  EXPECT_EQ(o.retention_bytes, 1U << 30U);
  EXPECT_EQ(o.retention_age, std::chrono::hours(168));
  EXPECT_EQ(o.queue_bytes, 16U << 20U);
  EXPECT_FALSE(o.default_sampling);
  EXPECT_EQ(o.sampling_interval, std::chrono::seconds(10));
  EXPECT_EQ(o.log_level, log::Level::info);
  EXPECT_FALSE(o.data_dir.empty());
}

TEST(CommandLine, every_option_is_taken_as_a_flag) {
  const Options o = options({"-b",
                             ":1",
                             "--bind-tcp=[::1]:2",
                             "--unix-socket",
                             "/u",
                             "--backend",
                             "local",
                             "--data-dir",
                             "/d",
                             "--retention-size",
                             "512MB",
                             "--retention-age",
                             "12h",
                             "-m",
                             "3",
                             "--default-sampling",
                             "0.05",
                             "--sampling-interval",
                             "1",
                             "-l",
                             "warn",
                             "-f",
                             "/l",
                             "--allowed-host",
                             "a.example",
                             "--allowed-host",
                             "b.example",
                             "--console-token",
                             "secret-1234",
                             "--console-dir",
                             "/c"});
  EXPECT_EQ(o.udp, (Address{"", 1}));
  EXPECT_EQ(o.tcp, (Address{"::1", 2}));
  EXPECT_EQ(o.unix_socket, "/u");
  EXPECT_EQ(o.backend, BackendKind::local);
  EXPECT_EQ(o.data_dir, "/d");
  EXPECT_EQ(o.retention_bytes, 512'000'000U);
  EXPECT_EQ(o.retention_age, std::chrono::hours(12));
  EXPECT_EQ(o.queue_bytes, 3U << 20U);
  EXPECT_EQ(o.default_sampling, 0.05);
  EXPECT_EQ(o.sampling_interval, std::chrono::seconds(1));
  EXPECT_EQ(o.log_level, log::Level::warn);
  EXPECT_EQ(o.log_file, "/l");
  EXPECT_THAT(o.allowed_hosts, ElementsAre("a.example", "b.example"));
  EXPECT_EQ(o.console_token, "secret-1234");
  EXPECT_EQ(o.console_dir, "/c");
}

TEST(CommandLine, every_option_is_taken_from_the_environment_too) {
  const Options o = options({}, {{"XRAYD_BIND", ":1"},
                                 {"XRAYD_BIND_TCP", ":2"},
                                 {"XRAYD_UNIX_SOCKET", "/u"},
                                 {"XRAYD_BACKEND", "both"},
                                 {"XRAYD_DATA_DIR", "/d"},
                                 {"XRAYD_RETENTION_SIZE", "2GiB"},
                                 {"XRAYD_RETENTION_AGE", "90s"},
                                 {"XRAYD_BUFFER_MEMORY", "32"},
                                 {"XRAYD_DEFAULT_SAMPLING", "0"},
                                 {"XRAYD_SAMPLING_INTERVAL", "300"},
                                 {"XRAYD_LOG_LEVEL", "dev"},
                                 {"XRAYD_LOG_FILE", "/l"},
                                 {"XRAYD_ALLOWED_HOST", "a.example,b.example"},
                                 {"XRAYD_CONSOLE_TOKEN", "secret-1234"},
                                 {"XRAYD_CONSOLE_DIR", "/c"}});
  EXPECT_EQ(o.udp.port, 1);
  EXPECT_EQ(o.tcp.port, 2);
  EXPECT_EQ(o.unix_socket, "/u");
  EXPECT_EQ(o.backend, BackendKind::both);
  EXPECT_EQ(o.data_dir, "/d");
  EXPECT_EQ(o.retention_bytes, std::uint64_t{2} << 30U);
  EXPECT_EQ(o.retention_age, std::chrono::seconds(90));
  EXPECT_EQ(o.queue_bytes, 32U << 20U);
  EXPECT_EQ(o.default_sampling, 0.0);
  EXPECT_EQ(o.sampling_interval, std::chrono::seconds(300));
  EXPECT_EQ(o.log_level, log::Level::trace);
  EXPECT_EQ(o.log_file, "/l");
  EXPECT_THAT(o.allowed_hosts, ElementsAre("a.example", "b.example"));
  EXPECT_EQ(o.console_token, "secret-1234");
  EXPECT_EQ(o.console_dir, "/c");
}

TEST(CommandLine, a_flag_wins_over_the_environment_and_the_last_flag_over_the_others) {
  EXPECT_EQ(options({"-b", ":1", "-b", ":2"}, {{"XRAYD_BIND", ":3"}}).udp.port, 2);
}

TEST(CommandLine, an_environment_variable_named_by_each_row_begins_with_the_prefix) {
  for (const OptionRow& row : option_rows()) {
    EXPECT_TRUE(std::string_view(row.environment).starts_with("XRAYD_"));
    EXPECT_TRUE(row.name().starts_with("--")) << row.flags;
  }
}

TEST(CommandLine, a_bad_value_is_status_2_and_one_line_with_option_and_value) {
  const struct {
    const char* option;
    const char* value;
  } cases[] = {{"--bind", "nonsense"},
               {"--bind-tcp", "h:99999"},
               {"--unix-socket", "relative"},
               {"--backend", "cloud"},
               {"--retention-size", "1TB!"},
               {"--retention-size", "0"},
               {"--retention-size", "99999999999999999999"},
               {"--retention-age", "7"},
               {"--retention-age", "-1d"},
               {"--retention-age", "9999999d"},
               {"--buffer-memory", "abc"},
               {"--buffer-memory", "2"},
               {"--default-sampling", "1.01"},
               {"--default-sampling", "-0.1"},
               {"--default-sampling", "5%"},
               {"--default-sampling", "nan"},
               {"--default-sampling", "inf"},
               {"--sampling-interval", "0"},
               {"--sampling-interval", "301"},
               {"--sampling-interval", "1s"},
               {"--log-level", "loud"},
               {"--allowed-host", "a b"},
               {"--allowed-host", "a:80"},
               {"--allowed-host", "a/b"},
               {"--allowed-host", "[::1]:80"},
               {"--allowed-host", "["}};
  for (const auto& [option, value] : cases) {
    const EarlyExit exit = early_exit({option, value});
    EXPECT_EQ(exit.status, 2);
    EXPECT_THAT(exit.err, HasSubstr(option));
    EXPECT_THAT(exit.err, HasSubstr(value));
    EXPECT_EQ(exit.err.find('\n'), exit.err.size() - 1) << exit.err;
    EXPECT_EQ(exit.out, "");
  }
}

TEST(CommandLine, an_allowed_ipv6_address_is_written_as_browsers_do) {
  for (const char* value : {"fd00::1", "[fd00::1]", "FD00:0:0:0:0:0:0:1"}) {
    EXPECT_THAT(options({"--allowed-host", value}).allowed_hosts, ElementsAre("[fd00::1]"));
  }
}

TEST(CommandLine, a_bad_value_from_the_environment_names_the_variable) {
  const EarlyExit exit = early_exit({}, {{"XRAYD_BIND", "x\ny"}});
  EXPECT_EQ(exit.status, 2);
  EXPECT_THAT(exit.err, HasSubstr("XRAYD_BIND"));
  EXPECT_EQ(exit.err.find('\n'), exit.err.size() - 1) << exit.err;
}

TEST(CommandLine, a_bad_token_is_not_repeated) {
  const EarlyExit exit = early_exit({"--console-token", "pass word"});
  EXPECT_EQ(exit.status, 2);
  EXPECT_THAT(exit.err, HasSubstr("--console-token"));
  EXPECT_THAT(exit.err, Not(HasSubstr("pass word")));
}

TEST(CommandLine, unknown_flags_and_stray_words_are_status_2) {
  EXPECT_EQ(early_exit({"--nonsense"}).status, 2);
  EXPECT_EQ(early_exit({"stray"}).status, 2);
  EXPECT_EQ(early_exit({"--bind"}).status, 2);
}

TEST(CommandLine, help_names_every_option_and_its_variable) {
  const EarlyExit exit = early_exit({"-h"});
  EXPECT_EQ(exit.status, 0);
  for (const OptionRow& row : option_rows()) {
    EXPECT_THAT(exit.out, HasSubstr(row.flags));
    EXPECT_THAT(exit.out, HasSubstr(row.environment));
  }
}

TEST(CommandLine, version_is_printed) {
  EXPECT_THAT(early_exit({"--version"}).out, testing::MatchesRegex("xrayd [0-9.]+\n"));
  EXPECT_EQ(early_exit({"-v"}).status, 0);
}

TEST(DataDir, root_and_systemd_have_the_systems_directory_and_others_their_own) {
  EXPECT_EQ(default_data_dir({.root = true, .home = "/root"}), "/var/lib/xrayd");
  EXPECT_EQ(default_data_dir({.state_directory = "/var/lib/xrayd:/var/lib/x", .home = "/h"}),
            "/var/lib/xrayd");
  EXPECT_EQ(default_data_dir({.xdg_state_home = "/s", .home = "/h"}), "/s/xrayd");
  EXPECT_EQ(default_data_dir({.xdg_state_home = "relative", .home = "/h"}),
            "/h/.local/state/xrayd");
  EXPECT_EQ(default_data_dir({}), "");
}

}  // namespace
}  // namespace xrayd::config
