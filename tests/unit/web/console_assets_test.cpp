#include "web/console_assets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "fake_backend.hpp"

namespace xrayd::web {
namespace {

TEST(ConsoleAssets, page_script_style_and_icon_are_compiled_in) {
  std::vector<std::string_view> paths;
  for (const ConsoleFile& file : console_files()) {
    paths.push_back(file.path);
    EXPECT_GT(file.content.size(), 0U) << file.path;
  }
  EXPECT_THAT(paths, testing::UnorderedElementsAre("/", "/app.js", "/app.css", "/icon.svg"));
  EXPECT_THAT(std::string(console_files()[0].content), testing::HasSubstr("app.js"));
}

TEST(ConsoleAssets, a_file_comes_with_its_type_its_tag_and_a_strict_policy) {
  const ConsoleFile& file = console_files()[0];
  const Response response = console_response(file, {}, {});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, file.content);
  EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(header_of(response, "ETag"), file.etag);
  EXPECT_EQ(header_of(response, "Cache-Control"), "no-cache");
  EXPECT_THAT(header_of(response, "Content-Security-Policy"),
              testing::StartsWith("default-src 'self';"));
}

TEST(ConsoleAssets, the_icon_is_an_image_that_the_page_asks_for) {
  const ConsoleFile& icon = console_files()[3];
  EXPECT_EQ(icon.content_type, "image/svg+xml");
  EXPECT_THAT(std::string(icon.content), testing::StartsWith("<svg "));
  EXPECT_THAT(std::string(console_files()[0].content), testing::HasSubstr("href=\"icon.svg\""));
}

TEST(ConsoleAssets, a_client_that_has_the_file_gets_304_and_no_body) {
  const ConsoleFile& file = console_files()[1];
  for (const std::string& known : {std::string(file.etag), "W/" + std::string(file.etag),
                                   "\"x\", " + std::string(file.etag), std::string("*")}) {
    Request request;
    request.if_none_match = known;
    const Response response = console_response(file, request, {});
    EXPECT_EQ(response.status, 304) << known;
    EXPECT_EQ(response.body, "");
  }
  Request stale;
  stale.if_none_match = "\"0000\"";
  EXPECT_EQ(console_response(file, stale, {}).status, 200);
}

TEST(ConsoleAssets, each_content_has_its_own_tag) {
  EXPECT_NE(console_files()[0].etag, console_files()[1].etag);
  EXPECT_NE(console_files()[1].etag, console_files()[2].etag);
}

TEST(ConsoleAssets, a_directory_replaces_what_was_compiled_in) {
  std::string pattern = testing::TempDir() + "xrayd-console-XXXXXX";
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  const std::filesystem::path directory = pattern;
  std::ofstream(directory / "index.html") << "fresh";
  EXPECT_EQ(console_response(console_files()[0], {}, directory).body, "fresh");
  EXPECT_EQ(console_response(console_files()[1], {}, directory).status, 404);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace xrayd::web
