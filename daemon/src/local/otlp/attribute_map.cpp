#include "local/otlp/attribute_map.hpp"

#include <charconv>
#include <cmath>
#include <system_error>

namespace xrayd::local {
namespace {

std::optional<std::int64_t> whole_number(const OtlpValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value.value)) return *number;
  if (const auto* number = std::get_if<double>(&value.value)) {
    constexpr double largest = 9e15;  // whole numbers are exact below
    if (std::trunc(*number) == *number && std::abs(*number) < largest) {
      return static_cast<std::int64_t>(*number);
    }
  }
  if (const auto* text = std::get_if<std::string_view>(&value.value)) {
    std::int64_t number = 0;
    const auto* const last = text->data() + text->size();
    const auto [end, error] = std::from_chars(text->data(), last, number);
    if (error == std::errc{} && end == last) return number;
  }
  return std::nullopt;
}

}  // namespace

std::size_t AttributeMap::find(std::string_view key) const noexcept {
  for (std::size_t i = 0; i < attributes_->size(); ++i) {
    if ((*attributes_)[i].key == key) return i;
  }
  return nowhere;
}

std::string_view AttributeMap::text(Keys keys) {
  for (const auto key : keys) {
    const std::size_t index = find(key);
    if (index == nowhere) continue;
    const auto* text = std::get_if<std::string_view>(&(*attributes_)[index].value.value);
    if (text == nullptr || text->empty()) continue;
    used_[index] = true;
    return *text;
  }
  return {};
}

std::optional<std::int64_t> AttributeMap::number(Keys keys) {
  for (const auto key : keys) {
    const std::size_t index = find(key);
    if (index == nowhere) continue;
    if (const auto number = whole_number((*attributes_)[index].value)) {
      used_[index] = true;
      return number;
    }
  }
  return std::nullopt;
}

const OtlpValue* AttributeMap::value(std::string_view key) {
  const std::size_t index = find(key);
  if (index == nowhere) return nullptr;
  used_[index] = true;
  return &(*attributes_)[index].value;
}

bool AttributeMap::has(std::string_view key, std::string_view text) const noexcept {
  const std::size_t index = find(key);
  if (index == nowhere) return false;
  const auto* found = std::get_if<std::string_view>(&(*attributes_)[index].value.value);
  return found != nullptr && *found == text;
}

bool AttributeMap::has(std::string_view key) const noexcept {
  return find(key) != nowhere;
}

}  // namespace xrayd::local
