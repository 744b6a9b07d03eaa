#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <string>

#include "support/documents.hpp"

using support::at;
using support::Capture;
using support::text_of;

namespace {
std::string name_as_sent(const std::string& name) {
  Capture capture;
  { const xray::Segment segment(name); }
  return text_of(at(capture.document(), "name"));
}
}  // namespace

TEST(Name, letters_of_any_script_and_some_signs_are_kept) {
  const auto before = xray::statistics().names_corrected;
  for (const char* name : {"api.example.com:80/a_b%c&d#e=f+g-h@i", "日本", "Größe 2", "a b"}) {
    EXPECT_EQ(name_as_sent(name), name);
  }
  EXPECT_EQ(xray::statistics().names_corrected, before);
}

TEST(Name, what_is_not_allowed_is_dropped_and_counted) {
  const auto before = xray::statistics().names_corrected;
  EXPECT_EQ(name_as_sent("a?b*c\\d\"e\nf"), "abcdef");
  EXPECT_EQ(name_as_sent("a\xff\xfe z"), "a z");
  EXPECT_EQ(name_as_sent("smile \xF0\x9F\x98\x80!"), "smile ");
  EXPECT_EQ(xray::statistics().names_corrected - before, 3U);
}

TEST(Name, empty_and_overlong_names_get_through) {
  EXPECT_EQ(name_as_sent(""), "unnamed");
  EXPECT_EQ(name_as_sent("???"), "unnamed");
  EXPECT_EQ(name_as_sent(std::string(1'000'000, 'n')), std::string(200, 'n'));
  std::string umlauts;
  for (int i = 0; i < 300; ++i) umlauts += "ü";
  EXPECT_EQ(name_as_sent(umlauts), umlauts.substr(0, 400));
}
