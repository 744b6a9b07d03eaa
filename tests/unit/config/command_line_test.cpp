#include "config/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "config/option_values.hpp"
#include "every_option.hpp"
#include "given.hpp"
#include "temporary_directory.hpp"

namespace xrayd::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const OptionRow& row_of(std::string_view name) {
  const auto rows = option_rows();
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const OptionRow& row) { return row.name() == name; });
  if (found == rows.end()) throw std::logic_error("no row " + std::string(name));
  return *found;
}

TEST(CommandLine, without_arguments_the_defaults_stand) {
  const Options o = options({});
  EXPECT_EQ(o.command, Command::run);
  EXPECT_EQ(o.udp, (Address{"127.0.0.1", 2000}));
  EXPECT_EQ(o.tcp, (Address{"127.0.0.1", 2000}));
  EXPECT_EQ(o.unix_socket, "");
  EXPECT_EQ(o.backend, BackendKind::aws);
  EXPECT_EQ(o.queue_bytes, 16U << 20U);
  EXPECT_EQ(o.drain_timeout, std::chrono::seconds(8));
  EXPECT_EQ(o.log.level, log::Level::info);
  EXPECT_EQ(o.log.file, "");
  EXPECT_TRUE(o.log.rotation);
  EXPECT_EQ(o.log.format, log::Format::text);
  EXPECT_EQ(o.local.retention_bytes, 1U << 30U);
  EXPECT_EQ(o.local.retention_age, std::chrono::hours(168));
  EXPECT_FALSE(o.local.default_sampling);
  EXPECT_EQ(o.local.sampling_interval, std::chrono::seconds(10));
  EXPECT_FALSE(o.local.strict);
  EXPECT_EQ(o.aws.region, "");
  EXPECT_FALSE(o.aws.local_mode);
  EXPECT_TRUE(o.aws.verify_tls);
  EXPECT_EQ(o.forward.concurrency, 8);
  EXPECT_EQ(o.forward.request_timeout, std::chrono::seconds(2));
  EXPECT_EQ(o.forward.max_attempts, 2);
  EXPECT_EQ(o.forward.spool_dir, "");
  EXPECT_TRUE(o.forward.telemetry);
  EXPECT_FALSE(o.forward.proxy_all_paths);
  EXPECT_TRUE(o.remarks.empty());
}

TEST(CommandLine, every_option_is_taken_as_a_flag_from_the_environment_and_from_cfg_yaml) {
  const TemporaryDirectory directory;
  std::set<std::string_view> seen;
  for (const OptionCase& one : option_cases()) {
    SCOPED_TRACE(one.name);
    const OptionRow& row = row_of(one.name);
    seen.insert(row.name());
    EXPECT_FALSE(one.holds(options({})));
    EXPECT_TRUE(one.holds(options({(std::string(one.name) + "=" + one.value).c_str()})));
    EXPECT_TRUE(one.holds(options({}, {{row.environment, one.value}})));

    const std::string_view key(row.key);
    const std::size_t dot = key.find('.');
    const std::string text = dot == key.npos ? std::string(key) + ": \"" + one.value + "\"\n"
                                             : std::string(key.substr(0, dot)) + ":\n  " +
                                                   std::string(key.substr(dot + 1)) + ": \"" +
                                                   one.value + "\"\n";
    const std::string file = directory.file("cfg.yaml", "Version: 2\n" + text);
    EXPECT_TRUE(one.holds(options({"-c", file.c_str()})));
  }
  EXPECT_EQ(seen.size() + 1, option_rows().size()) << "an option has no case";
}

TEST(CommandLine, each_row_has_its_own_names) {
  std::set<std::string> names;
  for (const OptionRow& row : option_rows()) {
    EXPECT_TRUE(std::string_view(row.environment).starts_with("XRAYD_"));
    EXPECT_TRUE(row.name().starts_with("--")) << row.flags;
    EXPECT_TRUE(names.insert(std::string(row.name())).second) << row.flags;
    EXPECT_TRUE(names.insert(row.environment).second) << row.environment;
    if (*row.key != '\0') {
      EXPECT_TRUE(names.insert(row.key).second) << row.key;
    }
    if (!std::string_view(row.flags).starts_with("--")) {
      EXPECT_TRUE(names.insert(std::string(row.flags, 2)).second) << row.flags;
    }
  }
}

