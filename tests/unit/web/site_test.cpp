#include "web/site.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_backend.hpp"

namespace xrayd::web {
namespace {

class SiteTest : public testing::Test {
 protected:
  [[nodiscard]] Response ask(std::string method, std::string path, std::string body = "") const {
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.host = "127.0.0.1:2000";
    request.body = std::move(body);
    return site_.handle(request);
  }

  FakeBackend backend_;
  Site site_{{{},
              {},
              [](CounterRows& rows) {
                rows.push_back({"xrayd_x", "X.", "", 7, true});
              },
              [this] { return backend_.trouble(); }},
             &backend_};
};

TEST_F(SiteTest, an_operation_reaches_the_backend_with_its_body) {
  backend_.answer.body = R"({"TraceSummaries":[]})";
  const Response response = ask("POST", "/TraceSummaries", R"({"StartTime":1})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, backend_.answer.body);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(header_of(response, "x-amzn-errortype"), "(none)");
  EXPECT_THAT(backend_.calls(),
              testing::ElementsAre(testing::Pair("/TraceSummaries", R"({"StartTime":1})")));
}

TEST_F(SiteTest, each_answer_has_a_request_id_of_its_own) {
  const std::string first = header_of(ask("POST", "/TraceSummaries"), "x-amzn-RequestId");
  const std::string second = header_of(ask("POST", "/TraceSummaries"), "x-amzn-RequestId");
  EXPECT_THAT(first,
              testing::MatchesRegex("[0-9a-f]+-[0-9a-f]+-4[0-9a-f]+-[89ab][0-9a-f]+-[0-9a-f]+"));
  EXPECT_EQ(first.size(), 36U);
  EXPECT_NE(first, second);
}

TEST_F(SiteTest, an_error_of_the_backend_keeps_status_type_and_body) {
  backend_.answer = {400, "InvalidRequestException", R"({"Message":"no"})"};
  const Response response = ask("POST", "/TraceSummaries");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(header_of(response, "x-amzn-errortype"), "InvalidRequestException");
  EXPECT_EQ(response.body, R"({"Message":"no"})");
}

TEST_F(SiteTest, posting_to_an_unknown_path_is_an_unknown_operation) {
  const Response response = ask("POST", "/Nonsense");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(header_of(response, "x-amzn-errortype"), "UnknownOperationException");
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_THAT(backend_.calls(), testing::IsEmpty());
}

TEST_F(SiteTest, other_methods_get_405_on_known_paths_and_404_elsewhere) {
  EXPECT_EQ(header_of(ask("GET", "/TraceSummaries"), "Allow"), "POST");
  EXPECT_EQ(header_of(ask("POST", "/healthz"), "Allow"), "GET, HEAD");
  EXPECT_EQ(ask("GET", "/nonsense").status, 404);
  EXPECT_EQ(ask("DELETE", "/").status, 405);
}

TEST_F(SiteTest, health_readiness_and_metrics_answer) {
  EXPECT_EQ(ask("GET", "/healthz").body, "ok\n");
  EXPECT_EQ(ask("GET", "/readyz").status, 200);
  EXPECT_THAT(ask("GET", "/metrics").body, testing::HasSubstr("xrayd_x 7\n"));
}

TEST_F(SiteTest, a_store_in_trouble_is_alive_but_not_ready_and_says_why) {
  backend_.trouble_text = "the disk is full";
  EXPECT_EQ(ask("GET", "/healthz").status, 200);
  const Response response = ask("GET", "/readyz");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, testing::HasSubstr("the disk is full"));
}

TEST_F(SiteTest, every_answer_forbids_type_guessing) {
  for (const char* path : {"/", "/healthz", "/nonsense"}) {
    EXPECT_EQ(header_of(ask("GET", path), "X-Content-Type-Options"), "nosniff") << path;
  }
}

TEST_F(SiteTest, every_answer_is_for_pages_of_the_same_origin_alone) {
  for (const char* path : {"/", "/healthz", "/nonsense"}) {
    EXPECT_EQ(header_of(ask("GET", path), "Cross-Origin-Resource-Policy"), "same-origin") << path;
  }
}

TEST_F(SiteTest, clearing_is_a_post_and_answers_what_was_removed) {
  backend_.answer.body = R"({"Traces":3,"Bytes":4})";
  EXPECT_EQ(ask("GET", "/console/api/v1/clear").status, 405);
  EXPECT_EQ(backend_.clears(), 0);
  const Response response = ask("POST", "/console/api/v1/clear");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, backend_.answer.body);
  EXPECT_EQ(backend_.clears(), 1);
  backend_.answer = {500, "InternalFailure", R"({"Message":"no"})"};
  EXPECT_EQ(ask("POST", "/console/api/v1/clear").status, 500);
}

TEST_F(SiteTest, a_page_from_elsewhere_can_not_clear) {
  for (const char* origin : {"http://evil.example", "null", "http://127.0.0.1:3000"}) {
    Request request;
    request.method = "POST";
    request.path = "/console/api/v1/clear";
    request.host = "127.0.0.1:2000";
    request.origin = origin;
    EXPECT_EQ(site_.handle(request).status, 403) << origin;
    request.origin.clear();
    request.host = "evil.example";
    EXPECT_EQ(site_.handle(request).status, 403) << origin;
  }
  EXPECT_EQ(backend_.clears(), 0);
}

TEST(SiteBeyondLoopback, everything_that_reads_or_changes_traces_needs_the_token) {
  FakeBackend backend;
  SiteSettings settings;
  settings.hosts = {false, {}, "correct-horse"};
  settings.report = [](CounterRows&) {};
  settings.trouble = [] { return std::string(); };
  const Site site(settings, &backend);
  const auto status = [&site](std::string method, std::string path, std::string authorization) {
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.host = "10.0.0.1:2000";
    request.authorization = std::move(authorization);
    return site.handle(request).status;
  };
  const std::vector<std::pair<const char*, const char*>> guarded = {
      {"GET", "/"},
      {"GET", "/app.js"},
      {"GET", "/console/api/v1/traces"},
      {"GET", "/console/api/v1/facets"},
      {"GET", "/console/api/v1/tail"},
      {"GET", "/console/api/v1/documents"},
      {"GET", "/console/api/v1/daemon"},
      {"POST", "/console/api/v1/clear"},
      {"POST", "/TraceSegments"},
      {"POST", "/TraceSummaries"},
  };
  for (const auto& [method, path] : guarded) {
    EXPECT_EQ(status(method, path, ""), 401) << path;
    EXPECT_EQ(status(method, path, "Bearer wrong-horses"), 401) << path;
    EXPECT_EQ(status(method, path, "Bearer correct-horse"), 200) << path;
  }
  EXPECT_EQ(backend.clears(), 1);
  EXPECT_EQ(status("GET", "/healthz", ""), 200);
  EXPECT_EQ(status("POST", "/GetSamplingRules", ""), 200);
}

TEST_F(SiteTest, a_foreign_host_reaches_nothing) {
  Request request;
  request.method = "POST";
  request.path = "/TraceSummaries";
  request.host = "evil.example";
  EXPECT_EQ(site_.handle(request).status, 403);
  EXPECT_THAT(backend_.calls(), testing::IsEmpty());
}

TEST(SiteFailure, an_exception_inside_is_500_without_details) {
  FakeBackend backend;
  const Site site({{}, {}, [](CounterRows&) { throw std::runtime_error("secret detail"); }, {}},
                  &backend);
  Request request;
  request.method = "GET";
  request.path = "/metrics";
  const Response response = site.handle(request);
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, testing::Not(testing::HasSubstr("secret")));
}

