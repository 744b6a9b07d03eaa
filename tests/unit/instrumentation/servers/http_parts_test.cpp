#include <xray/instrumentation/http_parts.hpp>

#include <gtest/gtest.h>

#include <string>

using xray::detail::clean_host;
using xray::detail::content_length;
using xray::detail::first_forwarded;
using xray::detail::http_target;
using xray::detail::http_url;
using xray::detail::without_port;

namespace {

std::string told(std::string_view target) {
  const xray::detail::HttpTarget parts = http_target(target);
  return std::string(parts.scheme) + "|" + std::string(parts.host) + "|" + std::string(parts.path);
}

}  // namespace

TEST(HttpTarget, has_no_query_no_fragment_and_no_userinfo_in_any_form) {
  EXPECT_EQ(told("/cart/7?token=secret"), "||/cart/7");
  EXPECT_EQ(told("/cart#secret"), "||/cart");
  EXPECT_EQ(told("/a?next=http://user:secret@host/"), "||/a");
  EXPECT_EQ(told("http://user:secret@shop.example:8080/cart?x=secret"),
            "http|shop.example:8080|/cart");
  EXPECT_EQ(told("https://a@b@shop.example"), "https|shop.example|/");
  EXPECT_EQ(told("user:secret@shop.example:443"), "|shop.example:443|");
}

TEST(HttpTarget, of_odd_forms_is_what_is_left) {
  EXPECT_EQ(told(""), "||");
  EXPECT_EQ(told("*"), "||");
  EXPECT_EQ(told("?token=secret"), "||");
  EXPECT_EQ(told("//shop.example/x"), "||//shop.example/x");
  EXPECT_EQ(told("http://"), "http||/");
}

TEST(CleanHost, has_nothing_but_host_and_port) {
  EXPECT_EQ(clean_host(" shop.example:80\t"), "shop.example:80");
  EXPECT_EQ(clean_host("user:secret@shop.example"), "shop.example");
  EXPECT_EQ(clean_host("shop.example/secret"), "shop.example");
  EXPECT_EQ(clean_host("shop.example?secret"), "shop.example");
  EXPECT_EQ(clean_host(" "), "");
  EXPECT_EQ(clean_host(""), "");
}

TEST(WithoutPort, knows_names_and_addresses) {
  EXPECT_EQ(without_port("shop.example:80"), "shop.example");
  EXPECT_EQ(without_port("shop.example"), "shop.example");
  EXPECT_EQ(without_port("[2001:db8::1]:80"), "2001:db8::1");
  EXPECT_EQ(without_port("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(without_port("["), "");
  EXPECT_EQ(without_port(""), "");
}

TEST(FirstForwarded, is_the_first_address_of_the_list) {
  EXPECT_EQ(first_forwarded("203.0.113.7, 10.0.0.1, 10.0.0.2"), "203.0.113.7");
  EXPECT_EQ(first_forwarded(" 203.0.113.7 ,10.0.0.1"), "203.0.113.7");
  EXPECT_EQ(first_forwarded("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(first_forwarded(", 10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(first_forwarded(" , "), "");
  EXPECT_EQ(first_forwarded(""), "");
}

TEST(ContentLength, is_a_number_or_unknown) {
  EXPECT_EQ(content_length("0"), 0);
  EXPECT_EQ(content_length("12345"), 12345);
  for (const char* const text : {"", "-1", "1x", " 1", "99999999999999999999"}) {
    EXPECT_EQ(content_length(text), -1) << text;
  }
}

TEST(HttpUrl, of_no_host_is_the_path) {
  EXPECT_EQ(http_url("http", "shop.example", "/cart"), "http://shop.example/cart");
  EXPECT_EQ(http_url("http", "", "/cart"), "/cart");
}
