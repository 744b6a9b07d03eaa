#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "support/allocations.hpp"
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

std::size_t threads() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator("/proc/self/task")) {
    ++count;
  }
  return count;
}

/// Uses everything that recording is made of.
void trace() {
  xray::Segment segment("s", xray::TraceHeader::parse("Sampled=1"));
  segment.add_annotation("k", "v");
  segment.set_user("u");
  xray::Subsegment subsegment("t", xray::Namespace::remote);
  subsegment.add_metadata("k", "v");
  EXPECT_EQ(xray::capture("c", [] { return 7; }), 7);
  EXPECT_FALSE(segment.sampled());
  EXPECT_FALSE(xray::current_context());
  xray::inject([](std::string_view name, std::string_view /*value*/) { ADD_FAILURE() << name; });
}

/// The runtime is made by operator new, its queue too: without an allocation there is none.
void expect_nothing_is_made() {
  const auto threads_before = threads();
  const auto before = support::allocations();
  for (int i = 0; i < 100; ++i) trace();
  EXPECT_TRUE(xray::flush(std::chrono::seconds(5)));
  EXPECT_TRUE(xray::shutdown(std::chrono::seconds(5)));
  EXPECT_EQ(support::allocations() - before, 0U);
  EXPECT_EQ(threads(), threads_before);
  EXPECT_EQ(xray::statistics().context_missing, 0U);
  EXPECT_EQ(xray::statistics().documents_sent, 0U);
}

bool records() {
  support::Capture capture;
  { const xray::Segment segment("s"); }
  return !capture.texts().empty();
}

}  // namespace

TEST(OffSwitch, switched_off_by_the_environment_nothing_is_allocated_and_no_thread_started) {
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_SDK_ENABLED", "false", 1);
    expect_nothing_is_made();
  });
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_SDK_DISABLED", "TRUE", 1);
    expect_nothing_is_made();
  });
}

TEST(OffSwitch, switched_off_by_the_code_nothing_is_allocated_and_no_thread_started) {
  IN_A_FRESH_PROCESS({
    auto configuration = quiet();
    configuration.enabled = false;
    EXPECT_FALSE(xray::configure(configuration));
    expect_nothing_is_made();
    EXPECT_EQ(logged, "");
  });
}

// The two tests above would pass too if nothing here ever allocated.
TEST(OffSwitch, switched_on_the_same_steps_do_allocate) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  const std::uint64_t least = 0;
#else
  const std::uint64_t least = 1;
#endif
  IN_A_FRESH_PROCESS({
    const auto before = support::allocations();
    { const xray::Segment segment("s"); }
    EXPECT_GE(support::allocations() - before, least);
    EXPECT_GT(threads(), 1U);
  });
}

TEST(OffSwitch, the_environment_wins_over_the_code_either_way) {
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_SDK_ENABLED", "true", 1);
    auto configuration = quiet();
    configuration.enabled = false;
    EXPECT_FALSE(xray::configure(configuration));
    EXPECT_TRUE(records());
  });
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_SDK_DISABLED", "false", 1);
    auto configuration = quiet();
    configuration.enabled = false;
    EXPECT_FALSE(xray::configure(configuration));
    EXPECT_TRUE(records());
  });
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_SDK_DISABLED", "1", 1);
    EXPECT_FALSE(xray::configure(quiet()));
    EXPECT_FALSE(records());
  });
}

TEST(OffSwitch, two_variables_that_disagree_mean_off) {
  for (const char* value : {"true", "false"}) {
    IN_A_FRESH_PROCESS({
      ::setenv("AWS_XRAY_SDK_ENABLED", value, 1);
      ::setenv("AWS_XRAY_SDK_DISABLED", value, 1);
      EXPECT_FALSE(xray::configure(quiet()));
      EXPECT_FALSE(records());
    });
  }
}

TEST(OffSwitch, a_value_that_is_neither_is_named_and_ignored) {
  for (const char* variable : {"AWS_XRAY_SDK_ENABLED", "AWS_XRAY_SDK_DISABLED"}) {
    IN_A_FRESH_PROCESS({
      ::setenv(variable, "maybe", 1);
      const auto result = xray::configure(quiet());
      EXPECT_EQ(result.error, xray::ConfigureError::bad_enabled);
      EXPECT_EQ(result.message,
                std::string("xray: ") + variable + " is \"maybe\", not true or false");
      EXPECT_TRUE(records());
    });
  }
}

TEST(OffSwitch, configuring_twice_is_refused_though_nothing_was_made) {
  IN_A_FRESH_PROCESS({
    auto configuration = quiet();
    configuration.enabled = false;
    EXPECT_FALSE(xray::configure(configuration));
    EXPECT_EQ(xray::configure(quiet()).error, xray::ConfigureError::in_use);
    EXPECT_FALSE(records());
  });
}

TEST(OffSwitch, a_missing_context_is_no_error) {
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_SDK_ENABLED", "0", 1);
    ::setenv("AWS_XRAY_CONTEXT_MISSING", "RUNTIME_ERROR", 1);
    EXPECT_NO_THROW(const xray::Subsegment first_use("t"));
    EXPECT_NO_THROW(const xray::Subsegment subsegment("t"));
  });
}

TEST(OffSwitch, reading_and_writing_headers_goes_on) {
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_SDK_DISABLED", "true", 1);
    const xray::Segment segment("s");
    const auto header = xray::TraceHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793");
    EXPECT_EQ(header.to_string(), "Root=1-5759e988-bd862e3fe1be46a994272793");
    EXPECT_TRUE(xray::TraceId::generate().valid());
    EXPECT_TRUE(segment.response_header().to_string().empty());
  });
}
