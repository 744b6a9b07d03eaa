#include "clients/settings.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "clients/environment.hpp"
#include "clients/known_clients.hpp"
#include "support/process.hpp"

using xray::clients::change_settings;
using xray::clients::settings;
using Patterns = std::vector<std::string>;

TEST(Settings, are_the_environments_at_first) {
  IN_A_FRESH_PROCESS({
    setenv("AWS_XRAY_EXCLUDED_HOSTS", "*.internal, 10.0.0.1 ,", 1);
    setenv("AWS_XRAY_EXCLUDED_PATHS", "/health", 1);
    setenv("AWS_XRAY_COLLECT_SQL_QUERIES", "false", 1);
    setenv("AWS_XRAY_DAEMON_ADDRESS", "tcp:10.0.0.9:2001 udp:10.0.0.9:2002", 1);
    setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001", 1);
    setenv("AWS_XRAY_PATCH", "curl,sqlite3", 1);
    const auto hosts = Patterns({"*.internal", "10.0.0.1"});
    EXPECT_EQ(settings().excluded_hosts, hosts);
    EXPECT_EQ(settings().excluded_paths, Patterns{"/health"});
    EXPECT_EQ(settings().sql, xray::sql::Collection::none);
    EXPECT_EQ(settings().daemon, "10.0.0.9:2001");
    EXPECT_EQ(settings().lambda_runtime_api, "127.0.0.1:9001");
    const auto clients = Patterns({"curl", "sqlite3"});
    EXPECT_EQ(settings().clients, clients);
    EXPECT_FALSE(settings().no_clients);
  });
}

TEST(Settings, without_a_word_are_all_clients_and_statements_without_values) {
  IN_A_FRESH_PROCESS({
    EXPECT_TRUE(settings().excluded_hosts.empty());
    EXPECT_EQ(settings().sql, xray::sql::Collection::sanitised);
    EXPECT_EQ(settings().daemon, "127.0.0.1:2000");
    EXPECT_TRUE(settings().clients.empty());
    EXPECT_FALSE(settings().no_clients);
  });
}

TEST(Settings, all_and_none_are_no_names) {
  IN_A_FRESH_PROCESS({
    setenv("AWS_XRAY_PATCH", "all", 1);
    EXPECT_TRUE(settings().clients.empty());
    EXPECT_FALSE(settings().no_clients);
  });
  IN_A_FRESH_PROCESS({
    setenv("AWS_XRAY_PATCH", "none", 1);
    EXPECT_TRUE(settings().no_clients);
  });
}

TEST(Settings, a_word_that_is_no_answer_keeps_values_out) {
  IN_A_FRESH_PROCESS({
    setenv("AWS_XRAY_COLLECT_SQL_QUERIES", "maybe", 1);
    EXPECT_EQ(settings().sql, xray::sql::Collection::sanitised);
  });
}

TEST(Settings, of_a_program_stay_until_it_says_otherwise) {
  IN_A_FRESH_PROCESS({
    setenv("AWS_XRAY_EXCLUDED_HOSTS", "of.the.environment", 1);
    const auto& before = settings();
    xray::PatchOptions options;
    options.excluded_paths = {"/internal/*"};
    options.sql = xray::SqlText::raw;
    change_settings(options);
    change_settings(xray::PatchOptions());
    EXPECT_EQ(settings().excluded_hosts, Patterns{"of.the.environment"});
    EXPECT_EQ(settings().excluded_paths, Patterns{"/internal/*"});
    EXPECT_EQ(settings().sql, xray::sql::Collection::raw);
    EXPECT_TRUE(before.excluded_paths.empty());  // still there for whoever reads it
  });
}

TEST(Settings, patch_all_goes_by_the_environments_names) {
  IN_A_FRESH_PROCESS({
    setenv("AWS_XRAY_PATCH", "none", 1);
    for (const auto& client : xray::patch_all().clients) {
      EXPECT_EQ(client.state, xray::PatchState::not_asked);
    }
  });
  IN_A_FRESH_PROCESS({
    setenv("AWS_XRAY_PATCH", "nobody", 1);
    const auto report = xray::patch_all();
    ASSERT_NE(report.find("nobody"), nullptr);
    EXPECT_EQ(report.find("nobody")->state, xray::PatchState::unknown);
  });
}

namespace {

std::string readme() {
  std::ifstream file(XRAY_INSTRUMENTATION_README);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST(Settings, every_variable_stands_in_the_readme) {
  const std::string text = readme();
  for (const auto& variable : xray::clients::environment_variables) {
    const std::string fallback = variable.fallback;
    const std::string row = std::string("| `") + variable.name + "` | " + variable.type + " | " +
                            (fallback.empty() ? "none" : "`" + fallback + "`") + " | " +
                            variable.meaning + " |";
    EXPECT_NE(text.find(row), std::string::npos) << "the README lacks this row:\n" << row;
  }
}

TEST(Settings, every_client_stands_in_the_readme) {
  const std::string text = readme();
  for (const auto& client : xray::clients::known_clients()) {
    EXPECT_NE(text.find("| `" + client.name + "` |"), std::string::npos) << client.name;
  }
}
