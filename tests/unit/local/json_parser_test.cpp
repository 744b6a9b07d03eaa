#include <gtest/gtest.h>
#include <rapidjson/error/error.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "local/json/json.hpp"

namespace xrayd::local {
namespace {

constexpr std::size_t max_depth = 20;

std::string text_of_json(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

std::string_view name_of(JsonFault fault) {
  switch (fault) {
    case JsonFault::none:
      return "none";
    case JsonFault::syntax:
      return "syntax";
    case JsonFault::encoding:
      return "encoding";
    case JsonFault::too_deep:
      return "too deep";
  }
  return "?";
}

// What we make of a text: the fault, or the values written again. Both ways must say the same.
std::string ours(const std::string& text) {
  ParsedJson copied;
  const auto fault = ParsedJson::parse(text, max_depth, copied);
  // Just as long as it is, so that a sanitizer sees who reads behind it.
  const std::vector<char> exact(text.begin(), text.end());
  ParsedJson in_place;
  const std::string_view view(exact.data(), exact.size());
  EXPECT_EQ(ParsedJson::parse_in_place(view, max_depth, in_place), fault) << text;
  if (fault != JsonFault::none) return std::string(name_of(fault));
  const auto result = text_of_json(copied.value());
  EXPECT_EQ(text_of_json(in_place.value()), result) << text;
  return result;
}

// RapidJSON's own reader, which knows nothing of our depth and is strict about surrogates.
std::string theirs(const std::string& text) {
  constexpr unsigned flags = rapidjson::kParseIterativeFlag |
                             rapidjson::kParseValidateEncodingFlag |
                             rapidjson::kParseFullPrecisionFlag;
  rapidjson::Document document;
  rapidjson::MemoryStream stream(text.data(), text.size());
  document.ParseStream<flags>(stream);
  if (!document.HasParseError()) return text_of_json(document);
  return std::string(name_of(document.GetParseError() == rapidjson::kParseErrorStringInvalidEncoding
                                 ? JsonFault::encoding
                                 : JsonFault::syntax));
}

TEST(JsonParser, agrees_with_another_reader_about_all_forms) {
  for (const std::string text :
       {R"({})", R"([])", R"([[],{}])", R"({"a":{}})", R"({"a":1,"a":2})", R"([true,false,null])",
        R"("alone")", "17", " 1 ", "\t[\n1 ,\r2 ]  ", R"({ "a" : [ 1 , { "b" : "c" } ] })",
        R"(["\"\\\/\b\f\n\r\t"])", R"(["\u0041\u00e9\u20AC\ud83d\ude00\u0000"])",
        R"(["a text that is longer than thirteen characters", "short"])",
        R"(["a text that is longer than a word \n and has escapes \t in it"])",
        "[\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 and more\"]", "[0,-0,-0.0,10,1.5,-2.25,1e2,1E+2]",
        "[123456789012345678,1234567890123456789,9007199254740993.5,0.1,1700000000.123456]",
        // Not JSON
        "", " ", "{", "[", "}", "]", "[1", "[1,", "[1,]", "[,1]", "{,}", R"({"a"})", R"({"a":})",
        R"({"a":1,})", R"({"a" 1})", R"({a:1})", R"({1:1})", R"({"a":1]})", R"([1})", "[1]]",
        "[1] 2", "[01]", "[-]", "[+1]", "[.5]", "[1.]", "[1e]", "[1e+]", "[tru]", "[nul", "[True]",
        R"(["open)", R"(["open\)", R"(["\x"])", R"(["\u12"])", R"(["\u12G4"])", "['a']",
        "\xEF\xBB\xBF[]", "[\"line\nbreak\"]", "[\"a\tb and some more of it\"]",
        // Not UTF-8
        "[\"\x80\"]", "[\"\xC0\x80\"]", "[\"\xC1\xBF\"]", "[\"\xC3\"]", "[\"\xE0\x9F\xBF\"]",
        "[\"\xED\xA0\x80\"]", "[\"\xF0\x8F\xBF\xBF\"]", "[\"\xF4\x90\x80\x80\"]", "[\"\xF5\"]",
        "[\"\xFF\"]", "[\"\xE2\x82\"]", "[\"\xF0\x9F\x98\"]"}) {
    EXPECT_EQ(ours(text), theirs(text)) << text;
  }
}

TEST(JsonParser, agrees_with_another_reader_about_damaged_texts) {
  const std::string sound =
      R"({"id":"0123456789abcdef","list":[1,-2.5,1700000000.123456,[],{}],"text":"a\u00e9\n)"
      "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"
      R"( and what is behind it","deep":{"er":{"t":true,"f":false,"n":null}},"e":1e-3})";
  ASSERT_EQ(ours(sound), theirs(sound));
  std::mt19937 random(11);
  // Neither zero bytes, which end RapidJSON's texts, nor what may become half of a surrogate pair.
  constexpr std::string_view bytes =
      "\x01\x1F \t\n\"\\/{}[],:+-.0123456789eE aftnrul\x7F\x80\xC3\xE2\xF0";
  for (int i = 0; i < 20'000; ++i) {
    auto text = sound;
    for (int n = 0; n < 1 + i % 3; ++n) {
      const std::size_t place = random() % text.size();
      const char byte = bytes[random() % bytes.size()];
      switch (random() % 3) {
        case 0:
          text[place] = byte;
          break;
        case 1:
          text.erase(place, 1 + random() % 4);
          break;
        default:
          text.insert(place, 1, byte);
          break;
      }
      if (text.empty()) text = " ";
    }
    ASSERT_EQ(ours(text), theirs(text)) << text;
  }
}

