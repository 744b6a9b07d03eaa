// JSON in: parsed without recursion, UTF-8 checked, depth bounded. And how members are read.
#pragma once

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace xrayd::local {

enum class JsonFault { none, syntax, encoding, too_deep };

/// A parsed text. Movable; references into `value()` stay good when it is moved.
class ParsedJson {
 public:
  [[nodiscard]] const rapidjson::Value& value() const noexcept { return *root_; }

  /// `max_depth` counts arrays and objects around a value: `[[1]]` is 2 deep. Escapes of halves of
  /// surrogate pairs are read as U+FFFD.
  static JsonFault parse(std::string_view text, std::size_t max_depth, ParsedJson& out);
  /// The same without a copy of the text: it must stay where it is as long as `out` is used.
  static JsonFault parse_in_place(std::string_view text, std::size_t max_depth, ParsedJson& out);

 private:
  struct FreePool {
    void operator()(rapidjson::MemoryPoolAllocator<>* pool) const noexcept;
  };
  using Pool = std::unique_ptr<rapidjson::MemoryPoolAllocator<>, FreePool>;

  static JsonFault parse(std::string_view text, std::size_t max_depth, bool copy, ParsedJson& out);

  Pool pool_;
  const rapidjson::Value* root_ = nullptr;  // in the pool
};

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

/// The member, or null where `object` is no object, lacks it, or has JSON's null there.
const rapidjson::Value* member(const rapidjson::Value& object, std::string_view name) noexcept;

std::optional<std::string_view> text_member(const rapidjson::Value& object,
                                            std::string_view name) noexcept;
std::optional<double> number_member(const rapidjson::Value& object, std::string_view name) noexcept;

/// True only if the member is JSON's true.
bool flag_member(const rapidjson::Value& object, std::string_view name) noexcept;

std::string_view text_of(const rapidjson::Value& string) noexcept;
void write_text(JsonWriter& writer, std::string_view text);
void write_key(JsonWriter& writer, std::string_view key);

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// The first `limit` characters (code points) of valid UTF-8.
std::string_view first_characters(std::string_view text, std::size_t limit) noexcept;

}  // namespace xrayd::local