TEST(CommandLine, a_flag_wins_over_the_environment_and_that_over_cfg_yaml) {
  const TemporaryDirectory directory;
  const std::string file =
      directory.file("cfg.yaml", "Version: 2\nRegion: eu-west-1\nConcurrency: 5\n");
  const Variables variables = {{"XRAYD_REGION", "eu-west-2"}, {"XRAYD_CONFIG", file}};
  EXPECT_EQ(options({"-n", "eu-west-4", "-n", "eu-west-3"}, variables).aws.region, "eu-west-3");
  EXPECT_EQ(options({}, variables).aws.region, "eu-west-2");
  EXPECT_EQ(options({"-c", file.c_str()}).aws.region, "eu-west-1");
  EXPECT_EQ(options({}, variables).forward.concurrency, 5);
}

TEST(CommandLine, what_is_said_to_everybody_comes_after_cfg_yaml) {
  const TemporaryDirectory directory;
  const std::string file = directory.file("cfg.yaml", "Version: 2\nEndpoint: http://file\n");
  const Variables variables = {{"AWS_ENDPOINT_URL", "http://all"},
                               {"AWS_ENDPOINT_URL_XRAY", "http://xray"},
                               {"AWS_CA_BUNDLE", "/ca"},
                               {"AWS_USE_FIPS_ENDPOINT", "TRUE"},
                               {"AWS_USE_DUALSTACK_ENDPOINT", "true"},
                               {"HTTPS_PROXY", "http://proxy"},
                               {"https_proxy", "http://lower"},
                               {"no_proxy", "a.example"}};
  EXPECT_EQ(options({"-c", file.c_str()}, variables).aws.endpoint, "http://file");
  const Options o = options({}, variables);
  EXPECT_EQ(o.aws.endpoint, "http://xray");
  EXPECT_EQ(o.aws.ca_bundle, "/ca");
  EXPECT_TRUE(o.aws.fips);
  EXPECT_TRUE(o.aws.dual_stack);
  EXPECT_EQ(o.aws.proxy, "http://proxy");
  EXPECT_EQ(o.aws.no_proxy, "a.example");
  EXPECT_EQ(options({}, {{"https_proxy", "http://lower"}}).aws.proxy, "http://lower");
  EXPECT_EQ(options({}, {{"AWS_ENDPOINT_URL", "http://all"},
                         {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}})
                .aws.endpoint,
            "");
  EXPECT_EQ(options({"--endpoint="}, {{"AWS_ENDPOINT_URL", "http://all"}}).aws.endpoint, "");
}

TEST(CommandLine, the_region_is_none_of_aws_regions_business) {
  EXPECT_EQ(options({}, {{"AWS_REGION", "eu-west-1"}}).aws.region, "");
}

TEST(CommandLine, a_list_in_the_environment_has_commas) {
  EXPECT_THAT(options({}, {{"XRAYD_ALLOWED_HOST", "a.example,b.example"}}).web.allowed_hosts,
              ElementsAre("a.example", "b.example"));
  EXPECT_THAT(
      options({"--allowed-host", "a.example", "--allowed-host", "b.example"}).web.allowed_hosts,
      ElementsAre("a.example", "b.example"));
}

TEST(CommandLine, a_bad_value_is_status_2_and_one_line_with_option_and_value) {
  const struct {
    const char* option;
    const char* value;
  } cases[] = {{"-bind", "nonsense"},
               {"-bind-tcp", "h:99999"},
               {"-unix-socket", "relative"},
               {"-backend", "cloud"},
               {"-retention-size", "1TB!"},
               {"-retention-size", "0"},
               {"-retention-size", "99999999999999999999"},
               {"-retention-age", "7"},
               {"-retention-age", "-1d"},
               {"-retention-age", "9999999d"},
               {"-m", "abc"},
               {"-m", "99999999999999999999"},
               {"-default-sampling", "1.01"},
               {"-default-sampling", "-0.1"},
               {"-default-sampling", "5%"},
               {"-default-sampling", "nan"},
               {"-default-sampling", "inf"},
               {"-sampling-interval", "0"},
               {"-sampling-interval", "301"},
               {"-sampling-interval", "1s"},
               {"-log-level", "loud"},
               {"-log-format", "xml"},
               {"-allowed-host", "a b"},
               {"-allowed-host", "a:80"},
               {"-allowed-host", "a/b"},
               {"-allowed-host", "[::1]:80"},
               {"-allowed-host", "["},
               {"-region", "US East"},
               {"-concurrency", "-1"},
               {"-max-attempts", "0"},
               {"-max-attempts", "11"},
               {"-request-timeout", "2"},
               {"-request-timeout", "99ms"},
               {"-request-timeout", "301s"},
               {"-batch-time", "11s"},
               {"-drain-timeout", "11m"},
               {"-retry-max", "99999999999999999999s"},
               {"-endpoint", "xray.example"},
               {"-data-dir", ""}};
  for (const auto& [option, value] : cases) {
    const EarlyExit exit = early_exit({option, value});
    EXPECT_EQ(exit.status, 2);
    EXPECT_THAT(exit.err, StartsWith("invalid value \"" + std::string(value) + "\" for flag " +
                                     option + ": parse error: "));
    EXPECT_EQ(exit.err.find('\n'), exit.err.size() - 1) << exit.err;
    EXPECT_EQ(exit.out, "");
  }
}

