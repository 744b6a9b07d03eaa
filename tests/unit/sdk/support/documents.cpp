#include "support/documents.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace support {
namespace {

class KeepingEmitter : public xray::testing::CapturingEmitter {
 public:
  KeepingEmitter() {
    if (const char* const folder = std::getenv("XRAY_DOCUMENTS_DIR")) {
      file_.open(std::string(folder) + "/" + std::to_string(::getpid()) + ".jsonl", std::ios::app);
    }
  }
  void emit(std::string_view document) noexcept override {
    CapturingEmitter::emit(document);
    if (!file_.is_open()) return;
    // One document a line: between JSON's tokens a blank says the same as a line end.
    std::string line(document);
    std::replace(line.begin(), line.end(), '\n', ' ');
    file_ << line << '\n' << std::flush;
  }

 private:
  std::ofstream file_;
};

/// What the tests record they want to see, unless they are about sampling.
[[maybe_unused]] const int everything_is_sampled = ::setenv("AWS_XRAY_SAMPLER", "always", 0);

}  // namespace

Capture::Capture() : emitter_(std::make_shared<KeepingEmitter>()) {
  xray::flush(std::chrono::seconds(10));  // what an earlier test left is not this one's
  xray::detail::replace_emitter(emitter_);
}

std::vector<Json> Capture::documents() {
  std::vector<Json> result;
  for (const std::string& text : emitter_->documents()) {
    Json json;
    json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
               rapidjson::kParseFullPrecisionFlag>(text.data(), text.size());
    EXPECT_FALSE(json.HasParseError()) << text;
    result.push_back(std::move(json));
  }
  return result;
}

Json Capture::document() {
  std::vector<Json> all = documents();
  EXPECT_EQ(all.size(), 1U);
  return all.empty() ? Json(rapidjson::kObjectType) : std::move(all.front());
}

const JsonValue* find_subsegment(const JsonValue& entity, const std::string& name) {
  const auto children = entity.FindMember("subsegments");
  if (children == entity.MemberEnd()) return nullptr;
  for (const JsonValue& child : children->value.GetArray()) {
    if (text_of(at(child, "name")) == name) return &child;
    if (const JsonValue* const deeper = find_subsegment(child, name)) return deeper;
  }
  return nullptr;
}

const JsonValue& only_subsegment(const JsonValue& entity) {
  static const JsonValue nothing(rapidjson::kObjectType);
  const auto all = entity.FindMember("subsegments");
  if (all != entity.MemberEnd() && all->value.Size() == 1) return all->value[0];
  ADD_FAILURE() << "not one subsegment";
  return nothing;
}

const JsonValue& at(const JsonValue& object, const char* key) {
  static const JsonValue nothing;
  const auto member = object.FindMember(key);
  if (member != object.MemberEnd()) return member->value;
  ADD_FAILURE() << "no member " << key;
  return nothing;
}

std::string text_of(const JsonValue& value) {
  return value.IsString() ? std::string(value.GetString(), value.GetStringLength()) : std::string();
}

}  // namespace support
