#include "local/otlp/base64.hpp"

#include <gtest/gtest.h>

#include <string>

#include "otlp_bytes.hpp"

namespace xrayd::local {
namespace {

TEST(Base64, the_rfc_s_examples) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9v"), "foo");
  EXPECT_EQ(decode_base64("Zm9vYg=="), "foob");
  EXPECT_EQ(decode_base64("Zm9vYmE="), "fooba");
  EXPECT_EQ(decode_base64("Zm9vYmFy"), "foobar");
}

TEST(Base64, padding_may_be_missing) {
  EXPECT_EQ(decode_base64("Zg"), "f");
  EXPECT_EQ(decode_base64("Zm8"), "fo");
}

TEST(Base64, all_bytes_come_back) {
  std::string bytes;
  for (int i = 0; i < 512; ++i) {
    EXPECT_EQ(decode_base64(otlp_bytes::base64(bytes)), bytes);
    bytes += static_cast<char>(i * 7);
  }
}

TEST(Base64, other_texts_are_refused) {
  for (const char* text : {"Z", "Zm9vY", "Zh==", "Zm9=", "Z===", "====", "Zm9v\n", "Zm 9", "Zm-_",
                           "Zg==Zg==", "Zm9v=", "\xC3\xA9zz"}) {
    EXPECT_FALSE(decode_base64(text)) << text;
  }
}

}  // namespace
}  // namespace xrayd::local
