#include "config/cfg_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "given.hpp"
#include "temporary_directory.hpp"

namespace xrayd::config {
namespace {

using testing::HasSubstr;

const std::string docs = " Please refer to AWS X-Ray Documentation for more information.";
const std::string migrate = " Use X-Ray Daemon Config Migration Script to update the config file.";

/// What the text is refused for as a file that somebody named: the words and the place.
std::pair<std::string, std::string> refused(const std::string& text) {
  try {
    static_cast<void>(check_file("f.yaml", text, true));
  } catch (const ConfigFileError& problem) {
    return {problem.what(), problem.detail};
  }
  return {"it was taken", ""};
}

TEST(CfgFile, the_file_that_amazon_ships_is_taken) {
  const ConfigFile file = check_file("f.yaml", R"(
# Maximum buffer size in MB (minimum 3).
TotalBufferSizeMB: 0
Concurrency: 8
Region: ""
Endpoint: ""
Socket:
  UDPAddress: "127.0.0.1:2000"
  TCPAddress: "127.0.0.1:2000"
Logging:
  LogRotation: true
  LogLevel: "prod"
  LogPath: ""
LocalMode: false
ResourceARN: ""
RoleARN: ""
NoVerifySSL: false
ProxyAddress: ""
Version: 2
)",
                                     true);
  EXPECT_EQ(file.settings.size(), 14U);
  EXPECT_TRUE(file.remarks.empty());
}

TEST(CfgFile, the_version_is_looked_at_first) {
  const std::string missing = "Config Version is missing." + migrate + docs;
  const std::string wrong = "Config Version Setting is not correct." + migrate + docs;
  EXPECT_EQ(refused("Foo: 1\n").first, missing);
  EXPECT_EQ(refused("Region: x-1\n").first, missing);
  for (const char* text : {"", "# nothing\n", "Version: 3\n", "Foo: 1\nVersion: 0\n", "Version:\n",
                           "Version: [2]\n", "Version: {a: 2}\n", "Version: two\n"}) {
    EXPECT_EQ(refused(text).first,
              std::string(text).find("{a") == std::string::npos ? wrong : missing)
        << text;
  }
  EXPECT_EQ(refused("Version: 3\n").second, "f.yaml");
  EXPECT_EQ(refused("Version: 1\n").first, "it was taken");
  EXPECT_EQ(refused("Version: 2\n").first, "it was taken");
}

TEST(CfgFile, keys_that_nobody_knows_are_refused_in_file_order_in_the_known_words) {
  EXPECT_EQ(refused("Version: 2\nRegion: x-1\nFoo: 1\nBar: 2\n"),
            std::make_pair("Foo flag is invalid." + docs, std::string("line 3 of f.yaml")));
  for (const auto& [text, key] : std::vector<std::pair<std::string, std::string>>{
           {"Socket:\n  Foo: 1\n", "Socket.Foo"},
           {"Socket:\n", "Socket"},
           {"Socket: {}\n", "Socket"},
           {"Socket: x\n", "Socket"},
           {"region: x-1\n", "region"},
           {"Socket.UDPAddress: x\n", "Socket.UDPAddress"},
           {"Socket:\n  UDPAddress:\n    A: 1\n", "Socket.UDPAddress.A"},
           {"? ''\n: 1\n", ""},
       }) {
    EXPECT_EQ(refused("Version: 2\n" + text).first, key + " flag is invalid." + docs);
  }
}

TEST(CfgFile, keys_of_former_days_are_refused_in_their_own_words) {
  for (const auto& [section, name] :
       std::vector<std::pair<std::string, std::string>>{{"Profile", "CPU"},
                                                        {"Profile", "Memory"},
                                                        {"Socket", "BufferSizeKB"},
                                                        {"Logging", "LogFormat"},
                                                        {"Processor", "BatchProcessorQueueSize"}}) {
    EXPECT_EQ(refused("Version: 1\n" + section + ":\n  " + name + ": x\n").first,
              section + "." + name + " flag is not supported any more." + docs);
  }
  for (const auto& [section, name] :
       std::vector<std::pair<std::string, std::string>>{{"", "LogRotation"},
                                                        {"", "MemoryLimit"},
                                                        {"Processor", "Region"},
                                                        {"Processor", "Endpoint"},
                                                        {"Processor", "Routine"}}) {
    const std::string text = section.empty() ? name + ": x\n" : section + ":\n  " + name + ": x\n";
    EXPECT_EQ(refused("Version: 1\n" + text).first, (section.empty() ? "" : section + ".") + name +
                                                        " flag is not supported." + migrate + docs);
  }
}

TEST(CfgFile, keys_that_never_had_an_effect_are_taken) {
  const ConfigFile file = check_file("f.yaml",
                                     "Version: 2\nproxyserver:\n  idleconntimeout: 30\n"
                                     "  maxidleconnsperhost: 2\n  maxidleconns: 0\n",
                                     true);
  EXPECT_TRUE(file.settings.empty());
  ASSERT_EQ(file.remarks.size(), 3U);
  EXPECT_EQ(file.remarks[0].level, log::Level::debug);
}

TEST(CfgFile, a_value_of_the_wrong_type_is_refused_with_its_line) {
  EXPECT_EQ(
      refused("Version: 2\nTotalBufferSizeMB: abc\n"),
      std::make_pair(
          std::string("Error occur when using config flag: yaml: unmarshal errors:"),
          std::string(
              "line 2: cannot unmarshal !!str `abc` into int (TotalBufferSizeMB in f.yaml)")));
  EXPECT_EQ(refused("Version: 2\nConcurrency: 12345678901x\n").second,
            "line 2: cannot unmarshal !!str `1234567...` into int (Concurrency in f.yaml)");
  EXPECT_EQ(refused("Version: 2\nLocalMode: perhaps\n").second,
            "line 2: cannot unmarshal !!str `perhaps` into bool (LocalMode in f.yaml)");
  EXPECT_EQ(refused("Version: 2\nRegion: [a]\n").second,
            "line 2: cannot unmarshal !!seq into string (Region in f.yaml)");
  EXPECT_EQ(refused("Version: 2\nRegion: {}\n").second,
            "line 2: cannot unmarshal !!map into string (Region in f.yaml)");
}

TEST(CfgFile, a_bad_value_names_key_line_and_what_it_takes) {
  const auto [what, where] = refused("Version: 2\nSocket:\n  UDPAddress: nonsense\n");
  EXPECT_EQ(what,
            "Error occur when using config flag: bad value \"nonsense\" for Socket.UDPAddress: it "
            "takes host:port, [ipv6]:port or :port");
  EXPECT_EQ(where, "Socket.UDPAddress, line 3 of f.yaml");
  EXPECT_THAT(refused("Version: 2\nConcurrency: -1\n").first, HasSubstr("0 to 1000000"));
  EXPECT_THAT(refused("Version: 2\nWeb:\n  ConsoleToken: pass word\n").first,
              testing::Not(HasSubstr("pass word")));
}

TEST(CfgFile, an_endpoint_without_scheme_and_too_little_memory_have_words_of_their_own) {
  EXPECT_THAT(refused("Version: 2\nEndpoint: xray.example:443\n").first,
              testing::StartsWith("unable to parse xray endpoint: "));
  EXPECT_EQ(refused("Version: 2\nTotalBufferSizeMB: 2\n").first,
            "Not enough Buffers Memory Allocated. Min Buffers Memory required: 3 MB.");
}

TEST(CfgFile, yamls_words_for_true_and_false_are_understood) {
  const TemporaryDirectory directory;
  for (const auto& [word, meaning] : std::vector<std::pair<std::string, bool>>{
           {"yes", true}, {"On", true}, {"TRUE", true}, {"no", false}, {"off", false}}) {
    const std::string file = directory.file("cfg.yaml", "Version: 2\nLocalMode: " + word + "\n");
    EXPECT_EQ(options({"-c", file.c_str()}).aws.local_mode, meaning) << word;
  }
}

TEST(CfgFile, of_a_key_that_is_there_twice_the_last_counts) {
  const TemporaryDirectory directory;
  const std::string file =
      directory.file("cfg.yaml", "Version: 2\nConcurrency: 3\nConcurrency: 4\n");
  EXPECT_EQ(options({"-c", file.c_str()}).forward.concurrency, 4);
}

TEST(CfgFile, a_list_gives_each_of_its_texts) {
  const TemporaryDirectory directory;
  const std::string file =
      directory.file("cfg.yaml", "Version: 2\nWeb:\n  AllowedHosts: [a.example, b.example]\n");
  EXPECT_THAT(options({"-c", file.c_str()}).web.allowed_hosts,
              testing::ElementsAre("a.example", "b.example"));
}

TEST(CfgFile, a_file_that_nobody_named_may_have_keys_that_nobody_knows) {
  const ConfigFile file =
      check_file("f.yaml", "Foo: 1\nRegion: x-1\nLogging:\n  LogFormat: x\nSocket:\n", false);
  ASSERT_EQ(file.settings.size(), 1U);
  ASSERT_EQ(file.remarks.size(), 3U);
  EXPECT_EQ(file.remarks[0].level, log::Level::warn);
  EXPECT_EQ(file.remarks[0].text, "line 1 of f.yaml: Foo flag is invalid." + docs);
  EXPECT_THAT(file.remarks[1].text, HasSubstr("line 4 of f.yaml: Logging.LogFormat flag"));
  EXPECT_EQ(check_file("f.yaml", "Version: 3\n", false).remarks.size(), 1U);
  EXPECT_THROW(static_cast<void>(check_file("f.yaml", "Concurrency: x\n", false)), ConfigFileError);
}

TEST(CfgFile, the_first_file_that_is_there_is_read) {
  const TemporaryDirectory directory;
  const auto first = directory.file("first.yaml", "Region: first-1\n");
  const auto second = directory.file("second.yaml", "Region: second-1\n");
  const Places places{
      {directory.path() / "lacking", directory.path() / "first.yaml/below", first, second},
      "/nowhere"};
  const Options o = options({}, {}, places);
  EXPECT_EQ(o.aws.region, "first-1");
  EXPECT_EQ(o.config_file, first);
  ASSERT_EQ(o.remarks.size(), 1U);
  EXPECT_EQ(o.remarks[0].text, "Using configuration " + first.string());
}

TEST(CfgFile, a_file_that_is_named_is_the_only_one_that_is_looked_at) {
  const TemporaryDirectory directory;
  const auto bad = directory.file("bad.yaml", "Region: [\n");
  const std::string good = directory.file("good.yaml", "Version: 1\nRegion: good-1\n");
  const Places places{{bad}, "/nowhere"};
  EXPECT_EQ(options({"-c", good.c_str()}, {}, places).aws.region, "good-1");
  const EarlyExit exit = early_exit({}, {}, places);
  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(exit.err, HasSubstr("[Error] Error occur when using config flag: yaml: line "));
  EXPECT_THAT(exit.err, HasSubstr(bad.string()));
}

TEST(CfgFile, a_file_that_can_not_be_read_is_refused_as_the_system_says) {
  const TemporaryDirectory directory;
  const auto complaint = [](const std::string& path) -> std::string {
    try {
      static_cast<void>(read_named_file(path));
    } catch (const ConfigFileError& problem) {
      return problem.what();
    }
    return "it was read";
  };
  EXPECT_EQ(
      complaint("/nonexistent.yaml"),
      "Error occur when using config flag: open /nonexistent.yaml: no such file or directory");
  EXPECT_EQ(complaint(directory.path()), "Error occur when using config flag: read " +
                                             directory.path().string() + ": is a directory");
  const std::string large = directory.file("large", std::string((1U << 20U) + 1, '#'));
  EXPECT_EQ(complaint(large),
            "Error occur when using config flag: read " + large + ": it has more than 1 MiB");
}

}  // namespace
}  // namespace xrayd::config
