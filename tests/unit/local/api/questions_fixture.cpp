#include "questions_fixture.hpp"

#include <stdexcept>

#include "local/json/json.hpp"

namespace xrayd::local::api {
namespace {

ParsedJson parsed(std::string_view text) {
  ParsedJson json;
  if (ParsedJson::parse(text, 2000, json) != JsonFault::none) {
    throw std::runtime_error("not JSON: " + std::string(text));
  }
  return json;
}

std::string json_text(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

const rapidjson::Value* find(const rapidjson::Value& root, std::string_view path) {
  const auto* value = &root;
  while (value != nullptr && !path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    const auto name = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (value->IsArray()) {
      const auto index = static_cast<rapidjson::SizeType>(std::stoul(std::string(name)));
      value = index < value->Size() ? &(*value)[index] : nullptr;
    } else if (value->IsObject()) {
      const auto member = value->FindMember(std::string(name).c_str());
      value = member == value->MemberEnd() ? nullptr : &member->value;
    } else {
      value = nullptr;
    }
  }
  return value;
}

}  // namespace

std::string at(std::string_view json, std::string_view path) {
  const auto root = parsed(json);
  const auto* value = find(root.value(), path);
  return value == nullptr ? "(absent)" : json_text(*value);
}

std::vector<std::string> each(std::string_view json, std::string_view list, std::string_view name) {
  const auto root = parsed(json);
  const auto* values = find(root.value(), list);
  std::vector<std::string> texts;
  if (values == nullptr || !values->IsArray()) return texts;
  for (const auto& value : values->GetArray()) {
    texts.emplace_back(text_member(value, name).value_or("(none)"));
  }
  return texts;
}

std::string json_list(const std::vector<std::string>& texts) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartArray();
  for (const auto& text : texts) write_text(writer, text);
  writer.EndArray();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string QuestionsFixture::ask(QuestionOperation operation, std::string_view request) {
  const auto json = parsed(request);
  const GroupFilters groups = [this](std::string_view name) -> std::optional<std::string> {
    const auto found = groups_.find(name);
    return found == groups_.end() ? std::nullopt : std::optional(found->second);
  };
  try {
    return operation({traces_, retrievals_, groups, strict_, time_for_sums_, &sums_cut_},
                     json.value());
  } catch (const ApiError& error) {
    const auto answer = error.answer();
    throw std::runtime_error(std::to_string(answer.status) + " " + answer.error_type + ": " +
                             answer.body);
  }
}

std::string QuestionsFixture::refusal(QuestionOperation operation, std::string_view request) {
  try {
    return "200 " + ask(operation, request);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

std::vector<std::string> QuestionsFixture::pages(QuestionOperation operation,
                                                 const std::string& members) {
  constexpr std::size_t most = 100;
  std::vector<std::string> pages;
  std::set<std::string> tokens;
  std::string token = "null";
  do {
    pages.push_back(ask(operation, "{" + members + R"(,"NextToken":)" + token + "}"));
    token = at(pages.back(), "NextToken");
    EXPECT_TRUE(tokens.insert(token).second) << "the same token again";
  } while (token != "null" && pages.size() < most);
  EXPECT_LT(pages.size(), most);
  return pages;
}

std::string invalid(std::string_view message) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  write_text(writer, message);
  return R"(400 InvalidRequestException: {"__type":"InvalidRequestException","Message":)" +
         std::string(buffer.GetString(), buffer.GetSize()) + "}";
}

std::string not_valid(std::string_view violations, int count) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  write_text(writer, std::to_string(count) + " validation error" + (count == 1 ? "" : "s") +
                         " detected: " + std::string(violations));
  return R"(400 ValidationException: {"__type":"ValidationException","message":)" +
         std::string(buffer.GetString(), buffer.GetSize()) + "}";
}

}  // namespace xrayd::local::api
