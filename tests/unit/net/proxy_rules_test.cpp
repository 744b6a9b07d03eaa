#include "net/proxy_rules.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace xrayd::net {
namespace {

bool bypasses(std::string_view rules, std::string_view host, std::uint16_t port = 443) {
  return ProxyRules(rules).bypasses(host, port);
}

TEST(ProxyRules, send_everything_but_this_machine_through_the_proxy_where_there_are_none) {
  EXPECT_FALSE(bypasses("", "xray.us-east-1.amazonaws.com"));
  EXPECT_FALSE(bypasses("", "192.0.2.1"));
  EXPECT_FALSE(bypasses("", "2001:db8::1"));
  EXPECT_TRUE(bypasses("", "localhost"));
  EXPECT_TRUE(bypasses("", "LOCALHOST."));
  EXPECT_TRUE(bypasses("", "127.0.0.1"));
  EXPECT_TRUE(bypasses("", "127.8.8.8"));
  EXPECT_TRUE(bypasses("", "::1"));
  EXPECT_TRUE(bypasses("", "::ffff:127.0.0.1"));
  EXPECT_FALSE(bypasses("", "localhost.example.com"));
}

TEST(ProxyRules, take_a_name_and_all_that_ends_in_it_with_or_without_a_dot_or_star) {
  for (const char* rule :
       {"amazonaws.com", ".amazonaws.com", "*.amazonaws.com", "AmazonAWS.COM", "amazonaws.com."}) {
    EXPECT_TRUE(bypasses(rule, "xray.us-east-1.amazonaws.com")) << rule;
    EXPECT_TRUE(bypasses(rule, "amazonaws.com")) << rule;
    EXPECT_TRUE(bypasses(rule, "XRAY.amazonaws.com.")) << rule;
    EXPECT_FALSE(bypasses(rule, "notamazonaws.com")) << rule;
    EXPECT_FALSE(bypasses(rule, "amazonaws.com.evil.example")) << rule;
    EXPECT_FALSE(bypasses(rule, "aws.com")) << rule;
  }
}

TEST(ProxyRules, are_separated_by_commas_or_blanks) {
  for (const char* rules :
       {"a.test,b.test", "a.test, b.test", "a.test b.test", ",,a.test\t,b.test,"}) {
    EXPECT_TRUE(bypasses(rules, "a.test")) << rules;
    EXPECT_TRUE(bypasses(rules, "b.test")) << rules;
    EXPECT_FALSE(bypasses(rules, "c.test")) << rules;
  }
}

TEST(ProxyRules, take_everything_with_a_star) {
  EXPECT_TRUE(bypasses("*", "a.test"));
  EXPECT_TRUE(bypasses("b.test, *", "192.0.2.1"));
  EXPECT_FALSE(bypasses("*x", "a.test"));
}

TEST(ProxyRules, may_be_for_one_port) {
  EXPECT_TRUE(bypasses("a.test:8443", "a.test", 8443));
  EXPECT_TRUE(bypasses("a.test:8443", "sub.a.test", 8443));
  EXPECT_FALSE(bypasses("a.test:8443", "a.test", 443));
  EXPECT_TRUE(bypasses("192.0.2.1:80", "192.0.2.1", 80));
  EXPECT_FALSE(bypasses("192.0.2.1:80", "192.0.2.1", 443));
  EXPECT_TRUE(bypasses("[2001:db8::1]:80", "2001:db8::1", 80));
  EXPECT_FALSE(bypasses("[2001:db8::1]:80", "2001:db8::1", 443));
}

TEST(ProxyRules, take_addresses_in_every_spelling) {
  EXPECT_TRUE(bypasses("169.254.169.254", "169.254.169.254"));
  EXPECT_FALSE(bypasses("169.254.169.254", "169.254.169.25"));
  EXPECT_TRUE(bypasses("2001:db8::1", "2001:0DB8:0:0::1"));
  EXPECT_TRUE(bypasses("[2001:db8::1]", "2001:db8::1"));
  EXPECT_TRUE(bypasses("2001:db8::1", "[2001:db8::1]"));
  EXPECT_FALSE(bypasses("2.1", "192.0.2.1"));
}

TEST(ProxyRules, take_blocks_of_addresses) {
  EXPECT_TRUE(bypasses("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(bypasses("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(bypasses("192.0.2.128/25", "192.0.2.200"));
  EXPECT_FALSE(bypasses("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(bypasses("192.0.2.1/32", "192.0.2.1"));
  EXPECT_TRUE(bypasses("0.0.0.0/0", "192.0.2.1"));
  EXPECT_FALSE(bypasses("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(bypasses("fd00::/8", "fd12:3456::1"));
  EXPECT_FALSE(bypasses("fd00::/8", "fe80::1"));
  EXPECT_TRUE(bypasses("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(bypasses("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_FALSE(bypasses("10.0.0.0/8", "name.test"));
}

TEST(ProxyRules, match_nothing_where_they_mean_nothing) {
  for (const char* rule : {"10.0.0.0/33", "10.0.0.0/", "/8", "10.0.0.0/x", "fd00::/129", "a.test:0",
                           "a.test:70000", "a.test:", ":443", ".", "*.", "[", "[]", "]:1"}) {
    EXPECT_FALSE(bypasses(rule, "a.test")) << rule;
    EXPECT_FALSE(bypasses(rule, "10.0.0.1")) << rule;
    EXPECT_FALSE(bypasses(rule, "fd00::1")) << rule;
  }
}

}  // namespace
}  // namespace xrayd::net
