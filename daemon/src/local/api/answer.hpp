// Answers: JSON objects, with null where a member is absent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "local/json/json.hpp"

namespace xrayd::local::api {

/// The answer of operations that have nothing to say.
inline constexpr const char* empty_answer = "{}";

/// An object; `write` gets the writer and writes its members.
template <typename Write>
std::string object_text(const Write& write) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write(writer);
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

inline void write_member(JsonWriter& writer, std::string_view key, std::string_view text) {
  write_key(writer, key);
  write_text(writer, text);
}

inline void write_null(JsonWriter& writer, std::string_view key) {
  write_key(writer, key);
  writer.Null();
}

/// Null where the text is empty.
inline void write_if_any(JsonWriter& writer, std::string_view key, std::string_view text) {
  if (text.empty()) return write_null(writer, key);
  write_member(writer, key, text);
}

/// Null where there is no number.
inline void write_if_any(JsonWriter& writer, std::string_view key, std::optional<double> number) {
  if (!number) return write_null(writer, key);
  write_key(writer, key);
  writer.Double(*number);
}

}  // namespace xrayd::local::api
