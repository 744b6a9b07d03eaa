#include <xray/segment_id.hpp>

#include <gtest/gtest.h>

TEST(SegmentId, text_and_value_are_the_same_thing) {
  EXPECT_EQ(xray::SegmentId(0x53995c3f42cd8ad8U).to_string(), "53995c3f42cd8ad8");
  EXPECT_EQ(xray::SegmentId(1).to_string(), "0000000000000001");
  EXPECT_EQ(xray::SegmentId::parse("53995C3F42cd8ad8").value(), 0x53995c3f42cd8ad8U);
}

TEST(SegmentId, what_is_not_an_id_is_none) {
  for (const char* text :
       {"", "53995c3f42cd8ad", "53995c3f42cd8ad80", "53995c3f42cd8adx", " 3995c3f42cd8ad8"}) {
    EXPECT_FALSE(xray::SegmentId::parse(text).valid()) << text;
  }
}

TEST(SegmentId, new_ids_differ_and_are_never_none) {
  const auto first = xray::SegmentId::generate();
  const auto second = xray::SegmentId::generate();
  EXPECT_TRUE(first.valid());
  EXPECT_NE(first, second);
}
