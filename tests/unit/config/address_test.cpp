#include "config/address.hpp"

#include <gtest/gtest.h>

namespace xrayd::config {
namespace {

TEST(Address, names_numbers_and_every_interface_are_read) {
  EXPECT_EQ(parse_address("127.0.0.1:2000"), (Address{"127.0.0.1", 2000}));
  EXPECT_EQ(parse_address("localhost:0"), (Address{"localhost", 0}));
  EXPECT_EQ(parse_address("[::1]:65535"), (Address{"::1", 65535}));
  EXPECT_EQ(parse_address(":2000"), (Address{"", 2000}));
}

TEST(Address, what_is_no_address_is_refused) {
  for (const char* text : {"", "2000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "h:-1", "h: 1",
                           "h:1x", "::1:2000", "[::1]", "[h]:1", "a b:1", "a/b:1"}) {
    EXPECT_EQ(parse_address(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_address(std::string(300, 'a') + ":1"), std::nullopt);
}

TEST(Address, text_and_value_are_inverse) {
  for (const char* text : {"127.0.0.1:2000", "[::1]:0", ":2000"}) {
    EXPECT_EQ(to_string(*parse_address(text)), text);
  }
}

}  // namespace
}  // namespace xrayd::config
