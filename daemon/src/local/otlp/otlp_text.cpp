#include "local/otlp/otlp_text.hpp"

#include <algorithm>
#include <cmath>
#include <variant>
#include <xray/impl/utf8.hpp>

namespace xrayd::local {
namespace {

bool is_short_ascii(std::string_view text, std::size_t limit) noexcept {
  return text.size() <= limit && std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x80U;
         });
}

struct ValueWriter {
  JsonWriter& writer;

  void operator()(std::monostate /*unset*/) const { writer.Null(); }
  void operator()(std::string_view text) const { write_clean(writer, text); }
  void operator()(bool flag) const { writer.Bool(flag); }
  void operator()(std::int64_t number) const { writer.Int64(number); }
  void operator()(double number) const {
    if (std::isfinite(number)) {
      writer.Double(number);
    } else {
      write_text(writer, std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
    }
  }
  void operator()(const OtlpValue::List& list) const {
    writer.StartArray();
    for (const auto& value : list) write_value(writer, value);
    writer.EndArray();
  }
  void operator()(const OtlpValue::Members& members) const {
    writer.StartObject();
    for (const auto& [key, value] : members) {
      write_key(writer, clean_text(key));
      write_value(writer, value);
    }
    writer.EndObject();
  }
  void operator()(const OtlpValue::Bytes& value) const {
    write_text(writer, hex(value.bytes.substr(0, max_attribute_characters / 2)));
  }
};

}  // namespace

std::string clean_text(std::string_view text, std::size_t limit) {
  if (is_short_ascii(text, limit)) return std::string(text);
  std::string result;
  for (; limit > 0 && !text.empty(); --limit) {
    const auto character = xray::detail::decode(text);
    if (character.valid) {
      result += text.substr(0, character.size);
    } else {
      result += "\xEF\xBF\xBD";
    }
    text.remove_prefix(character.size);
  }
  return result;
}

void write_clean(JsonWriter& writer, std::string_view text, std::size_t limit) {
  if (is_short_ascii(text, limit)) {
    write_text(writer, text);
  } else {
    write_text(writer, clean_text(text, limit));
  }
}

void write_member(JsonWriter& writer, std::string_view key, std::string_view text,
                  std::size_t limit) {
  if (text.empty()) return;
  write_key(writer, key);
  write_clean(writer, text, limit);
}

void write_value(JsonWriter& writer, const OtlpValue& value) {
  std::visit(ValueWriter{writer}, value.value);
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  result.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    result += digits[byte >> 4U];
    result += digits[byte & 15U];
  }
  return result;
}

bool is_id(std::string_view bytes, std::size_t size) noexcept {
  return bytes.size() == size &&
         std::any_of(bytes.begin(), bytes.end(), [](char c) { return c != '\0'; });
}

std::string xray_trace_id(std::string_view bytes) {
  const std::string digits = hex(bytes);
  return "1-" + digits.substr(0, 8) + "-" + digits.substr(8);
}

}  // namespace xrayd::local
