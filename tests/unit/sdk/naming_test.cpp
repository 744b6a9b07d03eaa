#include <xray/naming.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "support/documents.hpp"
#include "support/process.hpp"

using xray::DynamicNaming;

TEST(DynamicNaming, a_host_that_matches_is_the_name_and_any_other_falls_back) {
  const DynamicNaming naming("shop", "*.shop.example");
  EXPECT_EQ(naming.name("eu.shop.example"), "eu.shop.example");
  EXPECT_EQ(naming.name("EU.Shop.Example"), "EU.Shop.Example");
  EXPECT_EQ(naming.name("evil.example"), "shop");
  EXPECT_EQ(naming.name("shop.example"), "shop");
  EXPECT_EQ(naming.name(""), "shop");
}

TEST(DynamicNaming, the_port_blanks_and_the_last_dot_are_no_part_of_the_name) {
  const DynamicNaming naming("shop", "*.example");
  EXPECT_EQ(naming.name("a.example:8080"), "a.example");
  EXPECT_EQ(naming.name("a.example:"), "a.example");
  EXPECT_EQ(naming.name(" a.example \t"), "a.example");
  EXPECT_EQ(naming.name("a.example.:443"), "a.example");
}

TEST(DynamicNaming, addresses_are_names_too) {
  const DynamicNaming naming("shop", "*");
  EXPECT_EQ(naming.name("127.0.0.1:80"), "127.0.0.1");
  EXPECT_EQ(naming.name("[2001:db8::1]:80"), "2001:db8::1");
  EXPECT_EQ(naming.name("[::1]"), "::1");
}

TEST(DynamicNaming, what_is_no_host_falls_back_even_from_a_star) {
  const DynamicNaming naming("shop", "*");
  for (const char* host : {"",         " ",     ".",      ":80",     "a b",
                           "a/b",      "a,b",   "user@a", "a:80:80", "a:http",
                           "a:123456", "[",     "[]",     "[::1",    "[::1]x",
                           "[::1]:x",  "[a b]", "::1",    "a\r\nb",  "\xc3\xa9.example",
                           "<script>"}) {
    EXPECT_EQ(naming.name(host), "shop") << host;
  }
}

TEST(DynamicNaming, a_host_longer_than_a_name_may_be_falls_back) {
  const DynamicNaming naming("shop", "*");
  EXPECT_EQ(naming.name(std::string(200, 'a')), std::string(200, 'a'));
  EXPECT_EQ(naming.name(std::string(201, 'a')), "shop");
}

TEST(DynamicNaming, a_segment_is_called_after_its_host) {
  const DynamicNaming naming("shop", "*.example");
  support::Capture capture;
  { const xray::Segment segment(naming.name("a.example:8080")); }
  EXPECT_EQ(support::text_of(support::at(capture.document(), "name")), "a.example");
}

TEST(DynamicNaming, the_environment_replaces_these_names_too) {
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_TRACING_NAME", "forced", 1);
    const DynamicNaming naming("shop", "*.example");
    support::Capture capture;
    { const xray::Segment segment(naming.name("a.example")); }
    EXPECT_EQ(support::text_of(support::at(capture.document(), "name")), "forced");
  });
}
