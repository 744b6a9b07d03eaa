#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

#include "support/allocations.hpp"
#include "support/documents.hpp"

using support::at;
using support::Capture;
using support::find_subsegment;
using support::text_of;

namespace {

constexpr const char* sampled =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
constexpr const char* unsampled =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";

}  // namespace

TEST(Sqs, a_message_is_sampled_if_its_sender_said_so) {
  EXPECT_TRUE(xray::sqs::is_sampled(sampled));
  EXPECT_TRUE(xray::sqs::is_sampled("Root=1-5759e988-bd862e3fe1be46a994272793; sampled=1"));
  EXPECT_FALSE(xray::sqs::is_sampled(unsampled));
  EXPECT_FALSE(xray::sqs::is_sampled(""));
  EXPECT_FALSE(xray::sqs::is_sampled("Root=1-5759e988-bd862e3fe1be46a994272793"));
  EXPECT_FALSE(xray::sqs::is_sampled("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=?"));
  EXPECT_FALSE(xray::sqs::is_sampled("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=10"));
}

TEST(Sqs, the_header_comes_from_the_text_or_from_a_look_up) {
  EXPECT_EQ(xray::sqs::trace_header(sampled).to_string().view(), sampled);
  EXPECT_TRUE(xray::sqs::trace_header("").to_string().empty());
  const std::map<std::string, std::string> attributes{{"SenderId", "x"},
                                                      {"AWSTraceHeader", sampled}};
  const auto header = xray::sqs::trace_header_from([&attributes](std::string_view name) {
    const auto found = attributes.find(std::string(name));
    return found == attributes.end() ? std::string() : found->second;
  });
  EXPECT_EQ(header.to_string().view(), sampled);
  EXPECT_TRUE(
      xray::sqs::trace_header_from([](std::string_view) { return ""; }).to_string().empty());
}

TEST(Sqs, a_worker_that_polls_continues_the_senders_trace) {
  Capture capture;
  { const xray::Segment segment("worker", xray::sqs::trace_header(sampled)); }
  const auto document = capture.document();
  EXPECT_EQ(text_of(at(document, "trace_id")), "1-5759e988-bd862e3fe1be46a994272793");
  EXPECT_EQ(text_of(at(document, "parent_id")), "53995c3f42cd8ad8");
}

TEST(Sqs, of_a_batch_only_sampled_messages_are_recorded) {
  Capture capture;
  {
    const xray::Segment segment("worker");
    const std::string trace(segment.trace_id().to_string().view());
    for (const char* const attribute : {sampled, unsampled, "", sampled}) {
      const xray::sqs::MessageScope scope{std::string_view(attribute)};
      EXPECT_EQ(scope.sampled(), attribute == std::string_view(sampled));
      const xray::Subsegment subsegment("process-message");
      const xray::Subsegment inner("inner");
      EXPECT_EQ(subsegment.sampled(), scope.sampled());
      EXPECT_EQ(inner.sampled(), scope.sampled());
      const auto header = xray::current_trace_header();
      EXPECT_EQ(header.trace_id(), segment.trace_id());
      EXPECT_EQ(header.sampling(),
                scope.sampled() ? xray::Sampling::sampled : xray::Sampling::not_sampled);
    }
    EXPECT_EQ(xray::current_trace_header().parent_id(), segment.id());
  }
  const auto document = capture.document();
  const auto messages = at(document, "subsegments").GetArray();
  ASSERT_EQ(messages.Size(), 2U);
  for (const auto& message : messages) {
    EXPECT_EQ(text_of(at(message, "name")), "process-message");
    EXPECT_NE(find_subsegment(message, "inner"), nullptr);
  }
}

TEST(Unsampled, calls_from_there_carry_the_trace_without_sampling_it) {
  Capture capture;
  {
    const xray::Segment segment(
        "s", xray::TraceHeader::parse(std::string(sampled) + ";Lineage=a87bd80c:1"));
    const xray::Subsegment outer("outer");
    {
      const xray::Unsampled scope;
      const auto header = xray::current_trace_header();
      EXPECT_EQ(header.trace_id(), segment.trace_id());
      EXPECT_TRUE(header.parent_id().valid());
      EXPECT_EQ(header.sampling(), xray::Sampling::not_sampled);
      EXPECT_EQ(header.extras(), "Lineage=a87bd80c:1");
      const xray::Unsampled nested;
      EXPECT_EQ(xray::current_trace_header().trace_id(), segment.trace_id());
      const xray::Subsegment subsegment("not recorded");
      const xray::Subsegment explicitly("recorded", outer);
    }
    EXPECT_EQ(xray::current_trace_header().parent_id(), outer.id());
    const xray::Subsegment after("after");
  }
  const auto document = capture.document();
  const auto* const outer = find_subsegment(document, "outer");
  ASSERT_NE(outer, nullptr);
  EXPECT_EQ(find_subsegment(document, "not recorded"), nullptr);
  EXPECT_NE(find_subsegment(*outer, "recorded"), nullptr);
  EXPECT_NE(find_subsegment(*outer, "after"), nullptr);
}

TEST(Unsampled, inside_an_invocation_the_same) {
  Capture capture;
  {
    const xray::lambda::Invocation invocation(xray::TraceHeader::parse(sampled));
    {
      const xray::sqs::MessageScope scope{std::string_view(unsampled)};
      const xray::Subsegment subsegment("not recorded");
      EXPECT_EQ(xray::current_trace_header().sampling(), xray::Sampling::not_sampled);
      EXPECT_EQ(xray::current_trace_header().trace_id(),
                xray::TraceHeader::parse(sampled).trace_id());
    }
    const xray::Subsegment subsegment("recorded");
  }
  EXPECT_EQ(text_of(at(capture.document(), "name")), "recorded");
}

TEST(Unsampled, without_a_segment_subsegments_are_not_missed) {
  Capture capture;
  const auto before = xray::statistics().context_missing;
  {
    const xray::Unsampled scope;
    const xray::Subsegment subsegment("s");
  }
  EXPECT_FALSE(xray::current_context());
  EXPECT_EQ(xray::statistics().context_missing, before);
  EXPECT_TRUE(capture.documents().empty());
}

TEST(Unsampled, allocates_nothing_in_the_steady_state) {
  const Capture capture;
  const xray::Segment segment("s");
  const auto batch = [] {
    for (int i = 0; i < 10; ++i) {
      const xray::Unsampled scope;
      const xray::Subsegment subsegment("s");
    }
  };
  batch();
  const auto before = support::allocations();
  batch();
  EXPECT_EQ(support::allocations(), before);
}