Request request_for(std::string method, std::string path) {
  Request request;
  request.method = std::move(method);
  request.path = std::move(path);
  request.host = "127.0.0.1:2000";
  return request;
}

TEST(SiteThatPassesOn, what_aws_answered_is_not_touched) {
  SiteSettings settings;
  settings.report = [](CounterRows&) {};
  settings.trouble = [] { return std::string(); };
  settings.pass_on = [](const Request& request) -> std::optional<Response> {
    if (request.path != "/GetSamplingRules") return std::nullopt;
    return Response{418, "", "tea", {{"X-Amzn-RequestId", "7"}}};
  };
  const Site site(settings, nullptr);
  const Response passed = site.handle(request_for("POST", "/GetSamplingRules"));
  EXPECT_EQ(passed.status, 418);
  EXPECT_EQ(passed.body, "tea");
  EXPECT_EQ(passed.headers.size(), 1U);
  EXPECT_EQ(site.handle(request_for("POST", "/TraceSummaries")).status, 404);
  EXPECT_EQ(site.handle(request_for("GET", "/healthz")).status, 200);
  EXPECT_EQ(site.handle(request_for("GET", "/")).status, 200);
  Request foreign = request_for("POST", "/GetSamplingRules");
  foreign.host = "evil.example";
  EXPECT_EQ(site.handle(foreign).status, 403);
}

TEST(SiteThatPassesOn, health_is_never_passed_on) {
  SiteSettings settings;
  settings.report = [](CounterRows&) {};
  settings.trouble = [] { return std::string("no credentials"); };
  settings.pass_on = [](const Request&) { return Response{418, "", "", {}}; };
  const Site site(settings, nullptr);
  EXPECT_EQ(site.handle(request_for("GET", "/healthz")).status, 200);
  EXPECT_EQ(site.handle(request_for("GET", "/metrics")).status, 200);
  const Response ready = site.handle(request_for("GET", "/readyz"));
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, testing::HasSubstr("no credentials"));
  EXPECT_EQ(site.handle(request_for("GET", "/anything")).status, 418);
}

TEST(SiteLimits, put_trace_segments_takes_more_than_the_others) {
  EXPECT_EQ(Site::body_limit("/TraceSegments"), 16U << 20U);
  EXPECT_EQ(Site::body_limit("/TraceSummaries"), 1U << 20U);
  EXPECT_EQ(Site::body_limit("/"), 1U << 20U);
}

TEST(SiteLimits, health_and_metrics_are_quick_and_nothing_else_is) {
  for (const char* path : {"/healthz", "/readyz", "/metrics"}) EXPECT_TRUE(Site::is_quick(path));
  for (const char* path : {"/", "/TraceSegments", "/healthz/"}) EXPECT_FALSE(Site::is_quick(path));
}

}  // namespace
}  // namespace xrayd::web