TEST(JsonParser, a_text_may_end_anywhere) {
  const std::string sound = R"([{"name":"a \ud83d\ude00 \u20ac)"
                            "\xF0\x9F\x98\x80"
                            R"(","n":-12.5e+3},true,null])";
  ASSERT_NE(ours(sound), "syntax");
  for (std::size_t size = 0; size < sound.size(); ++size) {
    const auto result = ours(sound.substr(0, size));
    EXPECT_TRUE(result == "syntax" || result == "encoding") << size << ' ' << result;
  }
}

TEST(JsonParser, a_zero_byte_is_no_end) {
  EXPECT_EQ(ours(std::string("[1]\0", 4)), "syntax");
  EXPECT_EQ(ours(std::string("[1\0]", 4)), "syntax");
  EXPECT_EQ(ours(std::string("[\"a\0b\"]", 7)), "syntax");
}

TEST(JsonParser, halves_of_surrogate_pairs_become_replacement_characters) {
  EXPECT_EQ(ours(R"(["\ud83d"])"), "[\"\xEF\xBF\xBD\"]");
  EXPECT_EQ(ours(R"(["\ude00\ud83d"])"), "[\"\xEF\xBF\xBD\xEF\xBF\xBD\"]");
  EXPECT_EQ(ours(R"(["\uD83Dx\n"])"), "[\"\xEF\xBF\xBDx\\n\"]");
  EXPECT_EQ(ours(R"(["\ud83d\u0041"])"),
            "[\"\xEF\xBF\xBD"
            "A\"]");
  EXPECT_EQ(ours(R"(["\ud83d\ud83d\ude00"])"), "[\"\xEF\xBF\xBD\xF0\x9F\x98\x80\"]");
  EXPECT_EQ(ours(R"(["\ud83d\u00"])"), "syntax");
}

TEST(JsonParser, depth_is_bounded) {
  const std::string deepest = std::string(max_depth, '[') + std::string(max_depth, ']');
  EXPECT_EQ(ours(deepest), deepest);
  EXPECT_EQ(ours("[" + deepest + "]"), "too deep");
  EXPECT_EQ(ours(std::string(1'000'000, '[')), "too deep");
  EXPECT_EQ(ours(std::string(max_depth, '[') + R"({"a":1}])"), "too deep");
}

TEST(JsonParser, many_members_and_long_texts_are_all_there) {
  std::string text = "{";
  for (int i = 0; i < 10'000; ++i)
    text += "\"k" + std::to_string(i) + "\":" + std::to_string(i) + ",";
  text += "\"long\":\"" + std::string(100'000, 'x') + "\",\"escaped\":\"" +
          std::string(50'000, 'y') + "\\u00e9\",\"list\":[0";
  for (int i = 0; i < 20'000; ++i) text += ",1";
  text += "]}";
  EXPECT_EQ(ours(text), theirs(text));
}

}  // namespace
}  // namespace xrayd::local
