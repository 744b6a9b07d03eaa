#include "local/trace_id.hpp"

#include <charconv>
#include <cstdio>

namespace xrayd::local {

std::optional<EntityId> parse_entity_id(std::string_view text) noexcept {
  constexpr std::size_t digits = 16;
  if (text.size() != digits) return std::nullopt;
  EntityId id = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, id, 16);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return id;
}

std::string entity_id_text(EntityId id) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(id));
  return {text.data(), 16};
}

std::optional<TraceId> TraceId::parse(std::string_view text) noexcept {
  constexpr std::size_t with_dashes = 35;
  constexpr std::size_t digits = 32;
  std::array<char, digits> hex{};
  if (text.size() == with_dashes && text.substr(0, 2) == "1-" && text[10] == '-') {
    text.copy(hex.data(), 8, 2);
    text.copy(hex.data() + 8, 24, 11);
  } else if (text.size() == digits) {
    text.copy(hex.data(), digits);
  } else {
    return std::nullopt;
  }
  const auto high = parse_entity_id({hex.data(), 16});
  const auto low = parse_entity_id({hex.data() + 16, 16});
  if (!high || !low) return std::nullopt;
  return TraceId{*high, *low};
}

std::string TraceId::to_string() const {
  std::array<char, 36> text{};
  std::snprintf(text.data(), text.size(), "1-%08x-%08x%016llx", epoch(),
                static_cast<std::uint32_t>(high & 0xFFFFFFFFU),
                static_cast<unsigned long long>(low));
  return {text.data(), 35};
}

std::array<std::byte, 16> TraceId::to_bytes() const noexcept {
  std::array<std::byte, 16> bytes{};
  for (std::size_t i = 0; i < 8; ++i) {
    const auto shift = 56U - 8U * i;
    bytes[i] = static_cast<std::byte>(high >> shift);
    bytes[i + 8] = static_cast<std::byte>(low >> shift);
  }
  return bytes;
}

TraceId TraceId::from_bytes(const std::array<std::byte, 16>& bytes) noexcept {
  TraceId id;
  for (std::size_t i = 0; i < 8; ++i) {
    id.high = (id.high << 8U) | std::to_integer<std::uint64_t>(bytes[i]);
    id.low = (id.low << 8U) | std::to_integer<std::uint64_t>(bytes[i + 8]);
  }
  return id;
}

}  // namespace xrayd::local
