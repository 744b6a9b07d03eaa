#include "local/otlp/stack_trace.hpp"

#include <gtest/gtest.h>

#include <string>

namespace xrayd::local {
namespace {

void expect_frame(const StackFrame& frame, std::string_view path, std::int64_t line,
                  std::string_view label) {
  EXPECT_EQ(frame.path, path);
  EXPECT_EQ(frame.line, line);
  EXPECT_EQ(frame.label, label);
}

TEST(StackTrace, java_with_what_caused_it) {
  const auto read = read_stack_trace(
      "shop.OrderFailed: no stock\n"
      "\tat shop.Orders.place(Orders.java:17)\n"
      "\tat java.base/java.lang.Thread.run(Native Method)\n"
      "Caused by: java.io.IOException: refused: port 1\n"
      "\tat shop.Net.open(Net.java:5)\n"
      "\t... 2 more\n");
  ASSERT_EQ(read.size(), 2U);
  ASSERT_EQ(read[0].frames.size(), 2U);
  expect_frame(read[0].frames[0], "Orders.java", 17, "shop.Orders.place");
  expect_frame(read[0].frames[1], "Native Method", 0, "java.base/java.lang.Thread.run");
  EXPECT_EQ(read[1].type, "java.io.IOException");
  EXPECT_EQ(read[1].message, "refused: port 1");
  ASSERT_EQ(read[1].frames.size(), 1U);
  expect_frame(read[1].frames[0], "Net.java", 5, "shop.Net.open");
}

TEST(StackTrace, python) {
  const auto read = read_stack_trace(
      "Traceback (most recent call last):\n"
      "  File \"/srv/app.py\", line 12, in handle\n"
      "    place(order)\n"
      "  File \"/srv/orders.py\", line 3, in place\n"
      "    raise ValueError(\"no\")\n"
      "ValueError: no\n");
  ASSERT_EQ(read.front().frames.size(), 2U);
  expect_frame(read.front().frames[0], "/srv/app.py", 12, "handle");
  expect_frame(read.front().frames[1], "/srv/orders.py", 3, "place");
}

TEST(StackTrace, javascript) {
  const auto read = read_stack_trace(
      "TypeError: x is not a function\n"
      "    at place (/srv/orders.js:10:5)\n"
      "    at /srv/app.js:3:1\r\n"
      "    at async Promise.all (index 0)\n");
  ASSERT_EQ(read.front().frames.size(), 3U);
  expect_frame(read.front().frames[0], "/srv/orders.js", 10, "place");
  expect_frame(read.front().frames[1], "/srv/app.js", 3, "");
  expect_frame(read.front().frames[2], "index 0", 0, "async Promise.all");
}

TEST(StackTrace, dotnet) {
  const auto read = read_stack_trace(
      "System.Exception: no\n"
      "   at Shop.Orders.Place(Int32 n) in /srv/Orders.cs:line 9\n"
      "   at Shop.Program.Main(String[] args)\n");
  ASSERT_EQ(read.front().frames.size(), 2U);
  expect_frame(read.front().frames[0], "/srv/Orders.cs", 9, "Shop.Orders.Place(Int32 n)");
  EXPECT_EQ(read.front().frames[1].label, "Shop.Program.Main");
}

TEST(StackTrace, php) {
  const auto read = read_stack_trace(
      "#0 /srv/orders.php(31): Orders->place()\n"
      "#1 [internal function]: handle()\n"
      "#2 {main}\n");
  ASSERT_EQ(read.front().frames.size(), 3U);
  expect_frame(read.front().frames[0], "/srv/orders.php", 31, "Orders->place()");
  EXPECT_EQ(read.front().frames[2].label, "{main}");
}

TEST(StackTrace, go) {
  const auto read = read_stack_trace(
      "goroutine 1 [running]:\n"
      "main.place(0x1)\n"
      "\t/srv/orders.go:8 +0x1d\n");
  ASSERT_EQ(read.front().frames.size(), 1U);
  expect_frame(read.front().frames[0], "/srv/orders.go", 8, "main.place(0x1)");
}

TEST(StackTrace, other_texts_have_no_frames) {
  for (const char* text :
       {"", "\n\n", "at", "#", "File \"", "Caused by: ", "\t.go:", "at )(", "at :"}) {
    EXPECT_GE(read_stack_trace(text).size(), 1U);
  }
}

TEST(StackTrace, frames_and_causes_are_bounded) {
  std::string text;
  for (int i = 0; i < 50; ++i) {
    text += "Caused by: E: m\n";
    for (int j = 0; j < 150; ++j) text += "\tat f(a:1)\n";
  }
  const auto read = read_stack_trace(text);
  EXPECT_EQ(read.size(), max_causes + 1);
  EXPECT_EQ(read[1].frames.size(), max_stack_frames);
  EXPECT_EQ(read[1].skipped, 50U);
}

}  // namespace
}  // namespace xrayd::local
