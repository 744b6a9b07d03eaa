#include "local/json.hpp"

#include <rapidjson/error/error.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace xrayd::local {
namespace {

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
  bool Int(int value) { return handler_.Int(value); }
  bool Uint(unsigned value) { return handler_.Uint(value); }
  bool Int64(std::int64_t value) { return handler_.Int64(value); }
  bool Uint64(std::uint64_t value) { return handler_.Uint64(value); }
  bool Double(double value) { return handler_.Double(value); }
  bool RawNumber(const Ch* text, Size size, bool copy) {
    return handler_.RawNumber(text, size, copy);
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

}  // namespace

JsonFault ParsedJson::parse(std::string_view text, std::size_t max_depth, ParsedJson& out) {
  // RapidJSON takes a zero byte for the end of the text, whatever follows it.
  if (text.find('\0') != std::string_view::npos) return JsonFault::syntax;

  constexpr unsigned flags = rapidjson::kParseIterativeFlag |
                             rapidjson::kParseValidateEncodingFlag |
                             rapidjson::kParseFullPrecisionFlag;
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
