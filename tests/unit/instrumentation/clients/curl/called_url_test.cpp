#include "clients/curl/called_url.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

using xray::clients::curl::called_url;
using xray::clients::curl::is_http;

namespace {

std::string told(std::string_view url) {
  const auto parts = called_url(url);
  return std::string(parts.scheme) + "|" + std::string(parts.host) + "|" + std::string(parts.name) +
         "|" + std::string(parts.path);
}

bool recorded(std::string_view url, std::string_view default_protocol = {}) {
  return is_http(called_url(url), default_protocol);
}

}  // namespace

TEST(CalledUrl, has_its_parts_without_what_is_private) {
  EXPECT_EQ(told("http://example.org/path?token=secret#part"),
            "http|example.org|example.org|/path");
  EXPECT_EQ(told("https://ann:secret@example.org:8443/a/b"),
            "https|example.org:8443|example.org|/a/b");
  EXPECT_EQ(told("http://[::1]:80/x"), "http|[::1]:80|::1|/x");
  EXPECT_EQ(told("http://example.org"), "http|example.org|example.org|/");
  EXPECT_EQ(told("http://example.org?q=secret"), "http|example.org|example.org|/");
}

TEST(CalledUrl, is_read_as_libcurl_reads_it) {
  EXPECT_EQ(told("example.org/path?x"), "|example.org|example.org|/path");
  EXPECT_EQ(told("localhost:8080/x"), "|localhost:8080|localhost|/x");
  EXPECT_EQ(told("ann:secret@example.org/x"), "|example.org|example.org|/x");
  EXPECT_EQ(told("http:/ann:secret@example.org/x"), "http|example.org|example.org|/x");
  EXPECT_EQ(told("http:///example.org/x"), "http|example.org|example.org|/x");
  EXPECT_EQ(told("example.org/x?u=http://ann:secret@other/"), "|example.org|example.org|/x");
}

TEST(CalledUrl, that_libcurl_would_not_call_tells_nothing) {
  EXPECT_EQ(told("http://ann:se/cret@example.org/"), "|||");
  EXPECT_EQ(told("http://ann:se?cret@example.org/"), "|||");
  EXPECT_EQ(told("http://"), "|||");
  EXPECT_EQ(told(""), "|||");
}

TEST(CalledUrl, by_other_protocols_is_not_recorded) {
  EXPECT_TRUE(recorded("HTTP://example.org/"));
  EXPECT_TRUE(recorded("https://example.org/"));
  EXPECT_TRUE(recorded("example.org"));
  EXPECT_TRUE(recorded("example.org", "https"));
  EXPECT_FALSE(recorded("example.org", "ftp"));
  EXPECT_FALSE(recorded("ftp.example.org"));
  EXPECT_FALSE(recorded("file:///etc/passwd"));
  EXPECT_FALSE(recorded("ftp://example.org/"));
  EXPECT_FALSE(recorded("ws://example.org/"));
  EXPECT_FALSE(recorded(""));
}
