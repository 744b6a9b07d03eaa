#include "local/otlp/attribute_writer.hpp"

#include <string>

namespace xrayd::local {

void AttributeWriter::begin(std::string_view key) {
  write_key(writer_, key);
  writer_.StartArray();
}

void AttributeWriter::begin_value(std::string_view key, std::string_view type) {
  writer_.StartObject();
  write_key(writer_, "key");
  write_text(writer_, key);
  write_key(writer_, "value");
  writer_.StartObject();
  write_key(writer_, type);
}

void AttributeWriter::end_value() {
  writer_.EndObject();
  writer_.EndObject();
}

void AttributeWriter::text(std::string_view key, std::string_view text) {
  if (text.empty()) return;
  begin_value(key, "stringValue");
  write_text(writer_, text);
  end_value();
}

void AttributeWriter::integer(std::string_view key, std::int64_t number) {
  begin_value(key, "intValue");
  // 64 bits are texts in the JSON of protocol buffers.
  write_text(writer_, std::to_string(number));
  end_value();
}

void AttributeWriter::flag(std::string_view key, bool value) {
  begin_value(key, "boolValue");
  writer_.Bool(value);
  end_value();
}

void AttributeWriter::value(std::string_view key, const rapidjson::Value& value) {
  if (value.IsString()) {
    begin_value(key, "stringValue");
    write_text(writer_, text_of(value));
    end_value();
  } else if (value.IsBool()) {
    flag(key, value.GetBool());
  } else if (value.IsInt64()) {
    integer(key, value.GetInt64());
  } else if (value.IsNumber()) {
    begin_value(key, "doubleValue");
    writer_.Double(value.GetDouble());
    end_value();
  } else if (!value.IsNull()) {
    json(key, value);
  }
}

void AttributeWriter::texts(std::string_view key, const rapidjson::Value& list) {
  if (!list.IsArray()) return;
  begin_value(key, "arrayValue");
  writer_.StartObject();
  write_key(writer_, "values");
  writer_.StartArray();
  for (const auto& item : list.GetArray()) {
    if (!item.IsString()) continue;
    writer_.StartObject();
    write_key(writer_, "stringValue");
    write_text(writer_, text_of(item));
    writer_.EndObject();
  }
  writer_.EndArray();
  writer_.EndObject();
  end_value();
}

void AttributeWriter::names(std::string_view key, const rapidjson::Value& object) {
  begin_value(key, "arrayValue");
  writer_.StartObject();
  write_key(writer_, "values");
  writer_.StartArray();
  for (const auto& item : object.GetObject()) {
    writer_.StartObject();
    write_key(writer_, "stringValue");
    write_text(writer_, text_of(item.name));
    writer_.EndObject();
  }
  writer_.EndArray();
  writer_.EndObject();
  end_value();
}

void AttributeWriter::json(std::string_view key, const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  value.Accept(writer);
  text(key, {buffer.GetString(), buffer.GetSize()});
}

void AttributeWriter::copy(std::string_view key, const rapidjson::Value& object,
                           std::string_view name) {
  if (const auto* found = member(object, name)) value(key, *found);
}

}  // namespace xrayd::local
