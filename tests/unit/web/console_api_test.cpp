// The console's questions over HTTP.
#include "web/console_api.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_backend.hpp"
#include "local/json/json.hpp"
#include "web/site.hpp"

namespace xrayd::web {
namespace {

using local::ConsoleParameters;
using local::ConsoleQuestion;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(ParseQuery, takes_parameters_apart_and_decodes_them) {
  EXPECT_EQ(parse_query(""), ConsoleParameters());
  EXPECT_EQ(parse_query("a=1&b=&c&&=d"),
            (ConsoleParameters{{"a", "1"}, {"b", ""}, {"c", ""}, {"", "d"}}));
  EXPECT_EQ(parse_query("filter=http.status+%3D%20500&x=a%3db=c"),
            (ConsoleParameters{{"filter", "http.status = 500"}, {"x", "a=b=c"}}));
  EXPECT_EQ(parse_query("a=1&a=2"), (ConsoleParameters{{"a", "2"}}));
}

TEST(ParseQuery, refuses_escapes_that_are_none) {
  for (const auto* query : {"a=%", "a=%4", "a=%zz", "%-1=b", "a=1&b=%+1"}) {
    EXPECT_EQ(parse_query(query), std::nullopt) << query;
  }
}

// Whatever is wrong with a parameter, the answer repeats it and has to be JSON.
TEST(ParseQuery, refuses_what_is_no_utf8) {
  for (const auto* query : {"a=%FF", "%C3=b", "a=%C0%AF", "a=%ED%A0%80", "a=%F4%90%80%80"}) {
    EXPECT_EQ(parse_query(query), std::nullopt) << query;
  }
  EXPECT_EQ(parse_query("a=%C3%A9%00"), (ConsoleParameters{{"a", std::string("\xC3\xA9\0", 3)}}));
}

class ConsoleApi : public testing::Test {
 protected:
  [[nodiscard]] Response get(std::string path, std::string query = "",
                             std::string method = "GET") const {
    Request request;
    request.method = std::move(method);
    request.path = "/console/api/v1/" + std::move(path);
    request.query = std::move(query);
    request.host = host_;
    request.origin = origin_;
    return site_.handle(request);
  }

  FakeBackend backend_;
  std::string host_ = "127.0.0.1:2000";
  std::string origin_;
  Site site_{{{},
              {},
              [](CounterRows& rows) {
                rows.push_back({"xrayd_x", "X.", "", 7, true});
                rows.push_back({"xrayd_y_total", "Y.", "a=\"1\"", 2, false, true});
                rows.push_back({"xrayd_y_total", "Y.", "a=\"2\"", 3, false, true});
              },
              [this] { return backend_.trouble(); },
              {},
              "both"},
             &backend_};
};

TEST_F(ConsoleApi, questions_reach_the_backend_with_their_parameters) {
  backend_.answer.body = R"({"Scanned":0})";
  const auto response = get("facets", "start=1&filter=ok");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"Scanned":0})");
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(header_of(response, "Cache-Control"), "no-store");
  EXPECT_EQ(get("tail").status, 200);
  EXPECT_EQ(get("traces", "cursor=1").status, 200);
  EXPECT_THAT(backend_.questions(),
              ElementsAre(Pair(ConsoleQuestion::facets,
                               ConsoleParameters{{"filter", "ok"}, {"start", "1"}}),
                          Pair(ConsoleQuestion::tail, ConsoleParameters{}),
                          Pair(ConsoleQuestion::traces, ConsoleParameters{{"cursor", "1"}})));
}

TEST_F(ConsoleApi, errors_keep_their_status_and_body) {
  backend_.answer = {400, "InvalidRequestException", R"({"Message":"no"})"};
  EXPECT_EQ(get("tail").status, 400);
  EXPECT_EQ(get("tail").body, R"({"Message":"no"})");
  EXPECT_EQ(get("facets", "a=%").status, 400);
  EXPECT_EQ(backend_.questions().size(), 2U);
}

TEST_F(ConsoleApi, the_daemon_tells_version_backend_trouble_and_figures) {
  const auto response = get("daemon");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, testing::StartsWith(R"({"Version":")"));
  EXPECT_THAT(
      response.body,
      testing::EndsWith(
          R"("Backend":"both","Trouble":null,"Figures":[)"
          R"({"Name":"xrayd_x","Labels":"","Help":"X.","Value":7,"Kind":"gauge"},)"
          R"({"Name":"xrayd_y_total","Labels":"","Help":"Y.","Value":5,"Kind":"counter"}]})"));
  backend_.trouble_text = "the disk is \"full\"";
  EXPECT_THAT(get("daemon").body, HasSubstr(R"("Trouble":"the disk is \"full\"")"));
}

TEST_F(ConsoleApi, takes_get_only_and_no_other_paths) {
  EXPECT_EQ(get("facets", "", "POST").status, 405);
  EXPECT_EQ(get("facets", "", "HEAD").status, 200);
  EXPECT_EQ(get("nonsense").status, 404);
}

TEST_F(ConsoleApi, pages_from_elsewhere_are_refused) {
  origin_ = "http://elsewhere.example";
  for (const auto* path : {"traces", "facets", "tail", "completion", "daemon"})
    EXPECT_EQ(get(path).status, 403) << path;
  origin_.clear();
  host_ = "elsewhere.example";
  for (const auto* path : {"traces", "facets", "tail", "completion", "daemon"})
    EXPECT_EQ(get(path).status, 403) << path;
  EXPECT_THAT(backend_.questions(), testing::IsEmpty());
}

TEST(ConsoleApiBeyondLoopback, needs_the_token) {
  FakeBackend backend;
  SiteSettings settings;
  settings.hosts.loopback = false;
  settings.hosts.token = "secret-1234";
  settings.report = [](CounterRows&) {};
  settings.trouble = [] { return std::string(); };
  const Site site(settings, &backend);
  for (const auto* path : {"traces", "facets", "tail", "completion", "daemon"}) {
    Request request;
    request.method = "GET";
    request.path = std::string("/console/api/v1/") + path;
    EXPECT_EQ(site.handle(request).status, 401) << path;
    request.authorization = "Bearer secret-1234";
    EXPECT_EQ(site.handle(request).status, 200) << path;
  }
}

}  // namespace
}  // namespace xrayd::web
