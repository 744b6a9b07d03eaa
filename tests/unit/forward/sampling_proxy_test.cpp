#include "forward/sampling_proxy.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "fake_service.hpp"

namespace xrayd::forward {
namespace {

using namespace std::chrono_literals;

PassedRequest sampling_request(std::string body = "{}") {
  PassedRequest request;
  request.method = "POST";
  request.path = "/GetSamplingRules";
  request.headers = {{"Host", "xray-service.default:2000"},
                     {"Content-Type", "application/json"},
                     {"X-Amz-Date", "19700101T000000Z"},
                     {"X-Forwarded-For", "10.0.0.1"},
                     {"User-Agent", "an SDK"}};
  request.body = std::move(body);
  return request;
}

struct Proxied {
  explicit Proxied(FakeService::Handler handler, ProxySettings settings = {})
      : service(std::move(handler)), proxy(settings, service.clients()) {}
  void start() { proxy.start(test_endpoint(), credentials); }
  [[nodiscard]] std::int64_t count(const std::string& status) const {
    CounterRows rows;
    proxy.report(rows);
    return row_sum(rows, "xrayd_proxy_requests_total", "status=\"" + status + "\"");
  }

  FakeService service;
  FakeCredentials credentials;
  SamplingProxy proxy;
};

TEST(SamplingProxy, passes_on_the_two_sampling_calls_and_nothing_else) {
  const Proxied proxied([](const SeenRequest&) { return answer(200); });
  EXPECT_TRUE(proxied.proxy.passes("POST", "/GetSamplingRules"));
  EXPECT_TRUE(proxied.proxy.passes("POST", "/SamplingTargets"));
  EXPECT_FALSE(proxied.proxy.passes("GET", "/GetSamplingRules"));
  EXPECT_FALSE(proxied.proxy.passes("POST", "/TraceSegments"));
  EXPECT_FALSE(proxied.proxy.passes("POST", "/GetSamplingRules/"));
  EXPECT_FALSE(proxied.proxy.passes("POST", "/"));
}

TEST(SamplingProxy, passes_on_everything_but_the_daemons_own_paths_where_it_is_open) {
  ProxySettings settings;
  settings.open = true;
  const Proxied proxied([](const SeenRequest&) { return answer(200); }, settings);
  EXPECT_TRUE(proxied.proxy.passes("DELETE", "/a"));
  EXPECT_TRUE(proxied.proxy.passes("POST", "/TraceSummaries"));
  for (const char* path : {"/healthz", "/readyz", "/metrics"}) {
    EXPECT_FALSE(proxied.proxy.passes("GET", path)) << path;
  }
}

TEST(SamplingProxy, a_request_arrives_signed_and_otherwise_as_it_was) {
  Proxied proxied([](const SeenRequest&) { return answer(200, "{}"); });
  proxied.start();
  PassedRequest request = sampling_request("{\"a\":1}");
  request.query = "x=1";
  EXPECT_EQ(proxied.proxy.pass(request).status, 200);
  const auto seen = proxied.service.seen("/GetSamplingRules?x=1");
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].body, "{\"a\":1}");
  EXPECT_EQ(seen[0].header("Host"), "");
  EXPECT_EQ(seen[0].header("Content-Type"), "application/json");
  EXPECT_EQ(seen[0].header("X-Forwarded-For"), "10.0.0.1");
  EXPECT_EQ(seen[0].header("User-Agent"), "an SDK");
  EXPECT_NE(seen[0].header("X-Amz-Date"), "19700101T000000Z");
  EXPECT_NE(seen[0].header("Authorization").find("SignedHeaders=content-type;host;x-amz-date,"),
            std::string::npos)
      << seen[0].header("Authorization");
}

TEST(SamplingProxy, an_answer_arrives_as_it_was_bad_ones_too) {
  Proxied proxied([](const SeenRequest&) {
    return answer(418, "\x01 body", {{"X-One", "1"}, {"Connection", "close"}, {"x-one", "2"}});
  });
  proxied.start();
  const net::HttpResponse response = proxied.proxy.pass(sampling_request());
  EXPECT_EQ(response.status, 418);
  EXPECT_EQ(response.body, "\x01 body");
  ASSERT_EQ(response.headers.size(), 2U);
  EXPECT_EQ(response.headers[0].name, "X-One");
  EXPECT_EQ(response.headers[1].name, "x-one");
  EXPECT_EQ(proxied.count("4xx"), 1);
}

TEST(SamplingProxy, without_an_answer_there_is_an_empty_502) {
  Proxied proxied([](const SeenRequest&) { return no_answer(aws::RequestEnd::refused); });
  EXPECT_EQ(proxied.proxy.pass(sampling_request()).status, 502) << "before the start";
  proxied.start();
  const net::HttpResponse response = proxied.proxy.pass(sampling_request());
  EXPECT_EQ(response.status, 502);
  EXPECT_TRUE(response.body.empty());
  EXPECT_TRUE(response.headers.empty());
  EXPECT_EQ(proxied.count("none"), 2);
}

