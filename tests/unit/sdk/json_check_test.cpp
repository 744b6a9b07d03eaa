#include <xray/impl/json_check.hpp>

#include <gtest/gtest.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>

#include "support/allocations.hpp"

using xray::detail::is_json;

namespace {

/// Whether the daemon, or any other reader by RapidJSON, could read it.
bool rapidjson_reads(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return false;  // it takes that for the end
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  rapidjson::BaseReaderHandler<> ignore;
  return !reader
              .Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(stream,
                                                                                             ignore)
              .IsError();
}

}  // namespace

TEST(JsonCheck, values_of_every_kind_pass) {
  for (const char* text : {"null",
                           "true",
                           "false",
                           "0",
                           "-0",
                           "-12",
                           "1.5",
                           "0.25e10",
                           "1E+3",
                           "1e-999999",
                           "\"\"",
                           "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83d\\uDe00\"",
                           "\"grüß 日本\"",
                           "[]",
                           "{}",
                           "[[]]",
                           " [ 1 , \"b\" , null , { } ] ",
                           R"({"a":{"b":[1,{"c":2}]},"":0})",
                           "\n\t\r {\"a\" : 1}\n",
                           "1e308",
                           "1.7976931348623157e308",
                           "-1.7976931348623157e+308",

                           "123456789012345678901"}) {
    EXPECT_TRUE(is_json(text)) << text;
    EXPECT_TRUE(rapidjson_reads(text)) << text;
  }
}

TEST(JsonCheck, what_readers_would_refuse_does_not_pass) {
  for (const std::string_view text : {
           "",
           " ",
           "nul",
           "nulll",
           "True",
           "'a'",
           "\"",
           "\"a",
           "\"\\\"",
           "\"\\x\"",
           "\"\\u12g4\"",
           "\"\\u123\"",
           "\"\n\"",
           "\"\xff\"",
           "\"\xc0\x80\"",
           "\"\xed\xa0\x80\"",
           "\"\\ud800\"",
           "\"\\udc00\"",
           "\"\\ud800\\u0041\"",
           "\"\\ud83d\\ud83d\"",
           "+1",
           "01",
           "-",
           "1.",
           ".5",
           "1e",
           "1e+",
           "0x10",
           "NaN",
           "Infinity",
           "1e309",
           "1.8e308",
           "1.7976931348623158e308",
           "1e99999999999999999999",
           "[",
           "]",
           "[1",
           "[1,]",
           "[,1]",
           "[1 2]",
           "{",
           "}",
           "{\"a\"}",
           "{\"a\":}",
           "{\"a\":1,}",
           "{,}",
           "{a:1}",
           "{1:1}",
           "{\"a\" 1}",
           "[}",
           "{]",
           "[1}",
           "{\"a\":1]",
           "1 2",
           "[] []",
           "// 1",
           "1//",
       }) {
    EXPECT_FALSE(is_json(text)) << text;
  }
  EXPECT_FALSE(is_json(std::string_view("0\0", 2)));
  EXPECT_FALSE(is_json(std::string_view("\"\0\"", 3)));
}

TEST(JsonCheck, nesting_passes_up_to_its_limit) {
  const auto nested = [](std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += i % 3 == 0 ? "{\"a\":" : "[";
    text += "1";
    for (std::size_t i = depth; i > 0; --i) text += (i - 1) % 3 == 0 ? "}" : "]";
    return text;
  };
  using Depths = std::initializer_list<std::size_t>;
  for (const std::size_t depth : Depths{1, 63, 64, 65, 128, 255, 256}) {
    EXPECT_TRUE(is_json(nested(depth))) << depth;
  }
  for (const std::size_t depth : Depths{257, 1000, 100'000})
    EXPECT_FALSE(is_json(nested(depth))) << depth;
}

TEST(JsonCheck, what_passes_can_be_read_and_what_can_be_read_passes) {
  constexpr std::array<std::string_view, 26> pieces{
      "{",     "}",  "[",   "]",    ",",    ":", "\"a\"", "\"\"",        "1",
      "-2.5",  "0",  "1e3", "true", "null", " ", "\n",    "\"\\u00e9\"", "\"\\ud83d\\ude00\"",
      "\"é\"", "\"", "\\",  "e",    ".",    "-", "\xff",  "{\"k\":"};
  std::mt19937_64 random(17);
  unsigned passed = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    for (std::size_t left = 1 + random() % 9; left > 0; --left)
      text += pieces[random() % pieces.size()];
    const bool passes = is_json(text);
    ASSERT_EQ(passes, rapidjson_reads(text)) << text;
    passed += passes ? 1U : 0U;
  }
  EXPECT_GT(passed, 1000U);  // of both kinds enough
}

TEST(JsonCheck, needs_no_memory) {
  const std::string text = "[\"" + std::string(10'000, 'x') + "\",{\"a\":[[[1.25e10]]]}]";
  const auto before = support::allocations();
  EXPECT_TRUE(is_json(text));
  EXPECT_EQ(support::allocations(), before);
}
