#include "local/json/json.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace xrayd::local {
namespace {

JsonFault parse(const std::string& text, ParsedJson& out) {
  return ParsedJson::parse(text, 10, out);
}

std::string written(const std::string& text) {
  ParsedJson json;
  if (parse("[" + text + "]", json) != JsonFault::none) return "(fault)";
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  json.value()[0].Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

TEST(JsonNumbers, integers_are_kept_whole) {
  for (const char* number : {"0", "-1", "2147483648", "-9223372036854775808", "9223372036854775807",
                             "18446744073709551615"}) {
    EXPECT_EQ(written(number), number);
  }
  ParsedJson json;
  ASSERT_EQ(parse("[7,-7,4294967296]", json), JsonFault::none);
  EXPECT_TRUE(json.value()[0].IsInt() && json.value()[0].IsUint());
  EXPECT_TRUE(json.value()[1].IsInt() && !json.value()[1].IsUint());
  EXPECT_TRUE(json.value()[2].IsInt64() && !json.value()[2].IsInt());
}

TEST(JsonNumbers, fractions_are_the_nearest_doubles) {
  ParsedJson json;
  ASSERT_EQ(parse("[0.1,1700000000.123456,1e23,-2.5E-3,18446744073709551616,5e-324]", json),
            JsonFault::none);
  EXPECT_EQ(json.value()[0].GetDouble(), 0.1);
  EXPECT_EQ(json.value()[1].GetDouble(), 1700000000.123456);
  EXPECT_EQ(json.value()[2].GetDouble(), 1e23);
  EXPECT_EQ(json.value()[3].GetDouble(), -2.5e-3);
  EXPECT_EQ(json.value()[4].GetDouble(), 18446744073709551616.0);
  EXPECT_EQ(json.value()[5].GetDouble(), std::numeric_limits<double>::denorm_min());
  EXPECT_TRUE(json.value()[0].IsDouble());
}

TEST(JsonNumbers, what_is_too_small_is_zero_and_what_is_too_large_is_a_fault) {
  EXPECT_EQ(written("1e-400"), "0.0");
  EXPECT_EQ(written("-1e-400"), "-0.0");
  for (const std::string& number :
       {std::string("1e309"), std::string("-1e309"), std::string(400, '9'),
        // The exponent alone is in range: it is the digits that are too many.
        std::string(45, '6') + "e290", "-" + std::string(45, '6') + ".5e290"}) {
    EXPECT_EQ(written(number), "(fault)") << number;
  }
}

}  // namespace
}  // namespace xrayd::local
