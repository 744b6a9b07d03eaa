// Attributes by key, and which of them have found their place in a segment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "local/otlp/otlp_request.hpp"

namespace xrayd::local {

/// Looks into attributes that must outlive it. Those asked for successfully count as used.
class AttributeMap {
 public:
  using Keys = std::initializer_list<std::string_view>;

  explicit AttributeMap(const std::vector<OtlpAttribute>& attributes)
      : attributes_(&attributes), used_(attributes.size(), false) {}

  /// Of the first of the keys that has a text that isn't empty; else empty.
  std::string_view text(Keys keys);
  /// Of the first of the keys that has a whole number, or a text that is one.
  std::optional<std::int64_t> number(Keys keys);
  /// Null where there is none.
  const OtlpValue* value(std::string_view key);

  /// True where the key has that text; uses nothing.
  [[nodiscard]] bool has(std::string_view key, std::string_view text) const noexcept;
  [[nodiscard]] bool has(std::string_view key) const noexcept;
  void use(std::size_t index) { used_[index] = true; }

  [[nodiscard]] std::size_t size() const noexcept { return attributes_->size(); }
  [[nodiscard]] const OtlpAttribute& operator[](std::size_t index) const noexcept {
    return (*attributes_)[index];
  }
  [[nodiscard]] bool used(std::size_t index) const { return used_[index]; }

 private:
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
  [[nodiscard]] std::size_t find(std::string_view key) const noexcept;

  const std::vector<OtlpAttribute>* attributes_;
  std::vector<bool> used_;
};

}  // namespace xrayd::local
