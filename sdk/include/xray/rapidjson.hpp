// RapidJSON values as metadata. Needs RapidJSON's headers; <xray/xray.hpp> does not include this.
#pragma once

#include <rapidjson/document.h>
#include <rapidjson/writer.h>

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <string_view>

#include <xray/entity.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// A bounded text. What finds no room, or no memory, is cut: that is no JSON then, and recorded as
/// what it is, a text.
class BoundedText {
 public:
  using Ch = char;  // NOLINT(readability-identifier-naming): RapidJSON's
  static constexpr std::size_t most = std::size_t{1} << 20U;

  BoundedText() noexcept = default;
  BoundedText(const BoundedText&) = delete;
  BoundedText& operator=(const BoundedText&) = delete;
  ~BoundedText() { std::free(data_); }

  void Put(char c) noexcept {
    if (size_ == capacity_ && !grow()) return;
    data_[size_++] = c;
  }
  void Flush() noexcept {}
  [[nodiscard]] std::string_view view() const noexcept { return {data_, size_}; }

 private:
  bool grow() noexcept {
    const std::size_t wanted = capacity_ != 0 ? capacity_ * 2 : 1024;
    auto* const memory = wanted <= most ? static_cast<char*>(std::realloc(data_, wanted)) : nullptr;
    if (memory == nullptr) return false;
    data_ = memory;
    capacity_ = wanted;
    return true;
  }

  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// RapidJSON's writer visits values by recursion and refuses infinities; this one ends in time, and
/// writes those as text.
class RapidjsonWriter : public rapidjson::Writer<BoundedText> {
 public:
  using Base = rapidjson::Writer<BoundedText>;
  using Base::String;
  explicit RapidjsonWriter(BoundedText& text) : Base(text) {}

  bool Double(double value) {
    if (std::isfinite(value)) return Base::Double(value);
    return Base::String(std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
  }
  bool StartObject() { return ++depth_ <= deepest && Base::StartObject(); }
  bool StartArray() { return ++depth_ <= deepest && Base::StartArray(); }
  bool EndObject(rapidjson::SizeType members = 0) {
    --depth_;
    return Base::EndObject(members);
  }
  bool EndArray(rapidjson::SizeType elements = 0) {
    --depth_;
    return Base::EndArray(elements);
  }

 private:
  static constexpr unsigned deepest = 256;
  unsigned depth_ = 0;
};

}  // namespace detail

/// Adds a RapidJSON value (UTF-8, any allocator) as metadata: see Entity::add_metadata. Costs
/// nothing where the entity is not recorded. What JSON text can't hold (nested deeper than 256, not
/// UTF-8), or is longer than 1 MiB, is recorded as a text and counted
/// (Statistics::metadata_invalid); NaN and infinities are written as the strings "NaN", "Infinity"
/// and "-Infinity". Writing takes memory from malloc.
template <typename Allocator>
void add_metadata(Entity& entity, std::string_view key,
                  const rapidjson::GenericValue<rapidjson::UTF8<>, Allocator>& value,
                  std::string_view name_space = "default") noexcept {
  if (!entity.sampled()) return;
  detail::BoundedText text;
  detail::RapidjsonWriter writer(text);
  value.Accept(writer);
  entity.add_metadata(key, Json(text.view()), name_space);
}

XRAY_NAMESPACE_END
