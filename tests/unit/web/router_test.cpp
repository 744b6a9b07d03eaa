#include "web/router.hpp"

#include <gtest/gtest.h>

#include "fake_backend.hpp"

namespace xrayd::web {
namespace {

class Routes : public testing::Test {
 protected:
  void SetUp() override {
    router_.add("/a", "GET", [](const Request&) { return text_response(200, "get a"); });
    router_.add("/a", "POST", [](const Request&) { return text_response(200, "post a"); });
  }
  [[nodiscard]] Response ask(const char* method, const char* path) const {
    Request request;
    request.method = method;
    request.path = path;
    return router_.route(request, [](const Request&) { return text_response(404, "otherwise"); });
  }

 private:
  Router router_;
};

TEST_F(Routes, path_and_method_choose_the_handler) {
  EXPECT_EQ(ask("GET", "/a").body, "get a\n");
  EXPECT_EQ(ask("POST", "/a").body, "post a\n");
  EXPECT_EQ(ask("HEAD", "/a").body, "get a\n");
}

TEST_F(Routes, a_known_path_with_another_method_is_405_and_says_what_is_allowed) {
  const Response response = ask("DELETE", "/a");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(header_of(response, "Allow"), "GET, HEAD, POST");
}

TEST_F(Routes, only_the_exact_path_matches) {
  for (const char* path : {"/", "/a/", "/A", "/ab", "/a/../a"}) {
    EXPECT_EQ(ask("GET", path).body, "otherwise\n") << path;
  }
}

}  // namespace
}  // namespace xrayd::web
