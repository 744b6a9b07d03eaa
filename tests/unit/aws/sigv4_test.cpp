// The values here come from botocore; tests/conformance compares thousands more with it.
#include "aws/sigv4.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace xrayd::aws {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr std::string_view secret_text = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

Credentials example_credentials() {
  return {"AKIDEXAMPLE", Secret(secret_text), {}};
}

// 2015-08-30 12:36:00
constexpr sys_seconds example_time{seconds(1440938160)};

std::string value_of(const std::vector<SignatureHeader>& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [name](const auto& header) { return header.name == name; });
  return found == headers.end() ? "absent" : found->value;
}

std::string signed_headers(const std::vector<SignatureHeader>& headers) {
  const std::string text = value_of(headers, "Authorization");
  const std::size_t begin = text.find("SignedHeaders=") + 14;
  return text.substr(begin, text.find(',', begin) - begin);
}

TEST(Sha256, pieces_make_the_digest_of_the_whole) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 sum;
  for (const char* piece : {"a", "", "bc"}) sum.update(piece);
  EXPECT_EQ(sum.hex(), sha256_hex("abc"));
}

TEST(Sigv4, the_plainest_request_has_the_signature_that_botocore_gives_it) {
  const std::string body = sha256_hex("");
  const RequestToSign request{
      .method = "GET", .host = "example.amazonaws.com", .body_sha256 = body};
  const auto headers = sign(request, example_credentials(), {"us-east-1", "service"}, example_time);
  ASSERT_EQ(headers.size(), 2U);
  EXPECT_EQ(value_of(headers, "X-Amz-Date"), "20150830T123600Z");
  EXPECT_EQ(value_of(headers, "Authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(Sigv4, a_token_is_signed_and_sent) {
  const std::string body = sha256_hex("{}");
  const RequestToSign request{
      .host = "xray.us-east-1.amazonaws.com", .path = "/TraceSegments", .body_sha256 = body};
  Credentials credentials = example_credentials();
  const auto without = sign(request, credentials, {"us-east-1", "xray"}, example_time);
  EXPECT_EQ(value_of(without, "X-Amz-Security-Token"), "absent");
  credentials.session_token = Secret("a/token==");
  const auto with = sign(request, credentials, {"us-east-1", "xray"}, example_time);
  EXPECT_EQ(value_of(with, "X-Amz-Security-Token"), "a/token==");
  EXPECT_EQ(signed_headers(with), "host;x-amz-date;x-amz-security-token");
}

TEST(Sigv4, a_signature_that_the_request_has_already_does_not_count) {
  const std::string body = sha256_hex("");
  RequestToSign request{.host = "h", .body_sha256 = body};
  const auto plain = sign(request, example_credentials(), {"r", "xray"}, example_time);
  const std::vector<HeaderView> old = {{"authorization", "AWS4-HMAC-SHA256 Credential=other"},
                                       {"X-AMZ-DATE", "20010101T000000Z"},
                                       {"X-Amz-Security-Token", "old"},
                                       {"X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"},
                                       {"Host", "elsewhere"}};
  request.headers = old;
  const auto again = sign(request, example_credentials(), {"r", "xray"}, example_time);
  EXPECT_EQ(value_of(again, "Authorization"), value_of(plain, "Authorization"));
  for (const HeaderView& header : old) {
    EXPECT_EQ(is_signature_header(header.name), header.name != "Host") << header.name;
  }
}

TEST(Sigv4, what_changes_on_the_way_is_not_signed) {
  const std::string body = sha256_hex("");
  const std::vector<HeaderView> headers = {
      {"X-Forwarded-For", "10.0.0.1"},  {"Connection", "keep-alive"},
      {"Transfer-Encoding", "chunked"}, {"User-Agent", "x"},
      {"X-Amzn-Trace-Id", "Root=1"},    {"Content-Type", "application/json"},
      {"Accept-Encoding", "gzip"}};
  const RequestToSign request{.host = "h", .headers = headers, .body_sha256 = body};
  const auto result = sign(request, example_credentials(), {"r", "xray"}, example_time);
  EXPECT_EQ(signed_headers(result), "accept-encoding;content-type;host;x-amz-date");
}

TEST(Sigv4, every_part_of_the_request_changes_the_signature) {
  const std::string body = sha256_hex("");
  const std::string other_body = sha256_hex("x");
  const std::vector<HeaderView> header = {{"a", "b"}};
  const RequestToSign request{.host = "h", .path = "/p", .query = "q=1", .body_sha256 = body};
  std::vector<std::string> signatures;
  const auto add = [&](const RequestToSign& each, const Credentials& credentials,
                       const SigningScope& scope, sys_seconds time) {
    const auto text = value_of(sign(each, credentials, scope, time), "Authorization");
    signatures.push_back(text.substr(text.find("Signature=")));
  };
  const Credentials keys = example_credentials();
  add(request, keys, {"r", "s"}, example_time);
  RequestToSign changed = request;
  changed.method = "PUT";
  add(changed, keys, {"r", "s"}, example_time);
  changed = request;
  changed.host = "i";
  add(changed, keys, {"r", "s"}, example_time);
  changed = request;
  changed.path = "/P";
  add(changed, keys, {"r", "s"}, example_time);
  changed = request;
  changed.query = "q=2";
  add(changed, keys, {"r", "s"}, example_time);
  changed = request;
  changed.headers = header;
  add(changed, keys, {"r", "s"}, example_time);
  changed = request;
  changed.body_sha256 = other_body;
  add(changed, keys, {"r", "s"}, example_time);
  add(request, keys, {"q", "s"}, example_time);
  add(request, keys, {"r", "t"}, example_time);
  add(request, keys, {"r", "s"}, example_time + seconds(1));
  Credentials other = keys;
  other.secret_access_key = Secret("other");
  add(request, other, {"r", "s"}, example_time);
  std::sort(signatures.begin(), signatures.end());
  EXPECT_EQ(std::unique(signatures.begin(), signatures.end()), signatures.end());
}

TEST(Sigv4, the_secret_is_in_none_of_the_headers) {
  const std::string body = sha256_hex("");
  const auto headers = sign({.host = "h", .body_sha256 = body}, example_credentials(),
                            {"us-east-1", "xray"}, example_time);
  for (const auto& [name, value] : headers) {
    EXPECT_EQ(value.find(secret_text.substr(0, 8)), value.npos) << name;
  }
}

}  // namespace
}  // namespace xrayd::aws
