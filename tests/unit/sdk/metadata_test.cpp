#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "support/documents.hpp"

using support::at;
using support::Capture;
using support::text_of;

TEST(Metadata, values_lie_in_their_namespaces) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.add_metadata("cart", xray::Json(R"({"items":[1,2,{"a":null}]})"), "shop");
    segment.add_metadata("note", "hello");
    segment.add_metadata("count", 3, "shop");
    segment.add_metadata("ratio", 0.25);
    segment.add_metadata("ok", true);
    segment.add_metadata("any key at all \"\n", 1U);
  }
  const auto document = capture.document();
  const auto& metadata = at(document, "metadata");
  EXPECT_EQ(metadata.MemberCount(), 2U);
  EXPECT_EQ(at(at(at(metadata, "shop"), "cart"), "items").Size(), 3U);
  EXPECT_EQ(at(at(metadata, "shop"), "count").GetInt(), 3);
  EXPECT_EQ(text_of(at(at(metadata, "default"), "note")), "hello");
  EXPECT_DOUBLE_EQ(at(at(metadata, "default"), "ratio").GetDouble(), 0.25);
  EXPECT_TRUE(at(at(metadata, "default"), "ok").GetBool());
  EXPECT_EQ(at(at(metadata, "default"), "any key at all \"\n").GetInt(), 1);
}

TEST(Metadata, the_last_value_of_a_key_in_a_namespace_counts) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.add_metadata("k", 1);
    segment.add_metadata("k", 2, "other");
    segment.add_metadata("k", 3);
  }
  const auto document = capture.document();
  EXPECT_EQ(at(at(at(document, "metadata"), "default"), "k").GetInt(), 3);
  EXPECT_EQ(at(at(document, "metadata"), "default").MemberCount(), 1U);
  EXPECT_EQ(at(at(at(document, "metadata"), "other"), "k").GetInt(), 2);
}

TEST(Metadata, keys_that_are_written_alike_are_one) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.add_metadata("a\xff", 1, "n\xfe");
    segment.add_metadata("a", 2, "n\xfe");
    segment.add_metadata("a\xEF\xBF\xBD", 3, "n\xEF\xBF\xBD");
    segment.add_metadata("a\xEF\xBF\xBDz", 4, "n\xff");
  }
  const auto document = capture.document();
  const auto& metadata = at(document, "metadata");
  EXPECT_EQ(metadata.MemberCount(), 1U);
  const auto& space = at(metadata, "n\xEF\xBF\xBD");
  EXPECT_EQ(space.MemberCount(), 3U);
  EXPECT_EQ(at(space, "a").GetInt(), 2);
  EXPECT_EQ(at(space, "a\xEF\xBF\xBD").GetInt(), 3);
  EXPECT_EQ(at(space, "a\xEF\xBF\xBDz").GetInt(), 4);
}

TEST(Metadata, text_that_is_not_json_is_kept_as_text_and_counted) {
  Capture capture;
  const auto before = xray::statistics().metadata_invalid;
  const std::string deep(300, '[');
  {
    xray::Segment segment("s");
    segment.add_metadata("broken", xray::Json("{\"a\":"));
    segment.add_metadata("two", xray::Json("1 2"));
    segment.add_metadata("empty", xray::Json(""));
    segment.add_metadata("zero", xray::Json(std::string_view("0\0", 2)));
    segment.add_metadata("latin", xray::Json("\"\xe9\""));
    segment.add_metadata("deep", xray::Json(deep + std::string(300, ']')));
    segment.add_metadata("infinite", std::numeric_limits<double>::infinity());
  }
  const auto document = capture.document();
  const auto& metadata = at(at(document, "metadata"), "default");
  EXPECT_EQ(text_of(at(metadata, "broken")), "{\"a\":");
  EXPECT_EQ(text_of(at(metadata, "two")), "1 2");
  EXPECT_TRUE(at(metadata, "deep").IsString());
  EXPECT_EQ(text_of(at(metadata, "infinite")), "Infinity");
  EXPECT_EQ(xray::statistics().metadata_invalid - before, 7U);
}

TEST(Metadata, the_reserved_namespace_is_refused) {
  Capture capture;
  const auto before = xray::statistics().metadata_invalid;
  {
    xray::Segment segment("s");
    segment.add_metadata("k", 1, "AWS.mine");
  }
  EXPECT_FALSE(capture.document().HasMember("metadata"));
  EXPECT_EQ(xray::statistics().metadata_invalid - before, 1U);
}
