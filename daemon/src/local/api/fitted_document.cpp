#include "local/api/fitted_document.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "local/document/segment_document.hpp"
#include "local/json/json.hpp"

namespace xrayd::local::api {
namespace {

using Names = std::vector<std::string_view>;

bool is_among(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Compiled documents are nested at most as deep as the ones that came.
void write_without(JsonWriter& writer, const rapidjson::Value& value, const Names& names) {
  if (value.IsObject()) {
    writer.StartObject();
    for (const auto& item : value.GetObject()) {
      if (is_among(names, text_of(item.name))) continue;
      write_key(writer, text_of(item.name));
      write_without(writer, item.value, names);
    }
    writer.EndObject();
  } else if (value.IsArray()) {
    writer.StartArray();
    for (const auto& item : value.GetArray()) write_without(writer, item, names);
    writer.EndArray();
  } else {
    value.Accept(writer);
  }
}

std::string without(const rapidjson::Value& document, const Names& names) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  write_without(writer, document, names);
  return {buffer.GetString(), buffer.GetSize()};
}

std::string bare(const rapidjson::Value& document) {
  constexpr std::array<std::string_view, 14> kept = {
      "id",       "name",           "trace_id", "parent_id", "start_time",   "end_time",
      "inferred", "in_progress",    "traceId",  "spanId",    "parentSpanId", "startTimeUnixNano",
      "kind",     "endTimeUnixNano"};
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  for (const auto name : kept) {
    const auto* value = member(document, name);
    if (value == nullptr || value->IsObject() || value->IsArray()) continue;
    write_key(writer, name);
    if (value->IsString()) {
      write_text(writer, first_characters(text_of(*value), max_name_characters));
    } else {
      value->Accept(writer);
    }
  }
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

std::string fitted_document(std::string document, std::size_t limit) {
  if (document.size() <= limit) return document;
  ParsedJson parsed;
  if (ParsedJson::parse(document, 2 * max_document_depth, parsed) != JsonFault::none) return "{}";
  Names left_out;
  const std::array<Names, 4> parts = {{{"metadata"},
                                       {"stack", "sanitized_query"},
                                       {"events", "links", "cause"},
                                       {"subsegments", "annotations", "attributes"}}};
  for (const auto& names : parts) {
    left_out.insert(left_out.end(), names.begin(), names.end());
    auto shorter = without(parsed.value(), left_out);
    if (shorter.size() <= limit) return shorter;
  }
  return bare(parsed.value());
}

}  // namespace xrayd::local::api
