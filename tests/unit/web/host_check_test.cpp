#include "web/host_check.hpp"

#include <gtest/gtest.h>

#include "fake_backend.hpp"

namespace xrayd::web {
namespace {

const std::string token = "correct-horse";

Request get(std::string path, std::string host, std::string origin = "") {
  Request request;
  request.method = "GET";
  request.path = std::move(path);
  request.host = std::move(host);
  request.origin = std::move(origin);
  return request;
}

int status(const HostCheck& check, const Request& request) {
  const auto refusal = check.check(request);
  return refusal ? refusal->status : 200;
}

TEST(LoopbackListener, loopback_names_with_any_port_may_pass) {
  const HostCheck check({true, {}, ""});
  for (const char* host : {"127.0.0.1:2000", "127.0.0.1", "127.1.2.3:1", "localhost:8080",
                           "LocalHost", "[::1]:2000", "[::1]", ""}) {
    EXPECT_EQ(status(check, get("/", host)), 200) << host;
  }
}

TEST(LoopbackListener, a_foreign_host_is_refused_on_every_path) {
  const HostCheck check({true, {}, ""});
  for (const char* host :
       {"evil.example", "evil.example:2000", "127.0.0.1.evil.example", "localhost.evil.example",
        "[::2]", "[", "192.168.1.1", "127.evil", "[::1].evil.example", "[::1]evil",
        "[::1]:1.evil.example", "[localhost]", "[127.0.0.1]", "::1", "127.0.0.1:2000.evil.example",
        "localhost:evil", ":2000"}) {
    EXPECT_EQ(status(check, get("/", host)), 403) << host;
    EXPECT_EQ(status(check, get("/healthz", host)), 403) << host;
  }
}

TEST(LoopbackListener, an_origin_other_than_the_host_itself_is_refused) {
  const HostCheck check({true, {}, ""});
  EXPECT_EQ(status(check, get("/", "127.0.0.1:2000", "http://127.0.0.1:2000")), 200);
  EXPECT_EQ(status(check, get("/", "localhost:2000", "http://localhost:2000")), 200);
  for (const char* origin :
       {"http://evil.example", "http://127.0.0.1:3000", "http://127.0.0.1", "http://localhost:2000",
        "null", "127.0.0.1:2000", "file://", "http://127.0.0.1:2000.evil.example"}) {
    EXPECT_EQ(status(check, get("/", "127.0.0.1:2000", origin)), 403) << origin;
  }
}

TEST(LoopbackListener, allowed_hosts_are_added_for_host_and_origin) {
  const HostCheck check({true, {"xray.internal"}, ""});
  EXPECT_EQ(status(check, get("/", "xray.internal:2000")), 200);
  EXPECT_EQ(status(check, get("/", "XRAY.internal")), 200);
  EXPECT_EQ(status(check, get("/", "127.0.0.1:2000", "https://xray.internal")), 200);
  EXPECT_EQ(status(check, get("/", "other.internal")), 403);
  EXPECT_EQ(status(check, get("/", "127.0.0.1:2000", "https://other.internal")), 403);
}

TEST(LoopbackListener, an_allowed_ipv6_address_is_known_in_brackets) {
  const HostCheck check({true, {"[fd00::1]"}, ""});
  EXPECT_EQ(status(check, get("/", "[fd00::1]:2000")), 200);
  EXPECT_EQ(status(check, get("/", "[FD00::1]")), 200);
  EXPECT_EQ(status(check, get("/", "127.0.0.1:2000", "http://[fd00::1]:2000")), 200);
  for (const char* host : {"[fd00::2]", "fd00::1", "[fd00::1].evil.example", "["}) {
    EXPECT_EQ(status(check, get("/", host)), 403) << host;
  }
}

TEST(LoopbackListener, a_token_that_was_set_is_asked_for) {
  const HostCheck check({true, {}, token});
  EXPECT_EQ(status(check, get("/", "127.0.0.1")), 401);
  EXPECT_EQ(status(check, get("/healthz", "127.0.0.1")), 200);
}

TEST(OpenListener, any_host_may_ask_for_sampling_and_health_but_no_foreign_origin) {
  const HostCheck check({false, {}, ""});
  for (const char* path :
       {"/GetSamplingRules", "/SamplingTargets", "/healthz", "/readyz", "/metrics"}) {
    EXPECT_EQ(status(check, get(path, "xray-service.default:2000")), 200) << path;
    EXPECT_EQ(status(check, get(path, "xray-service.default:2000", "http://evil.example")), 403);
  }
}

TEST(OpenListener, changing_rules_and_reading_statistics_need_the_token) {
  const HostCheck check({false, {}, token});
  for (const char* path : {"/CreateSamplingRule", "/UpdateSamplingRule", "/DeleteSamplingRule",
                           "/SamplingStatisticSummaries"}) {
    Request request = get(path, "10.0.0.1:2000");
    EXPECT_EQ(status(check, request), 401) << path;
    request.authorization = "Bearer " + token;
    EXPECT_EQ(status(check, request), 200) << path;
  }
}

TEST(OpenListener, without_a_token_console_and_traces_stay_closed) {
  const HostCheck check({false, {}, ""});
  Request request = get("/TraceSummaries", "10.0.0.1:2000");
  EXPECT_EQ(status(check, request), 401);
  request.authorization = "Bearer ";
  request.cookie = "xrayd_token=";
  EXPECT_EQ(status(check, request), 401);
  Request console = get("/", "10.0.0.1:2000");
  console.query = "token=";
  EXPECT_EQ(status(check, console), 401);
}

TEST(OpenListener, that_passes_everything_on_asks_for_a_token_only_if_one_was_set) {
  const HostCheck open({false, {}, "", true});
  EXPECT_EQ(status(open, get("/TraceSummaries", "xray-service.default:2000")), 200);
  EXPECT_EQ(status(open, get("/TraceSummaries", "10.0.0.1:2000", "http://evil.example")), 403);
  const HostCheck guarded({false, {}, token, true});
  EXPECT_EQ(status(guarded, get("/TraceSummaries", "xray-service.default:2000")), 401);
}

TEST(OpenListener, the_token_opens_as_bearer_and_as_cookie) {
  const HostCheck check({false, {}, token});
  Request request = get("/TraceSummaries", "10.0.0.1:2000");
  EXPECT_EQ(status(check, request), 401);
  request.authorization = "Bearer " + token;
  EXPECT_EQ(status(check, request), 200);
  request.authorization = "Bearer " + token + "x";
  EXPECT_EQ(status(check, request), 401);
  request.authorization = "AWS4-HMAC-SHA256 Credential=x";
  EXPECT_EQ(status(check, request), 401);
  request.cookie = "a=b; xrayd_token=" + token;
  EXPECT_EQ(status(check, request), 200);
  request.cookie = "xrayd_token=wrong-horses; not_xrayd_token=" + token;
  EXPECT_EQ(status(check, request), 401);
}

TEST(OpenListener, the_token_opens_as_the_access_key_id_of_a_signature) {
  const HostCheck check({false, {}, token});
  Request request = get("/TraceSummaries", "10.0.0.1:2000");
  const std::string rest = "/20261122/us-east-1/xray/aws4_request, SignedHeaders=host, Signature=0";
  request.authorization = "AWS4-HMAC-SHA256 Credential=" + token + rest;
  EXPECT_EQ(status(check, request), 200);
  for (const std::string& authorization :
       {"AWS4-HMAC-SHA256 Credential=wrong-horses" + rest, "AWS4-HMAC-SHA256 Credential=" + token,
        "AWS4-HMAC-SHA256 Credential=" + rest, "AWS4-HMAC-SHA256 NotCredential=" + token + rest,
        "AWS4-HMAC-SHA256Credential=" + token + rest}) {
    request.authorization = authorization;
    EXPECT_EQ(status(check, request), 401) << authorization;
  }
}

TEST(OpenListener, a_client_of_aws_is_told_what_is_wrong_in_its_own_words) {
  const HostCheck check({false, {}, token});
  Request request = get("/TraceSummaries", "10.0.0.1:2000");
  request.authorization = "AWS4-HMAC-SHA256 Credential=AKID/20261122/us-east-1/xray/aws4_request";
  const auto response = check.check(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 401);
  EXPECT_EQ(header_of(*response, "x-amzn-errortype"), "UnrecognizedClientException");
  EXPECT_EQ(response->content_type, "application/json");
}

TEST(OpenListener, no_refusal_has_the_token_in_it) {
  const HostCheck check({false, {}, token});
  for (const char* query : {"", "token=wrong-horses"}) {
    Request request = get("/", "10.0.0.1:2000");
    request.query = query;
    const auto response = check.check(request);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body.find(token), std::string::npos);
    for (const auto& [name, value] : response->headers) {
      EXPECT_EQ(value.find(token), std::string::npos) << name;
    }
  }
}

TEST(OpenListener, the_token_does_not_stay_in_the_address_of_who_has_the_cookie_already) {
  const HostCheck check({false, {}, token});
  Request request = get("/", "10.0.0.1:2000");
  request.cookie = "xrayd_token=" + token;
  request.query = "token=" + token;
  const auto response = check.check(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 303);
  EXPECT_EQ(header_of(*response, "Referrer-Policy"), "no-referrer");
  EXPECT_EQ(header_of(*response, "Cache-Control"), "no-store");
}

TEST(OpenListener, the_token_in_the_consoles_address_becomes_a_cookie) {
  const HostCheck check({false, {}, token});
  Request request = get("/", "10.0.0.1:2000");
  request.query = "a=b&token=" + token;
  const auto response = check.check(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 303);
  EXPECT_EQ(header_of(*response, "Location"), "/");
  EXPECT_EQ(header_of(*response, "Set-Cookie"),
            "xrayd_token=" + token + "; Path=/; HttpOnly; SameSite=Strict");

  request.query = "token=wrong-horses";
  EXPECT_EQ(status(check, request), 401);
  request.query = "token=" + token;
  request.path = "/TraceSummaries";
  EXPECT_EQ(status(check, request), 401);
}

}  // namespace
}  // namespace xrayd::web
