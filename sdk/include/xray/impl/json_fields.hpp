// A few fields of a small JSON object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Keeps the strings and whole numbers that stand at the wanted paths and skips everything else, so
/// that its memory is bounded by the text's. A path joins keys by '/'; an array's elements are
/// "[]": `log_configs/[]/log_group_name`.
class JsonFields : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, JsonFields> {
 public:
  JsonFields(std::initializer_list<std::string_view> wanted) {
    for (const std::string_view path : wanted) fields_.push_back({path, {}, std::nullopt});
  }

  /// Whether the text is one JSON object, not too deep. The wanted paths must outlive this.
  bool parse(std::string_view text) {
    constexpr unsigned flags =
        rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    return !reader.Parse<flags>(stream, *this).IsError() && is_object_;
  }

  /// The last string at that path; empty if there is none, or one of more than `longest` bytes.
  [[nodiscard]] std::string text(std::string_view path, std::size_t longest = 512) const {
    const Field* const field = find(path);
    if (field == nullptr || field->texts.empty() || field->texts.back().size() > longest) return {};
    return field->texts.back();
  }
  [[nodiscard]] std::vector<std::string> texts(std::string_view path) const {
    const Field* const field = find(path);
    return field != nullptr ? field->texts : std::vector<std::string>();
  }
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view path) const {
    const Field* const field = find(path);
    return field != nullptr ? field->integer : std::nullopt;
  }

  // RapidJSON calls these.
  bool Default() { return true; }  // NOLINT(readability-identifier-naming): RapidJSON's name
  bool Int(int value) { return Int64(value); }
  bool Uint(unsigned value) { return Int64(value); }
  bool Int64(std::int64_t value) {
    if (Field* const field = find(path_)) field->integer = value;
    return true;
  }
  bool String(const char* data, rapidjson::SizeType size, bool /*copy*/) {
    if (Field* const field = find(path_)) field->texts.emplace_back(data, size);
    return true;
  }
  bool Key(const char* data, rapidjson::SizeType size, bool /*copy*/) {
    path_.resize(levels_.back());
    if (!path_.empty()) path_ += '/';
    path_.append(data, size);
    return true;
  }
  bool StartObject() {
    if (levels_.empty()) is_object_ = true;
    return enter();
  }
  bool StartArray() {
    if (!enter()) return false;
    path_ += path_.empty() ? "[]" : "/[]";
    return true;
  }
  bool EndObject(rapidjson::SizeType /*members*/) { return leave(); }
  bool EndArray(rapidjson::SizeType /*elements*/) { return leave(); }

 private:
  struct Field {
    std::string_view path;
    std::vector<std::string> texts;
    std::optional<std::int64_t> integer;
  };

  static constexpr std::size_t deepest = 32;

  bool enter() {
    levels_.push_back(path_.size());
    return levels_.size() <= deepest;
  }
  bool leave() {
    path_.resize(levels_.back());
    levels_.pop_back();
    return true;
  }
  [[nodiscard]] const Field* find(std::string_view path) const {
    for (const Field& field : fields_) {
      if (field.path == path) return &field;
    }
    return nullptr;
  }
  Field* find(std::string_view path) {
    return const_cast<Field*>(static_cast<const JsonFields*>(this)->find(path));
  }

  std::vector<Field> fields_;
  std::vector<std::size_t> levels_;  ///< of open objects and arrays: their own path's length
  std::string path_;
  bool is_object_ = false;
};

}  // namespace detail
XRAY_NAMESPACE_END
