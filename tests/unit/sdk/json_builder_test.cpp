#include <xray/json_builder.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <xray/impl/json_check.hpp>

#include "support/documents.hpp"

using support::at;
using support::Capture;
using support::text_of;
using xray::JsonArray;
using xray::JsonObject;

namespace {

support::Json parsed(const xray::detail::JsonText& value) {
  support::Json json;
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(
      value.text().data(), value.text().size());
  EXPECT_FALSE(json.HasParseError()) << value.text().substr(0, 200);
  return json;
}

JsonArray nested(unsigned depth) {
  JsonArray array;
  for (unsigned i = 1; i < depth; ++i) array = JsonArray().add(array);
  return array;
}

}  // namespace

TEST(JsonBuilder, writes_every_kind_of_value) {
  const auto object = JsonObject()
                          .add("text", "a\"b\n")
                          .add("string", std::string("s"))
                          .add("view", std::string_view("v"))
                          .add("int", -3)
                          .add("big", std::numeric_limits<std::uint64_t>::max())
                          .add("small", std::numeric_limits<std::int64_t>::min())
                          .add("char", static_cast<short>(7))
                          .add("half", 0.5)
                          .add("yes", true)
                          .add("no", false)
                          .add("nothing", nullptr)
                          .add("null text", static_cast<const char*>(nullptr))
                          .add("list", JsonArray().add("a").add(2.5))
                          .add("raw", xray::Json(R"({"x":[1]})"));
  EXPECT_EQ(object.text(),
            "{\"text\":\"a\\\"b\\n\",\"string\":\"s\",\"view\":\"v\",\"int\":-3,"
            "\"big\":18446744073709551615,\"small\":-9223372036854775808,\"char\":7,\"half\":0.5,"
            "\"yes\":true,\"no\":false,\"nothing\":null,\"null text\":null,\"list\":[\"a\",2.5],"
            "\"raw\":{\"x\":[1]}}");
  EXPECT_TRUE(object.complete());
}

TEST(JsonBuilder, empty_ones_are_json_too) {
  EXPECT_EQ(JsonObject().text(), "{}");
  EXPECT_EQ(JsonArray().text(), "[]");
  EXPECT_EQ(JsonArray().add(JsonObject()).add(JsonArray()).text(), "[{},[]]");
}

TEST(JsonBuilder, is_a_metadata_value) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.add_metadata(
        "order", JsonObject().add("items", 3).add("cart", JsonArray().add("a").add(2.5)), "shop");
    JsonArray named;
    named.add(1);
    segment.add_metadata("named", named);
  }
  const auto document = capture.document();
  const auto& metadata = at(document, "metadata");
  EXPECT_EQ(at(at(at(metadata, "shop"), "order"), "cart").Size(), 2U);
  EXPECT_EQ(at(at(metadata, "default"), "named")[0].GetInt(), 1);
}

