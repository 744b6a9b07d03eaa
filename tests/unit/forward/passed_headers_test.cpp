#include "forward/passed_headers.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace xrayd::forward {
namespace {

std::string in_words(const std::vector<aws::HeaderView>& headers) {
  std::string text;
  for (const aws::HeaderView& header : headers) {
    text += std::string(header.name) + "=" + std::string(header.value) + ";";
  }
  return text;
}

TEST(PassedHeaders, a_clients_headers_pass_in_their_order) {
  const std::vector<net::Header> headers = {{"Content-Type", "application/json"},
                                            {"X-Two", "b"},
                                            {"x-two", "a"},
                                            {"Accept-Encoding", "gzip"},
                                            {"X-Forwarded-For", "10.0.0.1"}};
  EXPECT_EQ(in_words(request_headers_to_pass(headers)),
            "Content-Type=application/json;X-Two=b;x-two=a;Accept-Encoding=gzip;"
            "X-Forwarded-For=10.0.0.1;");
}

TEST(PassedHeaders, what_is_about_the_connection_stays_here) {
  const std::vector<net::Header> headers = {
      {"Host", "evil.example"}, {"Connection", "close, X-Hop ,"},
      {"X-Hop", "1"},           {"Keep-Alive", "1"},
      {"TE", "trailers"},       {"Transfer-Encoding", "chunked"},
      {"Upgrade", "h2c"},       {"Proxy-Authorization", "Basic x"},
      {"Content-Length", "3"},  {"Expect", "100-continue"},
      {"X-Stays", "1"}};
  EXPECT_EQ(in_words(request_headers_to_pass(headers)), "X-Stays=1;");
}

TEST(PassedHeaders, an_old_signature_goes) {
  const std::vector<net::Header> headers = {{"authorization", "AWS4-HMAC-SHA256 x"},
                                            {"X-AMZ-Date", "20260101T000000Z"},
                                            {"X-Amz-Security-Token", "t"},
                                            {"X-Amz-Content-Sha256", "0"},
                                            {"X-Amz-Target", "kept"}};
  EXPECT_EQ(in_words(request_headers_to_pass(headers)), "X-Amz-Target=kept;");
}

TEST(PassedHeaders, cookies_stay_here_for_the_consoles_token_is_in_one) {
  EXPECT_EQ(in_words(request_headers_to_pass({{"cookie", "xrayd_token=t"}, {"X-Stays", "1"}})),
            "X-Stays=1;");
}

TEST(PassedHeaders, an_answers_headers_pass_but_for_those_about_the_connection) {
  std::vector<net::Header> headers = {{"Content-Type", "application/json"},
                                      {"Connection", "keep-alive"},
                                      {"Content-Length", "10"},
                                      {"Transfer-Encoding", "chunked"},
                                      {"x-amzn-RequestId", "r"},
                                      {"Set-Cookie", "a"},
                                      {"Set-Cookie", "b"}};
  keep_response_headers_to_pass(headers);
  ASSERT_EQ(headers.size(), 4U);
  EXPECT_EQ(headers[0].name, "Content-Type");
  EXPECT_EQ(headers[1].value, "r");
  EXPECT_EQ(headers[2].value, "a");
  EXPECT_EQ(headers[3].value, "b");
}

}  // namespace
}  // namespace xrayd::forward
