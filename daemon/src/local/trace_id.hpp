// The id of a trace: 128 bits, of which X-Ray shows the first 32 as a time and W3C shows none.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace xrayd::local {

struct TraceId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  /// Takes `1-<8 hex>-<24 hex>` and the 32 hex digits of W3C, in either case.
  static std::optional<TraceId> parse(std::string_view text) noexcept;

  /// `1-<8 hex>-<24 hex>`, lower case.
  [[nodiscard]] std::string to_string() const;

  /// Big-endian, so that the order of keys in the store is the order of the epochs.
  [[nodiscard]] std::array<std::byte, 16> to_bytes() const noexcept;
  static TraceId from_bytes(const std::array<std::byte, 16>& bytes) noexcept;

  /// Seconds since 1970, if whoever made the id put the time there; a random number otherwise.
  [[nodiscard]] std::uint32_t epoch() const noexcept {
    return static_cast<std::uint32_t>(high >> 32U);
  }

  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 stumbles over the defaulted operator.
  friend auto operator<=>(const TraceId&, const TraceId&) = default;
};

/// The id of a segment or subsegment.
using EntityId = std::uint64_t;

/// Takes exactly 16 hex digits.
std::optional<EntityId> parse_entity_id(std::string_view text) noexcept;

/// 16 hex digits, lower case.
std::string entity_id_text(EntityId id);

}  // namespace xrayd::local

template <>
struct std::hash<xrayd::local::TraceId> {
  std::size_t operator()(const xrayd::local::TraceId& id) const noexcept {
    return static_cast<std::size_t>(id.low ^ (id.high * 0x9E3779B97F4A7C15U));
  }
};