TEST(CommandLine, a_bad_value_counts_even_if_a_later_one_is_good) {
  EXPECT_EQ(early_exit({"-m", "abc", "-m", "5"}).status, 2);
}

TEST(CommandLine, an_empty_flag_takes_back_what_was_said_elsewhere) {
  const Options o = options({"-n", "", "-f", "", "-p=", "--spool-dir", "", "--console-token", ""},
                            {{"XRAYD_REGION", "eu-west-1"},
                             {"XRAYD_LOG_FILE", "/l"},
                             {"XRAYD_PROXY_ADDRESS", "http://p"},
                             {"XRAYD_SPOOL_DIR", "/s"},
                             {"XRAYD_CONSOLE_TOKEN", "secret-1234"}});
  EXPECT_EQ(o.aws.region, "");
  EXPECT_EQ(o.log.file, "");
  EXPECT_EQ(o.aws.proxy, "");
  EXPECT_EQ(o.forward.spool_dir, "");
  EXPECT_EQ(o.web.console_token, "");
}

TEST(CommandLine, an_allowed_ipv6_address_is_written_as_browsers_do) {
  for (const char* value : {"fd00::1", "[fd00::1]", "FD00:0:0:0:0:0:0:1"}) {
    EXPECT_THAT(options({"--allowed-host", value}).web.allowed_hosts, ElementsAre("[fd00::1]"));
  }
}

TEST(CommandLine, a_bad_value_from_the_environment_names_the_variable) {
  for (const char* name : {"XRAYD_BIND", "AWS_USE_FIPS_ENDPOINT"}) {
    const EarlyExit exit = early_exit({}, {{name, "x\ny"}});
    EXPECT_EQ(exit.status, 2);
    EXPECT_THAT(exit.err, HasSubstr(name));
    EXPECT_EQ(exit.err.find('\n'), exit.err.size() - 1) << exit.err;
  }
}

TEST(CommandLine, secrets_are_not_repeated) {
  const EarlyExit token = early_exit({"--console-token", "pass word"});
  EXPECT_THAT(token.err, HasSubstr("-console-token"));
  EXPECT_THAT(token.err, Not(HasSubstr("pass word")));

  const EarlyExit endpoint = early_exit({"--endpoint", "https://user:pa?ss@host/?key=va@lxe"});
  EXPECT_THAT(endpoint.err, HasSubstr("-endpoint"));
  for (const char* secret : {"user", "pa?ss", "ss@", "key", "lxe"}) {
    EXPECT_THAT(endpoint.err, Not(HasSubstr(secret)));
  }
}

TEST(CommandLine, too_little_memory_is_status_1_in_the_known_words) {
  for (const char* value : {"1", "2", "-5"}) {
    const EarlyExit exit = early_exit({"-m", value});
    EXPECT_EQ(exit.status, 1);
    EXPECT_THAT(exit.err,
                testing::EndsWith(" [Error] Not enough Buffers Memory Allocated. Min Buffers "
                                  "Memory required: 3 MB.\n"));
  }
}

TEST(CommandLine, unless_told_buffers_take_a_part_of_the_memory) {
  const TemporaryDirectory root;
  static_cast<void>(root.file("proc/meminfo", "MemTotal:  8388608 kB\n"));
  const Places places{{}, root.path()};
  EXPECT_EQ(options({}, {}, places).queue_bytes, 81U << 20U);
  EXPECT_EQ(options({"-m", "0"}, {}, places).queue_bytes, 81U << 20U);
  EXPECT_EQ(options({"-m", "5"}, {}, places).queue_bytes, 5U << 20U);
}

TEST(CommandLine, concurrency_0_is_the_default_and_more_than_64_is_64_with_a_warning) {
  EXPECT_EQ(options({"--concurrency", "0"}).forward.concurrency, 8);
  EXPECT_TRUE(options({"--concurrency", "64"}).remarks.empty());
  const Options o = options({"--concurrency", "500"});
  EXPECT_EQ(o.forward.concurrency, 64);
  ASSERT_EQ(o.remarks.size(), 1U);
  EXPECT_EQ(o.remarks[0].level, log::Level::warn);
  EXPECT_THAT(o.remarks[0].text, HasSubstr("concurrency is 64"));
}

TEST(CommandLine, certificates_that_are_not_checked_are_warned_about) {
  const Options o = options({"--no-verify-ssl"});
  ASSERT_EQ(o.remarks.size(), 1U);
  EXPECT_THAT(o.remarks[0].text, HasSubstr("certificates are not checked"));
}

