#include "aws/json_members.hpp"

#include <gtest/gtest.h>

#include <string>

using xray::FixedText;
using xray::instrumentation::append_unescaped;
using xray::instrumentation::count_elements;
using xray::instrumentation::JsonMember;
using xray::instrumentation::JsonMembers;

namespace {

std::string unescaped(std::string_view text) {
  FixedText<1024> out;
  return append_unescaped(out, text) ? out.str() : "(refused)";
}

/// `name:value` of each member that is read.
std::string read(std::string_view text, bool* at_end = nullptr) {
  JsonMembers members(text);
  JsonMember member;
  std::string all;
  while (members.next(member)) {
    all.append(member.name).append(":").append(member.value).append(";");
  }
  if (at_end != nullptr) *at_end = members.at_end();
  return all;
}

}  // namespace

TEST(AwsJsonMembers, come_one_by_one_whatever_their_values) {
  bool at_end = false;
  EXPECT_EQ(read(" { \"a\" : \"x\\\"}\" , \"b\":[1,{\"c\":\"]\"}],\"d\":{\"e\":{}},\"f\":-1.5e3,"
                 "\"g\":true,\"h\":null} trailing",
                 &at_end),
            "a:x\\\"};b:[1,{\"c\":\"]\"}];d:{\"e\":{}};f:-1.5e3;g:true;h:null;");
  EXPECT_TRUE(at_end);
  EXPECT_EQ(read("{}", &at_end), "");
  EXPECT_TRUE(at_end);
}

TEST(AwsJsonMembers, stop_where_it_makes_no_sense) {
  for (const char* text : {"", "[]", "{", "{\"a\"", "{\"a\":", "{\"a\":tru", "{\"a\":nul}", "{a:1}",
                           "{\"a\":\"x", "{\"a\":{\"b\":1", "{\"a\":}", "{\"a\":12"}) {
    bool at_end = true;
    EXPECT_EQ(read(text, &at_end), "") << text;
    EXPECT_FALSE(at_end) << text;
  }
}

TEST(AwsJsonMembers, endure_any_depth) {
  const std::string deep = "{\"a\":" + std::string(100000, '[') + std::string(100000, ']') + "}";
  EXPECT_EQ(read(deep).size(), 200003U);
  EXPECT_EQ(read("{\"a\":" + std::string(100000, '[')), "");
}

TEST(AwsJsonMembers, are_counted_in_arrays) {
  EXPECT_EQ(count_elements("[]"), 0);
  EXPECT_EQ(count_elements(" [ 1 , \"a,b\" , [2,3] , {\"x\":[]} ] "), 4);
  EXPECT_EQ(count_elements("[1,]"), -1);
  EXPECT_EQ(count_elements("[1 2]"), -1);
  EXPECT_EQ(count_elements("{}"), -1);
  EXPECT_EQ(count_elements("["), -1);
}

TEST(AwsJsonMembers, have_their_escapes_resolved) {
  EXPECT_EQ(unescaped(R"(https:\/\/x\/\"q\"\\\n)"), "https://x/\"q\"\\\n");
  EXPECT_EQ(unescaped(R"(\u0041\u00e9\u20ac\ud83d\ude00)"),
            "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  for (const char* broken :
       {R"(\)", R"(\x)", R"(\u12)", R"(\ud83d)", R"(\ude00)", R"(\ud83d\u0041)"}) {
    EXPECT_EQ(unescaped(broken), "(refused)") << broken;
  }
  EXPECT_EQ(unescaped(std::string(1025, 'x')), "(refused)");
}
