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
