#include <xray/rapidjson.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "support/documents.hpp"

using support::at;
using support::Capture;
using support::text_of;

TEST(RapidjsonMetadata, value_is_recorded_as_it_is) {
  Capture capture;
  {
    xray::Segment segment("s");
    rapidjson::Document value;
    value.Parse(R"({"items":[1,2.5,"three",null,true],"é":{"a":{}}})");
    xray::add_metadata(segment, "cart", value, "shop");
    xray::add_metadata(segment, "items", value["items"]);
  }
  const auto document = capture.document();
  const auto& cart = at(at(at(document, "metadata"), "shop"), "cart");
  EXPECT_EQ(text_of(at(cart, "items")[2]), "three");
  EXPECT_TRUE(at(cart, "é").IsObject());
  EXPECT_EQ(at(at(at(document, "metadata"), "default"), "items").Size(), 5U);
}

TEST(RapidjsonMetadata, infinities_become_text) {
  Capture capture;
  {
    xray::Segment segment("s");
    rapidjson::Document value(rapidjson::kArrayType);
    value.PushBack(std::numeric_limits<double>::quiet_NaN(), value.GetAllocator());
    value.PushBack(-std::numeric_limits<double>::infinity(), value.GetAllocator());
    xray::add_metadata(segment, "k", value);
  }
  const auto document = capture.document();
  const auto& list = at(at(at(document, "metadata"), "default"), "k");
  EXPECT_EQ(text_of(list[0]), "NaN");
  EXPECT_EQ(text_of(list[1]), "-Infinity");
}

TEST(RapidjsonMetadata, nested_without_end_is_cut_and_counted) {
  Capture capture;
  const auto before = xray::statistics().metadata_invalid;
  {
    xray::Segment segment("s");
    rapidjson::Document value;
    const std::string deep = std::string(1000, '[') + std::string(1000, ']');
    value.Parse<rapidjson::kParseIterativeFlag>(deep.c_str());
    xray::add_metadata(segment, "k", value);
  }
  const auto document = capture.document();
  EXPECT_TRUE(at(at(at(document, "metadata"), "default"), "k").IsString());
  EXPECT_EQ(xray::statistics().metadata_invalid - before, 1U);
}

TEST(RapidjsonMetadata, unsampled_entity_costs_nothing) {
  Capture capture;
  {
    xray::Segment segment(
        "s", xray::TraceHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"));
    rapidjson::Value value(3);
    xray::add_metadata(segment, "k", value);
  }
  EXPECT_TRUE(capture.documents().empty());
}
