#include <xray/impl/output.hpp>

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <random>
#include <string>

namespace {

std::string round_trip(const std::string& text) {
  xray::detail::Output out;
  out.string(text);
  rapidjson::Document json;
  json.Parse<rapidjson::kParseValidateEncodingFlag>(out.view().data(), out.view().size());
  EXPECT_FALSE(json.HasParseError()) << out.view();
  return json.IsString() ? std::string(json.GetString(), json.GetStringLength()) : std::string();
}

}  // namespace

TEST(JsonText, every_character_reads_back) {
  for (unsigned c = 0; c < 128; ++c) {
    for (const std::size_t offset : {0U, 1U, 15U, 16U, 17U}) {
      const std::string text =
          std::string(offset, 'x') + static_cast<char>(c) + std::string(20, 'y');
      EXPECT_EQ(round_trip(text), text);
    }
  }
  for (const char* text :
       {"é", "日本語", "\xF0\x9F\x98\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(round_trip(text), text);
  }
}

TEST(JsonText, what_is_not_utf8_becomes_the_replacement_character) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(round_trip("a\xff"
                       "b"),
            "a" + mark + "b");
  EXPECT_EQ(round_trip("\xC0\x80"), mark + mark);             // overlong
  EXPECT_EQ(round_trip("\xED\xA0\x80"), mark + mark + mark);  // surrogate
  EXPECT_EQ(round_trip("\xF4\x90\x80\x80"), mark + mark + mark + mark);
  EXPECT_EQ(round_trip("\xE2\x82"), mark + mark);  // cut off
}

TEST(JsonText, random_bytes_always_give_valid_json) {
  std::mt19937 random(17);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 64, '\0');
    for (char& c : text) c = static_cast<char>(random());
    round_trip(text);
  }
}

TEST(JsonText, seconds_have_six_decimals_and_no_rounding) {
  const auto written = [](std::int64_t microseconds) {
    xray::detail::Output out;
    out.seconds(microseconds);
    return std::string(out.view());
  };
  EXPECT_EQ(written(0), "0.000000");
  EXPECT_EQ(written(1), "0.000001");
  EXPECT_EQ(written(1'795'370'077'478'526), "1795370077.478526");
  EXPECT_EQ(written(1'795'370'077'000'000), "1795370077.000000");
  EXPECT_EQ(written(-5), "0.000000");
}
