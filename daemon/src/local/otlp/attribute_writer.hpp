// Attributes in OTLP's JSON.
#pragma once

#include <cstdint>
#include <string_view>

#include "local/json/json.hpp"

namespace xrayd::local {

/// Writes a list of KeyValues: begin(), attributes, end(). Absent and empty texts are left out.
class AttributeWriter {
 public:
  explicit AttributeWriter(JsonWriter& writer) : writer_(writer) {}

  void begin(std::string_view key = "attributes");
  void end() { writer_.EndArray(); }

  void text(std::string_view key, std::string_view text);
  void integer(std::string_view key, std::int64_t number);
  void flag(std::string_view key, bool value);
  /// Texts, numbers and booleans as such; whatever else as a text, its JSON.
  void value(std::string_view key, const rapidjson::Value& value);
  /// Texts of a list; others of its items are left out.
  void texts(std::string_view key, const rapidjson::Value& list);
  /// The names of an object's members.
  void names(std::string_view key, const rapidjson::Value& object);
  /// As JSON, in a text.
  void json(std::string_view key, const rapidjson::Value& value);

  /// The member of `object` under another key; nothing where it is absent.
  void copy(std::string_view key, const rapidjson::Value& object, std::string_view name);

 private:
  void begin_value(std::string_view key, std::string_view type);
  void end_value();

  JsonWriter& writer_;
};

}  // namespace xrayd::local
