#include "local/console/facet_filter.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <variant>

#include "ascii.hpp"
#include "local/json/json.hpp"

namespace xrayd::local {
namespace {

std::string number_text(double number) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), end};
}

bool is_plain_key(std::string_view key) {
  return std::all_of(key.begin(), key.end(),
                     [](char c) { return is_alphanumeric(c) || c == '_' || c == '.'; });
}

// Exceptions are written even where there is none: what isn't written may be anything.
void write_entity(JsonWriter& writer, const RootCauseEntity& entity, bool with_exceptions) {
  writer.StartObject();
  write_key(writer, "Name");
  write_text(writer, entity.name);
  if (with_exceptions) {
    write_key(writer, "Exceptions");
    writer.StartArray();
    for (const auto& exception : entity.exceptions) {
      writer.StartObject();
      write_key(writer, "Name");
      write_text(writer, exception.name);
      writer.EndObject();
    }
    writer.EndArray();
  }
  writer.EndObject();
}

void write_service(JsonWriter& writer, const RootCauseService& service, const TraceRecord& record,
                   bool with_exceptions) {
  writer.StartObject();
  if (service.node < record.nodes.size()) {
    write_key(writer, "Name");
    write_text(writer, record.nodes[service.node].name);
    write_key(writer, "Type");
    write_text(writer, record.nodes[service.node].type);
  }
  write_key(writer, "EntityPath");
  writer.StartArray();
  for (const auto& entity : service.path) write_entity(writer, entity, with_exceptions);
  writer.EndArray();
  writer.EndObject();
}

}  // namespace

std::string quoted_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string text_filter(std::string_view keyword, std::string_view text) {
  return std::string(keyword) + " = " + quoted_text(text);
}

std::string service_filter(const RecordNode& node) {
  if (node.type.empty()) return "service(" + quoted_text(node.name) + ")";
  return "service(id(name: " + quoted_text(node.name) + ", type: " + quoted_text(node.type) + "))";
}

std::string value_text(const AnnotationValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
  if (const auto* number = std::get_if<double>(&value)) return number_text(*number);
  return std::get<bool>(value) ? "true" : "false";
}

std::string annotation_filter(const RecordAnnotation& annotation) {
  const auto& key = annotation.key;
  std::string text = "annotation[" + (is_plain_key(key) ? std::string(key) : quoted_text(key));
  text += "] = ";
  const auto value = value_text(annotation.value);
  const bool quote = std::holds_alternative<std::string_view>(annotation.value);
  return text + (quote ? quoted_text(value) : value);
}

std::string cause_filter(std::string_view kind, const RootCause& cause, const TraceRecord& record) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartArray();
  writer.StartObject();
  write_key(writer, "Services");
  writer.StartArray();
  // Those of response times have none.
  const bool with_exceptions = kind != "responsetime";
  for (const auto& service : cause.services) {
    write_service(writer, service, record, with_exceptions);
  }
  writer.EndArray();
  writer.EndObject();
  writer.EndArray();
  return "rootcause." + std::string(kind) + ".json = #" +
         std::string(buffer.GetString(), buffer.GetSize());
}

}  // namespace xrayd::local
