#include <xray/impl/daemon_address.hpp>

#include <gtest/gtest.h>

#include <string>

using xray::detail::parse_daemon_address;

TEST(DaemonAddress, one_address_is_for_both) {
  const auto address = parse_daemon_address("example.internal:2000");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->udp.host, "example.internal");
  EXPECT_EQ(address->udp.port, "2000");
  EXPECT_EQ(address->tcp.host, "example.internal");
}

TEST(DaemonAddress, two_addresses_come_in_either_order) {
  for (const char* text :
       {"tcp:127.0.0.1:2000 udp:10.0.0.1:2001", "udp:10.0.0.1:2001 tcp:127.0.0.1:2000",
        " udp:10.0.0.1:2001   tcp:127.0.0.1:2000 "}) {
    const auto address = parse_daemon_address(text);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_EQ(address->udp.host, "10.0.0.1");
    EXPECT_EQ(address->udp.port, "2001");
    EXPECT_EQ(address->tcp.host, "127.0.0.1");
  }
}

TEST(DaemonAddress, ipv6_stands_in_brackets) {
  const auto address = parse_daemon_address("[::1]:2000");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->udp.host, "::1");
  EXPECT_TRUE(parse_daemon_address("tcp:[::1]:2000 udp:[fe80::1]:3000").has_value());
}

TEST(DaemonAddress, any_blanks_separate_and_surround) {
  const auto address = parse_daemon_address("\t\n udp:10.0.0.1:2001 \r\n\t tcp:127.0.0.1:2000\v\f");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->udp.host, "10.0.0.1");
  EXPECT_EQ(address->tcp.host, "127.0.0.1");
}

TEST(DaemonAddress, a_unix_path_stands_alone_or_with_a_tcp_address_for_sampling) {
  const auto alone = parse_daemon_address("unix:/run/xrayd/xrayd.sock");
  ASSERT_TRUE(alone.has_value());
  EXPECT_EQ(alone->unix_path, "/run/xrayd/xrayd.sock");
  EXPECT_EQ(alone->tcp.host, "127.0.0.1");
  EXPECT_EQ(alone->tcp.port, "2000");
  for (const char* text : {"unix:/s tcp:[::1]:2001", "tcp:[::1]:2001\tunix:/s"}) {
    const auto both = parse_daemon_address(text);
    ASSERT_TRUE(both.has_value()) << text;
    EXPECT_EQ(both->unix_path, "/s");
    EXPECT_EQ(both->tcp.host, "::1");
    EXPECT_EQ(both->tcp.port, "2001");
  }
  EXPECT_TRUE(parse_daemon_address("unix:" + ("/" + std::string(106, 'x'))).has_value());
}

TEST(DaemonAddress, hosts_may_be_called_as_the_prefixes_are) {
  const auto address = parse_daemon_address("unix:2000");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->udp.host, "unix");
  EXPECT_TRUE(address->unix_path.empty());
  EXPECT_TRUE(parse_daemon_address("udp:2000").has_value());
}

TEST(DaemonAddress, a_refusal_names_what_is_wrong) {
  const struct {
    std::string text;
    const char* complaint;
  } cases[] = {
      {"", "is empty"},
      {"host", "\"host\" lacks :port"},
      {":2000", "lacks the host"},
      {"host:70000", "\"70000\" is no port"},
      {"host:20x0", "\"20x0\" is no port"},
      {"host:99999999999999999999", "is no port"},
      {"h/st:2000", "\"h/st\" is no host name"},
      {"::1:2000", "IPv6 addresses stand in brackets"},
      {"[::1]", "lacks :port after the bracket"},
      {"[::1", "closing bracket"},
      {"[hello]:2000", "\"hello\" is no IPv6 address"},
      {"[::1%]:2000", "is no IPv6 address"},
      {"tcp:a:1", "udp:host:port is missing"},
      {"udp:a:1", "tcp:host:port is missing"},
      {"tcp:a:1 tcp:b:2", "tcp: is given twice"},
      {"udp:a:1 udp:b:2", "udp: is given twice"},
      {"unix:/a unix:/b", "unix: is given twice"},
      {"unix:/a udp:b:2", "udp: can't stand beside unix:"},
      {"unix:relative", "\"relative\" is no port"},
      {"unix:/" + std::string(107, 'x'), "too long for a socket"},
      {"a:1 b:2", "needs tcp:, udp: or unix:"},
      {"tcp:a:1 udp:b:2 c:3", "needs tcp:, udp: or unix:"},
  };
  for (const auto& one : cases) {
    std::string complaint;
    EXPECT_FALSE(parse_daemon_address(one.text, &complaint).has_value()) << one.text;
    EXPECT_NE(complaint.find(one.complaint), std::string::npos) << one.text << ": " << complaint;
  }
}

TEST(DaemonAddress, anything_else_is_refused) {
  const std::string endless = std::string(300, 'h') + ":2000";
  for (const std::string& text :
       {std::string(), std::string("host"), std::string("host:"), std::string(":2000"),
        std::string("host:0"), std::string("host:65536"), std::string("host:20x0"),
        std::string("::1:2000"), std::string("[::1]"), std::string("[::1]2000"),
        std::string("tcp:a:1 tcp:b:2"), std::string("tcp:a:1"), std::string("a:1 b:2"),
        std::string("tcp:a:1 udp:b:2 c"), std::string("host:-1"), endless}) {
    EXPECT_FALSE(parse_daemon_address(text).has_value()) << text;
  }
}
