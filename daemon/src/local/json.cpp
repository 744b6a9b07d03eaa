#include "local/json.hpp"

#include <rapidjson/error/error.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>
#include <system_error>

namespace xrayd::local {
namespace {

template <typename Number>
bool takes_all(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

// RapidJSON's own conversion makes nonsense of 1e308 with a few digits in front of the point, and
// in a build with assertions ends the program.
std::optional<double> to_double(std::string_view text) {
  double number = 0;
  if (takes_all(text, number)) return number;
  // Out of range. What is too small is nearly 0 (no locale is ever set); what is too large is none.
  number = std::strtod(std::string(text).c_str(), nullptr);
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

// Passes events on to the DOM until the text is nested too deep.
template <typename Handler>
class DepthLimit {
 public:
  using Ch = char;
  using Size = rapidjson::SizeType;

  DepthLimit(Handler& handler, std::size_t max_depth) : handler_(handler), max_depth_(max_depth) {}

  [[nodiscard]] bool exceeded() const noexcept { return depth_ > max_depth_; }

  bool Null() { return handler_.Null(); }
  bool Bool(bool value) { return handler_.Bool(value); }
  // The reader hands on every number as its text; these are here because it wants them to be.
  bool Int(int value) { return handler_.Int(value); }
  bool Uint(unsigned value) { return handler_.Uint(value); }
  bool Int64(std::int64_t value) { return handler_.Int64(value); }
  bool Uint64(std::uint64_t value) { return handler_.Uint64(value); }
  bool Double(double value) { return handler_.Double(value); }
  bool RawNumber(const Ch* text, Size size, bool /*copy*/) {
    const std::string_view number(text, size);
    if (number.find_first_of(".eE") == std::string_view::npos) {
      std::int64_t with_sign = 0;
      if (takes_all(number, with_sign)) return handler_.Int64(with_sign);
      std::uint64_t without = 0;
      if (takes_all(number, without)) return handler_.Uint64(without);
    }
    const auto value = to_double(number);
    return value && handler_.Double(*value);
  }
  bool String(const Ch* text, Size size, bool copy) { return handler_.String(text, size, copy); }
  bool Key(const Ch* text, Size size, bool copy) { return handler_.Key(text, size, copy); }
  bool StartObject() { return ++depth_ <= max_depth_ && handler_.StartObject(); }
  bool StartArray() { return ++depth_ <= max_depth_ && handler_.StartArray(); }
  bool EndObject(Size count) {
    --depth_;
    return handler_.EndObject(count);
  }
  bool EndArray(Size count) {
    --depth_;
    return handler_.EndArray(count);
  }

 private:
  Handler& handler_;
  std::size_t max_depth_;
  std::size_t depth_ = 0;
};

constexpr std::size_t escape_size = 6;  // \uXXXX

// The UTF-16 unit that an escape `\uXXXX` at the front of `text` stands for.
std::optional<unsigned> escaped_unit(std::string_view text) {
  if (text.size() < escape_size || !text.starts_with("\\u")) return std::nullopt;
  unsigned unit = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + escape_size, unit, 16);
  if (error != std::errc{} || end != text.data() + escape_size) return std::nullopt;
  return unit;
}

bool is_high_surrogate(std::optional<unsigned> unit) {
  return unit && *unit >= 0xD800U && *unit <= 0xDBFFU;
}

bool is_low_surrogate(std::optional<unsigned> unit) {
  return unit && *unit >= 0xDC00U && *unit <= 0xDFFFU;
}

// Languages whose strings are UTF-16 cut them in the middle of a pair and write the half as an
// escape. No UTF-8 stands for a half, so each becomes U+FFFD.
std::string without_lone_surrogates(std::string_view text) {
  std::string result(text);
  std::size_t at = 0;
  while ((at = text.find('\\', at)) != std::string_view::npos) {
    const auto unit = escaped_unit(text.substr(at));
    if (!unit) {
      at += 2;  // another escape: what follows the backslash begins none
    } else if (is_high_surrogate(unit) && at + escape_size < text.size() &&
               is_low_surrogate(escaped_unit(text.substr(at + escape_size)))) {
      at += 2 * escape_size;
    } else {
      if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
        result.replace(at, escape_size, "\\ufffd");
      }
      at += escape_size;
    }
  }
  return result;
}

bool may_have_surrogates(std::string_view text) {
  return text.find("\\ud") != std::string_view::npos || text.find("\\uD") != std::string_view::npos;
}

}  // namespace

JsonFault ParsedJson::parse(std::string_view text, std::size_t max_depth, ParsedJson& out) {
  // RapidJSON takes a zero byte for the end of the text, whatever follows it.
  if (text.find('\0') != std::string_view::npos) return JsonFault::syntax;

  std::string repaired;
  if (may_have_surrogates(text)) {
    repaired = without_lone_surrogates(text);
    text = repaired;
  }

  constexpr unsigned flags = rapidjson::kParseIterativeFlag |
                             rapidjson::kParseValidateEncodingFlag |
                             rapidjson::kParseNumbersAsStringsFlag;
  auto pool = std::make_unique<rapidjson::MemoryPoolAllocator<>>(text.size() + 512);
  auto document = std::make_unique<rapidjson::Document>(pool.get());
  JsonFault fault = JsonFault::none;
  auto generate = [&](rapidjson::Document& handler) {
    DepthLimit<rapidjson::Document> limit(handler, max_depth);
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    const rapidjson::ParseResult result = reader.Parse<flags>(stream, limit);
    if (limit.exceeded()) {
      fault = JsonFault::too_deep;
    } else if (result.IsError()) {
      fault = result.Code() == rapidjson::kParseErrorStringInvalidEncoding ? JsonFault::encoding
                                                                           : JsonFault::syntax;
    }
    return fault == JsonFault::none;
  };
  document->Populate(generate);
  if (fault != JsonFault::none) return fault;
  // The order matters: a document must go before the pool that it lives in.
  out.document_ = std::move(document);
  out.pool_ = std::move(pool);
  return JsonFault::none;
}

const rapidjson::Value* member(const rapidjson::Value& object, std::string_view name) noexcept {
  if (!object.IsObject()) return nullptr;
  const auto found =
      object.FindMember(rapidjson::Value(rapidjson::StringRef(name.data(), name.size())));
  if (found == object.MemberEnd() || found->value.IsNull()) return nullptr;
  return &found->value;
}

std::optional<std::string_view> text_member(const rapidjson::Value& object,
                                            std::string_view name) noexcept {
  const auto* value = member(object, name);
  if (value == nullptr || !value->IsString()) return std::nullopt;
  return text_of(*value);
}

std::optional<double> number_member(const rapidjson::Value& object,
                                    std::string_view name) noexcept {
  const auto* value = member(object, name);
  if (value == nullptr || !value->IsNumber()) return std::nullopt;
  return value->GetDouble();
}

bool flag_member(const rapidjson::Value& object, std::string_view name) noexcept {
  const auto* value = member(object, name);
  return value != nullptr && value->IsTrue();
}

std::string_view text_of(const rapidjson::Value& string) noexcept {
  return {string.GetString(), string.GetStringLength()};
}

void write_text(JsonWriter& writer, std::string_view text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_key(JsonWriter& writer, std::string_view key) {
  writer.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}

std::string_view first_characters(std::string_view text, std::size_t limit) noexcept {
  if (text.size() <= limit) return text;
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool continues = (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U;
    if (!continues && ++characters > limit) return text.substr(0, i);
  }
  return text;
}

}  // namespace xrayd::local
