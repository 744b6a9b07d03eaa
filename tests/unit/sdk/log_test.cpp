#include <xray/log.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <string>

#include "support/allocations.hpp"
#include "support/documents.hpp"

using support::Capture;

TEST(LogFields, name_the_trace_and_the_current_subsegment) {
  const Capture capture;
  const xray::Segment segment(
      "s", xray::TraceHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"));
  const std::string prefix = "AWS-XRAY-TRACE-ID: 1-5759e988-bd862e3fe1be46a994272793@";
  EXPECT_EQ(xray::log_fields().str(), prefix + segment.id().to_string());
  {
    const xray::Subsegment subsegment("t");
    EXPECT_EQ(xray::log_fields().str(), prefix + subsegment.id().to_string());
    EXPECT_EQ(xray::log_fields().size(), 71U);
    EXPECT_EQ(xray::log_id().str(),
              segment.trace_id().to_string().str() + "@" + subsegment.id().to_string());
  }
  EXPECT_EQ(xray::log_fields().str(), prefix + segment.id().to_string());
}

TEST(LogFields, of_an_unsampled_segment_are_those_of_the_header_it_sends) {
  const Capture capture;
  const xray::Segment segment(
      "s", xray::TraceHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"));
  const xray::TraceHeader header = xray::current_trace_header();
  EXPECT_EQ(xray::log_id().str(),
            "1-5759e988-bd862e3fe1be46a994272793@" + header.parent_id().to_string().str());
  EXPECT_EQ(xray::log_fields(), xray::log_fields());
}

TEST(LogFields, are_empty_without_a_segment) {
  const Capture capture;
  EXPECT_TRUE(xray::log_fields().empty());
  EXPECT_TRUE(xray::log_id().empty());
  EXPECT_TRUE(xray::log_fields(xray::Context()).empty());
}

TEST(LogFields, of_a_context_kept_from_elsewhere) {
  const Capture capture;
  xray::Context context;
  std::string expected;
  {
    const xray::Segment segment("s");
    const xray::Subsegment subsegment("t");
    context = xray::current_context();
    expected = xray::log_fields().str();
  }
  EXPECT_TRUE(xray::log_fields().empty());
  EXPECT_EQ(xray::log_fields(context).str(), expected);
  EXPECT_TRUE(xray::log_fields().empty());
}

TEST(LogFields, cost_no_allocation) {
  const Capture capture;
  const xray::Segment segment("s");
  const std::uint64_t before = support::allocations();
  std::size_t size = 0;
  for (int i = 0; i < 100; ++i) size += xray::log_fields().size();
  EXPECT_EQ(support::allocations(), before);
  EXPECT_EQ(size, 7100U);
}
