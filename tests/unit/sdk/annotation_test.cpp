#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "support/documents.hpp"

using support::at;
using support::Capture;
using support::text_of;

TEST(Annotation, strings_numbers_and_booleans_keep_their_types) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.add_annotation("text", "c-17");
    segment.add_annotation("string", std::string("s"));
    segment.add_annotation("view", std::string_view("v"));
    segment.add_annotation("int", -3);
    segment.add_annotation("big", std::numeric_limits<std::uint64_t>::max());
    segment.add_annotation("double", 0.1);
    segment.add_annotation("float", 0.5F);
    segment.add_annotation("yes", true);
    segment.add_annotation("no", false);
    segment.add_annotation("null", static_cast<const char*>(nullptr));
    segment.add_annotation("with.dot_1", 1);
  }
  const auto document = capture.document();
  const auto& annotations = at(document, "annotations");
  EXPECT_EQ(text_of(at(annotations, "text")), "c-17");
  EXPECT_EQ(text_of(at(annotations, "string")), "s");
  EXPECT_EQ(text_of(at(annotations, "view")), "v");
  EXPECT_EQ(at(annotations, "int").GetInt(), -3);
  EXPECT_EQ(at(annotations, "big").GetUint64(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_DOUBLE_EQ(at(annotations, "double").GetDouble(), 0.1);
  EXPECT_DOUBLE_EQ(at(annotations, "float").GetDouble(), 0.5);
  EXPECT_TRUE(at(annotations, "yes").GetBool());
  EXPECT_FALSE(at(annotations, "no").GetBool());
  EXPECT_EQ(text_of(at(annotations, "null")), "");
  EXPECT_EQ(at(annotations, "with.dot_1").GetInt(), 1);
}

TEST(Annotation, bad_keys_and_values_are_counted_and_the_rest_goes_on) {
  Capture capture;
  const auto before = xray::statistics().annotations_dropped;
  {
    xray::Segment segment("s");
    segment.add_annotation("", 1);
    segment.add_annotation("with space", 1);
    segment.add_annotation("with-dash", 1);
    segment.add_annotation("ümlaut", 1);
    segment.add_annotation(std::string(501, 'k'), 1);
    segment.add_annotation(std::string(100'000, 'k'), 1);
    segment.add_annotation("nan", std::nan(""));
    segment.add_annotation("infinity", std::numeric_limits<double>::infinity());
    segment.add_annotation(std::string(500, 'k'), 1);
    segment.add_annotation("good", 1);
  }
  const auto document = capture.document();
  EXPECT_EQ(at(document, "annotations").MemberCount(), 2U);
  EXPECT_EQ(xray::statistics().annotations_dropped - before, 8U);
}

TEST(Annotation, nothing_but_bad_ones_leaves_no_block) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.add_annotation("-", 1);
  }
  EXPECT_FALSE(capture.document().HasMember("annotations"));
}

TEST(Annotation, the_last_value_of_a_key_counts) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.add_annotation("k", "first");
    segment.add_annotation("other", 1);
    segment.add_annotation("k", 2);
  }
  const auto document = capture.document();
  EXPECT_EQ(at(document, "annotations").MemberCount(), 2U);
  EXPECT_EQ(at(at(document, "annotations"), "k").GetInt(), 2);
}

TEST(Annotation, fifty_are_kept_and_the_others_counted) {
  Capture capture;
  const auto before = xray::statistics().annotations_dropped;
  {
    xray::Segment segment("s");
    for (int i = 0; i < 60; ++i) segment.add_annotation("k" + std::to_string(i), i);
  }
  EXPECT_EQ(at(capture.document(), "annotations").MemberCount(), 50U);
  EXPECT_EQ(xray::statistics().annotations_dropped - before, 10U);
}

TEST(Annotation, long_values_are_cut_between_characters_and_counted) {
  Capture capture;
  const auto before = xray::statistics().strings_truncated;
  std::string umlauts;
  for (int i = 0; i < 2000; ++i) umlauts += "ü";
  {
    xray::Segment segment("s");
    segment.add_annotation("long", umlauts);
    segment.add_annotation("fits", std::string(1000, 'x'));
  }
  const auto document = capture.document();
  EXPECT_EQ(text_of(at(at(document, "annotations"), "long")), umlauts.substr(0, 2000));
  EXPECT_EQ(text_of(at(at(document, "annotations"), "fits")).size(), 1000U);
  EXPECT_EQ(xray::statistics().strings_truncated - before, 1U);
}
