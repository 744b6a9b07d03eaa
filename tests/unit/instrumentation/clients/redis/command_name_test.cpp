#include "clients/redis/command_name.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace {

using xray::clients::redis::name_of_arguments;
using xray::clients::redis::name_of_wire;
using xray::clients::redis::name_of_word;
using xray::clients::redis::opens_stream;

std::string of_format(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const auto name = xray::clients::redis::name_of_format(format, arguments);
  va_end(arguments);
  return name.str();
}

std::string of_wire(const std::string& text) {
  return name_of_wire(text.data(), text.size()).str();
}

}  // namespace

TEST(CommandName, is_a_word_of_letters_and_dots_in_capitals) {
  EXPECT_EQ(name_of_word("get"), "GET");
  EXPECT_EQ(name_of_word("JSON.Set"), "JSON.SET");
  EXPECT_EQ(name_of_word(""), "");
}

TEST(CommandName, is_nothing_that_may_be_a_value) {
  EXPECT_EQ(name_of_word("user:4711"), "");
  EXPECT_EQ(name_of_word("p4ssword"), "");
  EXPECT_EQ(name_of_word("GET secret"), "");
  EXPECT_EQ(name_of_word(std::string(32, 'a')), std::string(32, 'A'));
  EXPECT_EQ(name_of_word(std::string(33, 'a')), "");
}

TEST(CommandName, of_a_format_is_its_first_word) {
  EXPECT_EQ(of_format("SET %s %s", "key", "value"), "SET");
  EXPECT_EQ(of_format("  ping"), "PING");
  EXPECT_EQ(of_format(""), "");
  EXPECT_EQ(of_format(nullptr), "");
  EXPECT_EQ(of_format("incr%s x", "by"), "");
}

TEST(CommandName, of_a_format_may_be_an_argument) {
  EXPECT_EQ(of_format("%s %s", "set", "key"), "SET");
  EXPECT_EQ(of_format("%s", "ping"), "PING");
  EXPECT_EQ(of_format("%b %s", "getXYZ", std::size_t{3}, "key"), "GET");
  EXPECT_EQ(of_format("%s key", "a value"), "");
  EXPECT_EQ(of_format("%s%s", "SE", "T"), "");
  EXPECT_EQ(of_format("%d", 7), "");
  EXPECT_EQ(of_format("%s", static_cast<const char*>(nullptr)), "");
}

TEST(CommandName, of_an_array_of_arguments_is_the_first_one) {
  const char* arguments[] = {"getXYZ", "key"};
  const std::size_t sizes[] = {3, 3};
  EXPECT_EQ(name_of_arguments(2, arguments, sizes), "GET");
  EXPECT_EQ(name_of_arguments(2, arguments, nullptr), "GETXYZ");
  EXPECT_EQ(name_of_arguments(0, arguments, nullptr), "");
  EXPECT_EQ(name_of_arguments(0, nullptr, nullptr), "");
}

TEST(CommandName, of_what_goes_over_the_wire_is_its_first_word) {
  EXPECT_EQ(of_wire("*2\r\n$3\r\nget\r\n$1\r\nk\r\n"), "GET");
  EXPECT_EQ(of_wire("PING\r\n"), "PING");
  EXPECT_EQ(of_wire("SET key value\r\n"), "SET");
  EXPECT_EQ(of_wire("*1\r\n$4\r\nPI"), "PI");
  EXPECT_EQ(of_wire("*1\r\n"), "");
  EXPECT_EQ(of_wire("*1"), "");
  EXPECT_EQ(of_wire(""), "");
  EXPECT_EQ(of_wire("*1\r\n$200\r\n" + std::string(200, 'a') + "\r\n"), "");
  EXPECT_EQ(name_of_wire(nullptr, 0), "");
}

TEST(CommandName, of_a_stream_is_known) {
  EXPECT_TRUE(opens_stream(name_of_word("subscribe")));
  EXPECT_TRUE(opens_stream(name_of_word("MONITOR")));
  EXPECT_FALSE(opens_stream(name_of_word("PUBLISH")));
  EXPECT_FALSE(opens_stream(name_of_word("")));
}
