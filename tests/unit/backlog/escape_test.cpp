#include "backlog/escape.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace xrayd::backlog {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  append_escaped(out, text);
  return out;
}

std::string escaped_portably(std::string_view text) {
  std::string out;
  append_escaped_portably(out, text);
  return out;
}

/// One character after the other, by the definition of UTF-8: code points, not tables of bytes.
std::string reference(std::string_view text) {
  std::string out;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const std::uint8_t lead = byte(i);
    if (lead < 0x80) {
      char control[8];
      if (lead == '"' || lead == '\\') {
        out += '\\';
        out += text[i];
      } else if (lead == '\n') {
        out += "\\n";
      } else if (lead == '\r') {
        out += "\\r";
      } else if (lead == '\t') {
        out += "\\t";
      } else if (lead < 0x20) {
        std::snprintf(control, sizeof control, "\\u%04x", lead);
        out += control;
      } else {
        out += text[i];
      }
      ++i;
      continue;
    }
    std::size_t length = 0;
    std::uint32_t code = 0;
    if ((lead & 0xe0U) == 0xc0) {
      length = 2;
      code = lead & 0x1fU;
    } else if ((lead & 0xf0U) == 0xe0) {
      length = 3;
      code = lead & 0x0fU;
    } else if ((lead & 0xf8U) == 0xf0) {
      length = 4;
      code = lead & 0x07U;
    }
    bool good = length > 0 && i + length <= text.size();
    for (std::size_t k = 1; good && k < length; ++k) {
      good = (byte(i + k) & 0xc0U) == 0x80;
      code = code << 6U | (byte(i + k) & 0x3fU);
    }
    const std::uint32_t least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
    good = good && code >= least && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    if (!good) {
      out += "\\ufffd";
      ++i;
    } else {
      if (code == 0x2028) {
        out += "\\u2028";
      } else if (code == 0x2029) {
        out += "\\u2029";
      } else {
        out += text.substr(i, length);
      }
      i += length;
    }
  }
  return out;
}

TEST(Escape, plain_text_goes_byte_for_byte) {
  EXPECT_EQ(escaped(""), "");
  EXPECT_EQ(escaped("T1S<&>/ \x7f"), "T1S<&>/ \x7f");
  EXPECT_EQ(escaped("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"),
            "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
}

TEST(Escape, controls_and_quotes_have_the_bytes_that_amazons_daemon_sends) {
  EXPECT_EQ(escaped("{\"a\\b\":\"\n\r\t\"}"), R"({\"a\\b\":\"\n\r\t\"})");
  EXPECT_EQ(escaped(std::string_view("\0\b\f\x1f", 4)), R"(\u0000\u0008\u000c\u001f)");
  EXPECT_EQ(escaped("\xe2\x80\xa8|\xe2\x80\xa9|\xe2\x80\xa7"), "\\u2028|\\u2029|\xe2\x80\xa7");
}

TEST(Escape, each_byte_that_is_not_utf8_becomes_a_replacement) {
  EXPECT_EQ(escaped("\xff"), R"(\ufffd)");
  EXPECT_EQ(escaped("a\xc3"), R"(a\ufffd)");
  EXPECT_EQ(escaped("\xc0\x80"), R"(\ufffd\ufffd)");
  EXPECT_EQ(escaped("\xed\xa0\x80"), R"(\ufffd\ufffd\ufffd)");
  EXPECT_EQ(escaped("\xf4\x90\x80\x80"), R"(\ufffd\ufffd\ufffd\ufffd)");
  EXPECT_EQ(escaped("\xe2\x82"
                    "\""),
            R"(\ufffd\ufffd\")");
}

TEST(Escape, what_was_there_stays) {
  std::string out = "before:";
  append_escaped(out, "\"");
  EXPECT_EQ(out, R"(before:\")");
}

TEST(Escape, any_text_has_the_reference_s_bytes) {
  std::mt19937 random(20261123);
  const std::string_view alphabets[] = {
      "\"\\abcdefghijklmnopqrstuvwxyz0123456789 {}:,",
      "\"\\\n\t\x01\x1f\xe2\x80\xa8\xa9\xc3\xbc\xf0\x9f\x98\xed\xa0\xff",
      "abcdefghijklmnopqrstuvwxyz",
  };
  for (int round = 0; round < 2000; ++round) {
    const std::string_view alphabet = alphabets[static_cast<std::size_t>(round) % 3];
    const std::size_t size = random() % (round % 10 == 0 ? 5000U : 80U);
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
      text += random() % 40 == 0 ? static_cast<char>(random() & 0xffU)
                                 : alphabet[random() % alphabet.size()];
    }
    // A buffer of its exact size, so that a byte read beyond is found by the sanitizer.
    const std::vector<char> exact(text.begin(), text.end());
    const std::string_view view(exact.data(), exact.size());
    const std::string wanted = reference(view);
    ASSERT_EQ(escaped(view), wanted);
    ASSERT_EQ(escaped_portably(view), wanted);
  }
}

TEST(Escape, the_worst_that_can_be_is_six_bytes_for_one) {
  for (const char c : {'\x01', '\xff', '"'}) {
    const std::string text(5003, c);
    EXPECT_EQ(escaped(text), reference(text));
    EXPECT_EQ(escaped_portably(text), reference(text));
  }
}

}  // namespace
}  // namespace xrayd::backlog
