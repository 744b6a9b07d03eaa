#include "sql/url.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

/// All but userinfo and query.
std::string clean(std::string_view url) {
  const auto parts = xray::sql::url_parts(url);
  std::string text;
  if (!parts.scheme.empty()) text.append(parts.scheme).append("://");
  text.append(parts.host);
  if (!parts.port.empty()) text.append(":").append(parts.port);
  return text.append(parts.path);
}

}  // namespace

TEST(UrlParts, scheme_host_port_and_path_stay) {
  for (const char* url :
       {"http://example.com", "https://example.com/", "http://example.com:8080/a/b.html",
        "http://[2001:db8::1]:80/x", "http://127.0.0.1/a%20b", "example.com/path",
        "http://example.com/@scope/package", "http://example.com/a:b@c", "http://example.com/日本",
        "unix:80/x", ""}) {
    EXPECT_EQ(clean(url), url);
  }
}

TEST(UrlParts, query_and_fragment_go) {
  EXPECT_EQ(clean("http://h/p?token=secret"), "http://h/p");
  EXPECT_EQ(clean("http://h/p?"), "http://h/p");
  EXPECT_EQ(clean("http://h?token=secret"), "http://h");
  EXPECT_EQ(clean("http://h/p#secret"), "http://h/p");
  EXPECT_EQ(clean("http://h/p#a?secret"), "http://h/p");
  EXPECT_EQ(clean("http://h#secret"), "http://h");
  EXPECT_EQ(clean("h/p?a=http://u:secret@h2/"), "h/p");
}

TEST(UrlParts, user_and_password_go) {
  EXPECT_EQ(clean("http://user@h/p"), "http://h/p");
  EXPECT_EQ(clean("http://user:secret@h:81/p"), "http://h:81/p");
  EXPECT_EQ(clean("user:secret@h/p"), "h/p");
  EXPECT_EQ(clean("//user:secret@h/p"), "h/p");
  EXPECT_EQ(clean("http://user:sec@ret@h/p"), "http://h/p");
  EXPECT_EQ(clean("http://:secret@[::1]:81/p"), "http://[::1]:81/p");
  EXPECT_EQ(clean("http://user:secret@"), "http://");
  EXPECT_EQ(clean("HTTP://u:p@h"), "HTTP://h");
}

TEST(UrlParts, a_password_that_breaks_the_url_is_not_shown) {
  for (const char* url :
       {"http://user:sec/ret@h/p", "http://user:sec?ret@h/p", "http://user:sec#ret@h/p",
        "user:sec\\ret@h", "http://u:12345678@", "http://user:sec/ret", "http://[::1]sec/ret"}) {
    const std::string shown = clean(url);
    EXPECT_EQ(shown.find("sec"), std::string::npos) << url << " as " << shown;
    EXPECT_EQ(shown.find("ret"), std::string::npos) << url << " as " << shown;
    EXPECT_EQ(shown.find("123"), std::string::npos) << url << " as " << shown;
  }
  EXPECT_EQ(clean("http://user:12?34@h"), "http://user");
}

TEST(UrlParts, any_text_is_allowed) {
  for (const char* url : {":", "://", "//", "@", "?", "#", "[", "[]", "http://", "http://[", ":@:@",
                          "http://:", "a://b://c", "\xff\xfe", ":,", "h:1,2", "[]:,"}) {
    EXPECT_LE(clean(url).size(), std::string_view(url).size()) << url;
  }
}

TEST(UrlParts, each_is_found) {
  const auto parts = xray::sql::url_parts("pg+ssl://me:pw@db.example:5432/shop/x?a=b&c=d#end");
  EXPECT_EQ(parts.scheme, "pg+ssl");
  EXPECT_EQ(parts.userinfo, "me:pw");
  EXPECT_EQ(parts.host, "db.example");
  EXPECT_EQ(parts.port, "5432");
  EXPECT_EQ(parts.path, "/shop/x");
  EXPECT_EQ(parts.query, "a=b&c=d");
}