TEST(CommandLine, a_home_is_needed_for_a_local_store_only) {
  if (geteuid() == 0) {
    EXPECT_EQ(options({"--backend", "local"}, {{"HOME", ""}}).local.data_dir, "/var/lib/xrayd");
    return;
  }
  EXPECT_EQ(options({}, {{"HOME", ""}}).local.data_dir, "");
  EXPECT_EQ(early_exit({"--backend", "local"}, {{"HOME", ""}}).status, 2);
}

TEST(CommandLine, check_config_tells_what_holds_and_who_said_so) {
  const TemporaryDirectory directory;
  const std::string file =
      directory.file("cfg.yaml", "Version: 2\n\nSocket:\n  UDPAddress: :7\nFoo: 1\n");
  const EarlyExit exit =
      early_exit({"--check-config", "-t=:8", "--console-token", "secret-1234"},
                 {{"XRAYD_REGION", "eu-west-1"}, {"HTTPS_PROXY", "http://user:word@proxy:1"}},
                 {{file}, "/nowhere"});
  EXPECT_EQ(exit.status, 0);
  EXPECT_EQ(exit.err, "");
  const auto says = [&](const std::string& line) {
    return testing::internal::RE::PartialMatch(exit.out, testing::internal::RE(line));
  };
  EXPECT_TRUE(says("--bind +:7  \\(" + file + ": line 4\\)\n")) << exit.out;
  EXPECT_TRUE(says("--bind-tcp +:8  \\(flag -t\\)\n")) << exit.out;
  EXPECT_TRUE(says("--region +eu-west-1  \\(XRAYD_REGION\\)\n")) << exit.out;
  EXPECT_TRUE(says("--proxy-address +http://\\*+@proxy:1  \\(HTTPS_PROXY\\)\n")) << exit.out;
  EXPECT_TRUE(says("--console-token +\\*+  \\(flag -console-token\\)\n")) << exit.out;
  EXPECT_TRUE(says("--buffer-memory +16  \\(default\\)\n")) << exit.out;
  EXPECT_TRUE(says("--config +" + file + "  \\(default\\)\n")) << exit.out;
  EXPECT_TRUE(says("warning: line 5 of " + file + ": Foo flag is invalid")) << exit.out;
  EXPECT_THAT(exit.out, Not(HasSubstr("secret-1234")));
  EXPECT_THAT(exit.out, Not(HasSubstr("word")));
  for (const OptionRow& row : option_rows()) {
    EXPECT_THAT("\n" + exit.out, HasSubstr("\n" + std::string(row.name()) + " "));
  }
}

TEST(CommandLine, check_config_fails_as_the_start_would) {
  EXPECT_EQ(early_exit({"--check-config", "--bind", "nonsense"}).status, 2);
  EXPECT_EQ(early_exit({"check-config", "-c", "/nonexistent.yaml"}).status, 1);
}

TEST(CommandLine, help_names_every_option_its_variable_and_its_key) {
  for (const char* flag : {"-h", "--help", "-help"}) {
    const EarlyExit exit = early_exit({flag});
    EXPECT_EQ(exit.status, 0);
    EXPECT_EQ(exit.err, "");
    EXPECT_THAT(exit.out, StartsWith("Usage: X-Ray [options]\n"));
    for (const OptionRow& row : option_rows()) {
      EXPECT_THAT(exit.out, HasSubstr("\t" + std::string(row.name())));
      EXPECT_THAT(exit.out, HasSubstr(row.environment));
      EXPECT_THAT(exit.out, HasSubstr(row.key));
    }
  }
}

TEST(CommandLine, the_version_is_the_one_whose_contract_is_kept_and_then_ours) {
  for (const char* flag : {"-v", "--version", "-version"}) {
    const EarlyExit exit = early_exit({flag, "-c", "/nonexistent.yaml"});
    EXPECT_EQ(exit.status, 0);
    EXPECT_THAT(exit.out,
                testing::MatchesRegex("AWS X-Ray daemon version: 3\\.6\\.6\nxrayd [0-9.]+\n"));
  }
}

TEST(CommandLine, a_bad_file_is_also_told_to_the_log_file) {
  const TemporaryDirectory directory;
  const std::string log = directory.path() / "new" / "xray.log";
  const EarlyExit exit = early_exit({"-c", "/nonexistent.yaml", "-f", log.c_str()});
  EXPECT_EQ(exit.log_file, log);
  testing::internal::CaptureStderr();
  EXPECT_EQ(leave(exit), 1);
  EXPECT_EQ(leave(exit), 1);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(said, exit.err + exit.err);
  EXPECT_EQ(content_of(log), said);
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