TEST(SamplingProxy, nothing_leaves_unsigned) {
  Proxied proxied([](const SeenRequest&) { return answer(200); });
  FakeCredentials none(nullptr);
  proxied.proxy.start(test_endpoint(), none);
  EXPECT_EQ(proxied.proxy.pass(sampling_request()).status, 502);
  EXPECT_TRUE(proxied.service.seen("/GetSamplingRules").empty());
}

TEST(SamplingProxy, expired_credentials_are_replaced_once) {
  Proxied proxied([](const SeenRequest& request) {
    return request.header("Authorization").find("AKIDNEW") == std::string::npos
               ? answer(400, R"({"__type":"ExpiredTokenException"})")
               : answer(200);
  });
  proxied.credentials.replace_refused_by("AKIDNEW");
  proxied.start();
  EXPECT_EQ(proxied.proxy.pass(sampling_request()).status, 200);
  EXPECT_EQ(proxied.service.seen("/GetSamplingRules").size(), 2U);
  EXPECT_EQ(proxied.credentials.refusals(), 1);
}

TEST(SamplingProxy, a_wrong_clock_is_corrected_and_a_refusal_for_another_reason_passes) {
  std::atomic<bool> date{true};
  Proxied proxied([&date](const SeenRequest& request) {
    if (request.header("X-Amz-Date").starts_with("20300101T0000") && date) return answer(200);
    std::vector<net::Header> headers;
    if (date) headers.push_back({"Date", "Tue, 01 Jan 2030 00:00:00 GMT"});
    return answer(403, R"({"__type":"InvalidSignatureException"})", headers);
  });
  proxied.start();
  EXPECT_EQ(proxied.proxy.pass(sampling_request()).status, 200);
  date = false;
  EXPECT_EQ(proxied.proxy.pass(sampling_request()).status, 403);
  EXPECT_EQ(proxied.service.seen("/GetSamplingRules").size(), 3U);
}

TEST(SamplingProxy, paths_that_would_break_the_request_line_are_refused) {
  Proxied proxied([](const SeenRequest&) { return answer(200); });
  proxied.start();
  for (const char* path : {"", "a", "/a b", "/a\r\nX: y"}) {
    PassedRequest request = sampling_request();
    request.path = path;
    EXPECT_EQ(proxied.proxy.pass(request).status, 400) << path;
  }
}

TEST(SamplingProxy, many_callers_share_eight_connections_and_all_get_their_own_answer) {
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  Proxied proxied([&](const SeenRequest& request) {
    const int mine = ++now;
    int seen = most.load();
    while (mine > seen && !most.compare_exchange_weak(seen, mine)) {
    }
    std::this_thread::yield();
    --now;
    return answer(200, request.body);
  });
  proxied.start();
  std::atomic<int> right{0};
  std::vector<std::thread> callers;
  callers.reserve(12);
  for (int thread = 0; thread < 12; ++thread) {
    callers.emplace_back([&, thread] {
      for (int i = 0; i < 20; ++i) {
        const std::string body = std::to_string(thread) + "/" + std::to_string(i);
        if (proxied.proxy.pass(sampling_request(body)).body == body) ++right;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(right.load(), 240);
  EXPECT_LE(most.load(), 8);
}

TEST(SamplingProxy, stop_ends_what_is_in_progress) {
  Proxied proxied([](const SeenRequest&) { return FakeService::hang(); });
  proxied.start();
  std::thread caller([&proxied] { EXPECT_EQ(proxied.proxy.pass(sampling_request()).status, 502); });
  ASSERT_TRUE(proxied.service.await(1, "/GetSamplingRules"));
  proxied.proxy.stop();
  caller.join();
  EXPECT_EQ(proxied.proxy.pass(sampling_request()).status, 502);
  EXPECT_EQ(proxied.service.seen("/GetSamplingRules").size(), 1U);
}

TEST(SamplingProxy, stop_does_not_wait_for_credentials) {
  Proxied proxied(
      [](const SeenRequest&) { return answer(400, R"({"__type":"ExpiredTokenException"})"); });
  proxied.start();
  std::thread caller([&proxied] { EXPECT_EQ(proxied.proxy.pass(sampling_request()).status, 400); });
  ASSERT_TRUE(proxied.service.await(1, "/GetSamplingRules"));
  const auto stopped = std::chrono::steady_clock::now();
  proxied.proxy.stop();
  caller.join();
  EXPECT_LT(std::chrono::steady_clock::now() - stopped, 3s);
}

}  // namespace
}  // namespace xrayd::forward
