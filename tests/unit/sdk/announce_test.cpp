#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include "support/documents.hpp"

using support::at;
using support::Capture;
using support::text_of;

TEST(Announce, a_running_segment_is_seen_and_replaced_by_the_complete_one) {
  Capture capture;
  {
    xray::Segment segment("long",
                          xray::TraceHeader::parse(
                              "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8"));
    segment.add_annotation("stage", "begun");
    segment.announce();
    segment.add_annotation("stage", "done");
  }
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_TRUE(at(documents[0], "in_progress").GetBool());
  EXPECT_FALSE(documents[0].HasMember("end_time"));
  EXPECT_FALSE(documents[0].HasMember("type"));
  EXPECT_EQ(text_of(at(documents[0], "parent_id")), "53995c3f42cd8ad8");
  EXPECT_EQ(text_of(at(at(documents[0], "annotations"), "stage")), "begun");
  EXPECT_FALSE(documents[1].HasMember("in_progress"));
  EXPECT_TRUE(documents[1].HasMember("end_time"));
  EXPECT_EQ(text_of(at(at(documents[1], "annotations"), "stage")), "done");
  EXPECT_EQ(text_of(at(documents[0], "id")), text_of(at(documents[1], "id")));
  EXPECT_EQ(at(documents[0], "start_time").GetDouble(), at(documents[1], "start_time").GetDouble());
}

TEST(Announce, a_running_subsegment_is_sent_alone_under_its_parent) {
  Capture capture;
  {
    const xray::Segment segment("s");
    xray::Subsegment step("step");
    step.announce();
    const auto documents = capture.documents();
    ASSERT_EQ(documents.size(), 1U);
    EXPECT_EQ(text_of(at(documents[0], "type")), "subsegment");
    EXPECT_TRUE(at(documents[0], "in_progress").GetBool());
    EXPECT_EQ(text_of(at(documents[0], "parent_id")), segment.id().to_string().view());
    EXPECT_TRUE(documents[0].HasMember("trace_id"));
  }
  EXPECT_EQ(capture.documents().size(), 2U);
}

TEST(Announce, what_is_over_or_unsampled_announces_nothing) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.end();
    segment.announce();
  }
  {
    xray::Segment unsampled("s", xray::TraceHeader::parse("Sampled=0"));
    unsampled.announce();
  }
  EXPECT_EQ(capture.texts().size(), 1U);
}