TEST(JsonBuilder, keys_and_strings_are_escaped_and_made_utf8) {
  const auto json = parsed(JsonObject().add("k\"\\\x01", "\xff\x80z").add("é", "日本"));
  EXPECT_EQ(text_of(at(json, "k\"\\\x01")), "\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(text_of(at(json, "é")), "日本");
}

TEST(JsonBuilder, what_json_cannot_hold_becomes_a_string_and_is_counted) {
  const auto before = xray::statistics().metadata_invalid;
  const auto json = parsed(JsonArray()
                               .add(std::numeric_limits<double>::quiet_NaN())
                               .add(std::numeric_limits<double>::infinity())
                               .add(-std::numeric_limits<float>::infinity())
                               .add(xray::Json("{broken")));
  EXPECT_EQ(text_of(json[0]), "NaN");
  EXPECT_EQ(text_of(json[1]), "Infinity");
  EXPECT_EQ(text_of(json[2]), "-Infinity");
  EXPECT_EQ(text_of(json[3]), "{broken");
  EXPECT_EQ(xray::statistics().metadata_invalid - before, 4U);
}

TEST(JsonBuilder, copies_and_moves_are_values) {
  JsonObject first;
  first.add("a", 1);
  JsonObject second = first;
  second.add("b", 2);
  EXPECT_EQ(first.text(), "{\"a\":1}");
  EXPECT_EQ(second.text(), "{\"a\":1,\"b\":2}");
  JsonObject third = std::move(second);
  EXPECT_EQ(third.text(), "{\"a\":1,\"b\":2}");
  // That it is usable is meant.
  EXPECT_EQ(second.text(), "{}");  // NOLINT(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
  second = third;
  first = std::move(third);
  EXPECT_EQ(first.text(), second.text());
  first.add("self", first);
  EXPECT_EQ(first.text(), "{\"a\":1,\"b\":2,\"self\":{\"a\":1,\"b\":2}}");
}

TEST(JsonBuilder, is_bounded_and_says_when_something_was_left_out) {
  const auto before = xray::statistics().metadata_truncated;
  const std::string chunk(100'000, '"');  // 200,000 when escaped
  JsonObject object;
  JsonArray array;
  for (int i = 0; i < 10; ++i) {
    object.add("k", chunk);
    array.add(chunk);
  }
  for (const xray::detail::JsonText* built : {static_cast<const xray::detail::JsonText*>(&object),
                                              static_cast<const xray::detail::JsonText*>(&array)}) {
    EXPECT_FALSE(built->complete());
    EXPECT_LE(built->text().size(), std::size_t{1} << 20U);
    EXPECT_GT(built->text().size(), 1'000'000U);
  }
  const auto json = parsed(object);
  EXPECT_TRUE(at(json, "xray_incomplete").GetBool());
  const auto list = parsed(array);
  EXPECT_EQ(text_of(list[list.Size() - 1]), "...");
  EXPECT_EQ(list.Size(), 6U);
  EXPECT_EQ(xray::statistics().metadata_truncated - before, 10U);
}

TEST(JsonBuilder, one_value_that_is_too_large_leaves_a_marked_object) {
  const std::string huge(std::size_t{2} << 20U, 'x');
  EXPECT_EQ(JsonObject().add("k", huge).text(), "{\"xray_incomplete\":true}");
  EXPECT_EQ(JsonObject().add("a", 1).add(huge, 1).text(), "{\"a\":1,\"xray_incomplete\":true}");
  EXPECT_EQ(JsonArray().add(xray::Json(huge)).text(), "[\"...\"]");
  const std::string fits_unescaped((std::size_t{1} << 20U) - 100, '\n');
  EXPECT_EQ(JsonArray().add(1).add(fits_unescaped).text(), "[1,\"...\"]");
}

TEST(JsonBuilder, nests_as_deep_as_documents_may) {
  const auto deep = nested(256);
  EXPECT_TRUE(deep.complete());
  EXPECT_TRUE(xray::detail::is_json(deep.text()));
  const auto too_deep = JsonArray().add(deep);
  EXPECT_FALSE(too_deep.complete());
  EXPECT_EQ(too_deep.text(), "[\"...\"]");
  const auto by_text = JsonArray().add(xray::Json(deep.text()));
  EXPECT_FALSE(by_text.complete());
  EXPECT_TRUE(JsonArray().add(xray::Json(nested(255).text())).complete());
}

TEST(JsonCheck, refuses_half_of_a_character_on_either_side) {
  using xray::detail::is_json;
  EXPECT_TRUE(is_json(R"("\ud83d\ude00")"));
  EXPECT_TRUE(is_json(R"({"\uD83D\uDE00":"\ue000\ud7ff"})"));
  EXPECT_FALSE(is_json(R"("\ud83d")"));
  EXPECT_FALSE(is_json(R"("\ude00")"));
  EXPECT_FALSE(is_json(R"(["x\uDFFFy"])"));
  EXPECT_FALSE(is_json(R"({"\udc00":1})"));
  EXPECT_FALSE(is_json(R"("\ud83d\ud83d")"));
  EXPECT_TRUE(is_json("\"\xED\x9F\xBF\""));  // the last character before them
}
