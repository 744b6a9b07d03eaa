#include "local/otlp/span_properties.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ascii.hpp"
#include "local/otlp/otlp_text.hpp"
#include "local/otlp/span_segment.hpp"

namespace xrayd::local {
namespace {

constexpr std::size_t max_key_characters = 500;
constexpr std::size_t max_annotation_characters = 1000;
constexpr std::size_t max_metadata_depth = 100;
constexpr std::string_view names_annotations = "aws.xray.annotations";
constexpr std::string_view names_metadata = "aws.xray.metadata.";

// Those that annotations may have; points are in newer ones.
std::string annotation_key(std::string_view key) {
  std::string result(key.substr(0, max_key_characters));
  for (char& c : result) {
    if (!is_alphanumeric(c) && c != '.') c = '_';
  }
  return result;
}

bool can_be_annotation(const OtlpValue& value) {
  if (const auto* number = std::get_if<double>(&value.value)) return std::isfinite(*number);
  return std::holds_alternative<std::string_view>(value.value) ||
         std::holds_alternative<std::int64_t>(value.value) ||
         std::holds_alternative<bool>(value.value);
}

class PropertiesWriter {
 public:
  PropertiesWriter(JsonWriter& writer, SpanContext& context)
      : writer_(writer), attributes_(context.attributes), resource_(context.resource) {
    // Those that its senders would have indexed come first.
    if (const auto* named = attributes_.value(names_annotations)) {
      if (const auto* list = std::get_if<OtlpValue::List>(&named->value)) annotate_named(*list);
    }
    annotate_unused(attributes_, "");
    if (context.is_segment) {
      annotate_unused(resource_, "otel.resource.");
    }
    write_annotations();
    write_metadata(context.is_segment);
  }

 private:
  struct Annotation {
    std::string key;
    const OtlpValue* value = nullptr;
  };

  bool annotate(std::string key, const OtlpValue& value) {
    if (key.empty() || annotations_.size() >= max_annotations || !can_be_annotation(value)) {
      return false;
    }
    const auto same = [&](const Annotation& annotation) { return annotation.key == key; };
    if (std::any_of(annotations_.begin(), annotations_.end(), same)) return false;
    annotations_.push_back({std::move(key), &value});
    return true;
  }

  void annotate_named(const OtlpValue::List& names) {
    for (const auto& name : names) {
      const auto* key = std::get_if<std::string_view>(&name.value);
      if (key == nullptr || !attributes_.has(*key)) continue;
      annotate(annotation_key(*key), *attributes_.value(*key));
    }
  }

  void annotate_unused(AttributeMap& attributes, const std::string& prefix) {
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      const auto& [key, value] = attributes[i];
      if (attributes.used(i) || key.empty() || key.starts_with(names_metadata)) continue;
      if (annotate(annotation_key(prefix + std::string(key)), value)) attributes.use(i);
    }
  }

  void write_annotations() {
    if (annotations_.empty()) return;
    write_key(writer_, "annotations");
    writer_.StartObject();
    for (const auto& [key, value] : annotations_) {
      write_key(writer_, key);
      if (const auto* text = std::get_if<std::string_view>(&value->value)) {
        write_clean(writer_, *text, max_annotation_characters);
      } else {
        write_value(writer_, *value);
      }
    }
    writer_.EndObject();
  }

  void write_metadata(bool of_segment) {
    write_namespaces();
    write_default();
    write_rest(attributes_, "");
    if (of_segment) write_rest(resource_, "otel.resource.");
    if (in_default_) writer_.EndObject();
    if (in_metadata_) writer_.EndObject();
  }

  void begin_metadata() {
    if (in_metadata_) return;
    in_metadata_ = true;
    write_key(writer_, "metadata");
    writer_.StartObject();
  }

  // `aws.xray.metadata.<namespace>`, whose text is JSON.
  void write_namespaces() {
    for (std::size_t i = 0; i < attributes_.size(); ++i) {
      const auto& [key, value] = attributes_[i];
      if (attributes_.used(i) || !key.starts_with(names_metadata)) continue;
      const std::string name = clean_text(key.substr(names_metadata.size()));
      const auto* text = std::get_if<std::string_view>(&value.value);
      ParsedJson json;
      if (name.empty() || name == "default" || text == nullptr ||
          ParsedJson::parse(*text, max_metadata_depth, json) != JsonFault::none) {
        continue;
      }
      begin_metadata();
      write_key(writer_, name);
      json.value().Accept(writer_);
      attributes_.use(i);
    }
  }

  void begin_default() {
    if (in_default_) return;
    begin_metadata();
    in_default_ = true;
    write_key(writer_, "default");
    writer_.StartObject();
  }

  // Of that namespace there may be more.
  void write_default() {
    const std::string key = std::string(names_metadata) + "default";
    for (std::size_t i = 0; i < attributes_.size(); ++i) {
      const auto* text = std::get_if<std::string_view>(&attributes_[i].value.value);
      ParsedJson json;
      if (attributes_[i].key != key || text == nullptr ||
          ParsedJson::parse(*text, max_metadata_depth, json) != JsonFault::none ||
          !json.value().IsObject()) {
        continue;
      }
      begin_default();
      for (const auto& item : json.value().GetObject()) {
        write_key(writer_, text_of(item.name));
        item.value.Accept(writer_);
      }
      attributes_.use(i);
    }
  }

  void write_rest(const AttributeMap& attributes, const std::string& prefix) {
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      if (attributes.used(i)) continue;
      begin_default();
      write_key(writer_, prefix + clean_text(attributes[i].key));
      write_value(writer_, attributes[i].value);
    }
  }

  JsonWriter& writer_;
  AttributeMap& attributes_;
  AttributeMap& resource_;
  std::vector<Annotation> annotations_;
  bool in_metadata_ = false;
  bool in_default_ = false;
};

}  // namespace

void write_properties(JsonWriter& writer, SpanContext& context) {
  const PropertiesWriter written(writer, context);
}

}  // namespace xrayd::local
