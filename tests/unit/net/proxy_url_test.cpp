#include "net/proxy_url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "net/http_client.hpp"
#include "startup_error.hpp"

namespace xrayd::net {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string complaint(const std::string& url) {
  try {
    (void)parse_proxy_url(url);
  } catch (const StartupError& problem) {
    return problem.what();
  }
  return "";
}

TEST(ProxyUrl, gives_host_and_port) {
  EXPECT_EQ(parse_proxy_url("http://proxy.test:3128").host, "proxy.test");
  EXPECT_EQ(parse_proxy_url("http://proxy.test:3128").port, 3128);
  EXPECT_EQ(parse_proxy_url("HTTP://proxy.test/").port, 80);
  EXPECT_EQ(parse_proxy_url("http://[2001:db8::1]:3128").host, "2001:db8::1");
  EXPECT_EQ(parse_proxy_url("http://[2001:db8::1]").port, 80);
  EXPECT_TRUE(parse_proxy_url("http://proxy.test").authorization.empty());
}

TEST(ProxyUrl, turns_its_user_and_password_into_a_header) {
  // Checked with `printf ... | base64`.
  EXPECT_EQ(parse_proxy_url("http://user:secret@proxy.test").authorization.reveal(),
            "Basic dXNlcjpzZWNyZXQ=");
  EXPECT_EQ(parse_proxy_url("http://user@proxy.test").authorization.reveal(), "Basic dXNlcjo=");
  EXPECT_EQ(parse_proxy_url("http://us%40er:p%2Fw%3a%25@proxy.test:1").authorization.reveal(),
            "Basic dXNAZXI6cC93OiU=");
  EXPECT_EQ(parse_proxy_url("http://a:b@c@proxy.test").host, "proxy.test");
  EXPECT_EQ(parse_proxy_url("http://a:b@c@proxy.test").authorization.reveal(), "Basic YTpiQGM=");
}

TEST(ProxyUrl, is_refused_with_the_reason_and_without_its_user) {
  EXPECT_EQ(complaint("proxy.test:3128"), "Bad proxy URL: it must begin with http://");
  EXPECT_EQ(complaint("ftp://proxy.test"), "Bad proxy URL: it must begin with http://");
  EXPECT_EQ(complaint("https://proxy.test"),
            "Bad proxy URL: proxies are spoken to by http:// only, not by https://");
  EXPECT_THAT(complaint("socks5://proxy.test"), HasSubstr("not by socks5://"));
  EXPECT_EQ(complaint("http://"), "Bad proxy URL: it has no host");
  EXPECT_EQ(complaint("http://:3128"), "Bad proxy URL: it has no host");
  for (const char* port : {"0", "65536", "", "12x", "-1"}) {
    EXPECT_EQ(complaint("http://proxy.test:" + std::string(port)),
              "Bad proxy URL: its port is no number from 1 to 65535")
        << port;
  }
  EXPECT_THAT(complaint("http://[proxy"), HasSubstr("no IPv6 address"));
  EXPECT_THAT(complaint("http://[::1]3128"), HasSubstr("a port must follow"));
  EXPECT_THAT(complaint("http://pro xy"), HasSubstr("characters that no host has"));
  for (const char* url : {"http://hunter:tiger%zz@proxy.test", "http://hunter:tiger@",
                          "ssh://hunter:tiger@x", "http://hunter%3Atiger:x@proxy.test",
                          "http://hunter:tiger@a\nb", "http://hunter:1/tiger@proxy.test",
                          "http://hunter?tiger@proxy.test", "http://hunter:1#tiger@proxy.test"}) {
    EXPECT_THAT(complaint(url), StartsWith("Bad proxy URL: ")) << url;
    EXPECT_THAT(complaint(url), Not(HasSubstr("hunter"))) << url;
    EXPECT_THAT(complaint(url), Not(HasSubstr("tiger"))) << url;
  }
}

TEST(ProxyUrl, keeps_a_network_from_being_made_where_it_is_bad) {
  EXPECT_THROW(Network({.proxy = "proxy.test"}), StartupError);
}

}  // namespace
}  // namespace xrayd::net
