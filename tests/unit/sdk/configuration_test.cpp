#include <xray/xray.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <xray/impl/environment.hpp>

#include "support/documents.hpp"
#include "support/process.hpp"

namespace {

std::string logged;
void keep(std::string_view message) {
  logged.append(message).append("\n");
}

xray::Configuration quiet() {
  xray::Configuration configuration;
  configuration.log = keep;
  return configuration;
}

}  // namespace

TEST(Configuration, the_default_is_accepted_and_the_second_call_refused_once_something_is_set_up) {
  IN_A_FRESH_PROCESS({
    EXPECT_FALSE(xray::configure(quiet()));
    const auto second = xray::configure(quiet());
    EXPECT_EQ(second.error, xray::ConfigureError::in_use);
    EXPECT_NE(logged.find("first use"), std::string::npos);
  });
}

TEST(Configuration, is_refused_after_first_use) {
  IN_A_FRESH_PROCESS({
    { const xray::Segment segment("s"); }
    EXPECT_EQ(xray::configure(quiet()).error, xray::ConfigureError::in_use);
  });
}

TEST(Configuration, a_bad_daemon_address_is_named_and_the_default_used) {
  IN_A_FRESH_PROCESS({
    auto configuration = quiet();
    configuration.daemon_address = "nowhere";
    const auto result = xray::configure(configuration);
    EXPECT_EQ(result.error, xray::ConfigureError::bad_daemon_address);
    EXPECT_NE(result.message.find("nowhere"), std::string::npos);
    EXPECT_NE(logged.find("nowhere"), std::string::npos);
    { const xray::Segment segment("goes on"); }
    EXPECT_TRUE(xray::flush(std::chrono::seconds(5)));
  });
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_DAEMON_ADDRESS", "also:nowhere", 1);
    const auto result = xray::configure(quiet());
    EXPECT_EQ(result.error, xray::ConfigureError::bad_daemon_address);
    EXPECT_NE(result.message.find("AWS_XRAY_DAEMON_ADDRESS"), std::string::npos);
  });
}

TEST(Configuration, the_environment_replaces_every_name) {
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_TRACING_NAME", "forced", 1);
    support::Capture capture;
    { const xray::Segment segment("given"); }
    EXPECT_EQ(support::text_of(support::at(capture.document(), "name")), "forced");
  });
}

TEST(Configuration, the_service_name_is_used_where_none_is_given) {
  IN_A_FRESH_PROCESS({
    auto configuration = quiet();
    configuration.service_name = "shop";
    EXPECT_FALSE(xray::configure(configuration));
    support::Capture capture;
    { const xray::Segment segment(""); }
    { const xray::Segment segment("given"); }
    const auto documents = capture.documents();
    EXPECT_EQ(support::text_of(support::at(documents.at(0), "name")), "shop");
    EXPECT_EQ(support::text_of(support::at(documents.at(1), "name")), "given");
  });
}

TEST(Configuration, switched_off_nothing_is_recorded_and_nothing_complained_about) {
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_SDK_ENABLED", "false", 1);
    EXPECT_FALSE(xray::configure(quiet()));
    support::Capture capture;
    {
      xray::Segment segment("s");
      xray::Subsegment subsegment("t");
      subsegment.add_annotation("k", 1);
      EXPECT_FALSE(segment.sampled());
      EXPECT_TRUE(segment.response_header().to_string().empty());
    }
    EXPECT_TRUE(capture.texts().empty());
    EXPECT_EQ(xray::statistics().context_missing, 0U);
    EXPECT_EQ(logged, "");
  });
}

TEST(Configuration, a_missing_context_is_counted_and_said_once) {
  IN_A_FRESH_PROCESS({
    EXPECT_FALSE(xray::configure(quiet()));
    for (int i = 0; i < 3; ++i) const xray::Subsegment subsegment("t");
    EXPECT_EQ(xray::statistics().context_missing, 3U);
    EXPECT_EQ(logged.find("without a current segment"), logged.rfind("without a current segment"));
    EXPECT_NE(logged.find("without a current segment"), std::string::npos);
  });
}

TEST(Configuration, a_missing_context_can_be_an_error_or_nothing) {
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_CONTEXT_MISSING", "RUNTIME_ERROR", 1);
    EXPECT_FALSE(xray::configure(quiet()));
    EXPECT_THROW(const xray::Subsegment subsegment("t"), xray::ContextMissing);
    const xray::Segment unsampled("s", xray::TraceHeader::parse("Sampled=0"));
    EXPECT_NO_THROW(const xray::Subsegment subsegment("t"));
  });
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_CONTEXT_MISSING", "ignore_error", 1);
    EXPECT_FALSE(xray::configure(quiet()));
    EXPECT_NO_THROW(const xray::Subsegment subsegment("t"));
    EXPECT_EQ(logged, "");
  });
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_CONTEXT_MISSING", "EXPLODE", 1);
    EXPECT_EQ(xray::configure(quiet()).error, xray::ConfigureError::bad_context_missing);
  });
}

TEST(Configuration, sizes_out_of_range_are_refused) {
  for (const std::size_t capacity : {std::size_t{0}, std::size_t{1}, std::size_t{100'000}}) {
    IN_A_FRESH_PROCESS({
      auto configuration = quiet();
      configuration.queue_capacity = capacity;
      EXPECT_EQ(xray::configure(configuration).error, xray::ConfigureError::bad_queue_capacity);
    });
  }
}

TEST(Configuration, every_variable_stands_in_the_readme) {
  std::ifstream file(XRAY_README);
  std::stringstream text;
  text << file.rdbuf();
  const std::string readme = text.str();
  ASSERT_FALSE(readme.empty());
  for (const auto& variable : xray::detail::environment_variables) {
    const std::string row =
        std::string("| `") + variable.name + "` | " + variable.type + " | " +
        (variable.fallback[0] != '\0' ? "`" + std::string(variable.fallback) + "`"
                                      : std::string("none")) +
        " | " + variable.meaning + " |";
    EXPECT_NE(readme.find(row), std::string::npos) << "README.md lacks this row:\n" << row;
  }
}
