#include "local/json/json.hpp"

#include <rapidjson/memorystream.h>

#include <cstring>
#include <new>
#include <utility>

#include "local/json/parser.hpp"

namespace xrayd::local {
namespace {

constexpr std::size_t usual_alignment = alignof(std::max_align_t);
constexpr std::size_t pool_size =
    (sizeof(JsonPool) + usual_alignment - 1) / usual_alignment * usual_alignment;

}  // namespace

void ParsedJson::FreePool::operator()(JsonPool* pool) const noexcept {
  pool->~JsonPool();
  ::operator delete(pool);
}

JsonFault ParsedJson::parse(std::string_view text, std::size_t max_depth, ParsedJson& out) {
  return parse(text, max_depth, true, out);
}

JsonFault ParsedJson::parse_in_place(std::string_view text, std::size_t max_depth,
                                     ParsedJson& out) {
  return parse(text, max_depth, false, out);
}

JsonFault ParsedJson::parse(std::string_view text, std::size_t max_depth, bool copy,
                            ParsedJson& out) {
  // The pool and its first chunk are one piece of memory.
  constexpr std::size_t around = 128;
  const std::size_t size = json_bytes(text) + (copy ? text.size() : 0) + around;
  auto* const memory = static_cast<std::byte*>(::operator new(pool_size + size));
  const std::size_t more = text.size() / 2 + 512;
  Pool pool(new (memory) JsonPool(memory + pool_size, size, more));
  if (copy && !text.empty()) {
    auto* const place = static_cast<char*>(pool->Malloc(text.size()));
    std::memcpy(place, text.data(), text.size());
    text = {place, text.size()};
  }
  auto* const root = new (pool->Malloc(sizeof(rapidjson::Value))) rapidjson::Value();
  const auto fault = parse_json(text, max_depth, *pool, *root);
  if (fault != JsonFault::none) return fault;
  out.pool_ = std::move(pool);
  out.root_ = root;
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

bool is_utf8(std::string_view text) noexcept {
  struct Nowhere {
    void Put(char /*c*/) const noexcept {}
  } nowhere;
  rapidjson::MemoryStream stream(text.data(), text.size());
  while (stream.Tell() < text.size()) {
    if (!rapidjson::UTF8<>::Validate(stream, nowhere)) return false;
  }
  return true;
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
