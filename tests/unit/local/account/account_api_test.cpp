#include "account_api_test.hpp"

#include <set>

#include "local/api/routes.hpp"

namespace xrayd::local {

AccountApiTest::AccountApiTest() {
  restart();
}

void AccountApiTest::restart() {
  backend_.reset();
  BackendSettings settings;
  settings.data_dir = data();
  backend_ = Backend::open(settings);
}

std::string AccountApiTest::call(std::string_view path, std::string_view body) {
  const auto answer = backend_->call(path, body);
  EXPECT_EQ(answer.status, 200) << path << body << answer.body;
  return answer.body;
}

ParsedJson AccountApiTest::ask(std::string_view path, std::string_view body) {
  ParsedJson json;
  EXPECT_EQ(ParsedJson::parse(call(path, body), 20, json), JsonFault::none);
  return json;
}

void AccountApiTest::expect_refused(std::string_view path, std::string_view body,
                                    std::string_view type, std::string_view message) {
  const auto answer = backend_->call(path, body);
  EXPECT_EQ(answer.status, type == not_found ? 404 : 400) << path << body << answer.body;
  EXPECT_EQ(answer.error_type, type) << path << body;
  ParsedJson json;
  ASSERT_EQ(ParsedJson::parse(answer.body, 5, json), JsonFault::none) << answer.body;
  EXPECT_EQ(text_member(json.value(), "__type"), type);
  EXPECT_EQ(text_member(json.value(), type == validation ? "message" : "Message"), message)
      << path << body;
}

void AccountApiTest::expect_violation(std::string_view path, std::string_view body,
                                      std::string_view violation) {
  expect_refused(path, body, validation, "1 validation error detected: " + std::string(violation));
}

std::string quoted(std::size_t length) {
  return '"' + std::string(length, 'x') + '"';
}

std::string json_text(std::string_view text) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  write_text(writer, text);
  return buffer.GetString();
}

namespace {

TEST_F(AccountApiTest, every_path_has_one_operation) {
  std::set<std::string_view> paths;
  std::set<api::Operation> operations;
  for (const auto& route : api::routes()) {
    EXPECT_TRUE(paths.insert(route.path).second) << route.path;
    EXPECT_TRUE(operations.insert(route.operation).second) << route.path;
    EXPECT_EQ(api::operation_at(route.path), route.operation);
    EXPECT_TRUE(backend_->answers(route.path));
  }
  EXPECT_EQ(api::operation_at("/GetGroups"), nullptr);
}

TEST_F(AccountApiTest, every_operation_answers_the_smallest_request_and_nonsense_with_json) {
  for (const auto& route : api::routes()) {
    for (const char* body : {"", "{}", "[]", "7", "{", R"({"GroupName":{},"ResourceARN":[]})"}) {
      const auto answer = backend_->call(route.path, body);
      EXPECT_TRUE(answer.status == 200 || answer.status == 400) << route.path << body;
      ParsedJson json;
      EXPECT_EQ(ParsedJson::parse(answer.body, 20, json), JsonFault::none) << route.path << body;
    }
  }
}

}  // namespace
}  // namespace xrayd::local
