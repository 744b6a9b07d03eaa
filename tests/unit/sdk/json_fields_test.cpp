#include <xray/impl/json_fields.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

using xray::detail::JsonFields;

TEST(JsonFields, finds_what_stands_at_the_wanted_paths_and_nowhere_else) {
  JsonFields fields({"a", "n", "deep/er", "list/[]/x", "list/[]"});
  ASSERT_TRUE(fields.parse(
      R"({"z":{"a":"no"},"deep":{"a":"no","er":"yes"},"list":[{"x":"1"},"s",{"y":[],"x":"2"},[{"x":"no"}]],)"
      R"("n":42,"a":"last, éclair \n"})"));
  EXPECT_EQ(fields.text("a"),
            "last, \xC3\xA9"
            "clair \n");
  EXPECT_EQ(fields.text("deep/er"), "yes");
  EXPECT_EQ(fields.integer("n"), 42);
  EXPECT_EQ(fields.texts("list/[]/x"), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(fields.texts("list/[]"), std::vector<std::string>{"s"});
  EXPECT_EQ(fields.text("never wanted"), "");
}

TEST(JsonFields, a_value_of_another_type_is_not_there) {
  JsonFields fields({"s", "n"});
  ASSERT_TRUE(fields.parse(R"({"s":{"s":1},"n":"7"})"));
  EXPECT_EQ(fields.text("s"), "");
  EXPECT_EQ(fields.integer("n"), std::nullopt);
  JsonFields numbers({"n"});
  ASSERT_TRUE(numbers.parse(R"({"n":1.5})"));
  EXPECT_EQ(numbers.integer("n"), std::nullopt);
}

TEST(JsonFields, a_text_that_is_too_long_is_not_there) {
  JsonFields fields({"s"});
  ASSERT_TRUE(fields.parse("{\"s\":\"" + std::string(513, 'x') + "\"}"));
  EXPECT_EQ(fields.text("s"), "");
}

TEST(JsonFields, only_one_whole_object_in_utf_8_is_parsed) {
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("\"s\""), std::string("{"),
        std::string("{} {}"), std::string("<html>"), std::string("{\"s\":\"\xff\"}"),
        std::string(100'000, '['), "{\"a\":" + std::string(100'000, '['),
        "{\"a\":" + std::string(40, '[') + std::string(40, ']') + "}"}) {
    JsonFields fields({"s"});
    EXPECT_FALSE(fields.parse(text)) << text.substr(0, 40);
  }
}
