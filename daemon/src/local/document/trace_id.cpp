#include "local/document/trace_id.hpp"

#include <array>
#include <cstdint>

#include "local/document/secret_hash.hpp"

namespace xrayd::local {
namespace {

constexpr std::uint8_t no_digit = 0xFF;

constexpr auto digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::uint8_t i = 0; i < 10; ++i) values['0' + i] = i;
  for (std::uint8_t i = 10; i < 16; ++i) {
    values['a' - 10 + i] = i;
    values['A' - 10 + i] = i;
  }
  return values;
}();

}  // namespace

std::size_t EntityIdHash::operator()(EntityId id) const noexcept {
  return static_cast<std::size_t>(mixed_bits(id + hash_secret()));
}

std::size_t TraceIdHash::operator()(TraceId id) const noexcept {
  return static_cast<std::size_t>(mixed_bits(mixed_bits(id.high() + hash_secret()) + id.low()));
}

std::optional<TraceId> parse_trace_id(std::string_view text) noexcept {
  constexpr std::size_t w3c_digits = 32;
  TraceId id = TraceId::parse(text);
  if (text.size() == w3c_digits) {
    TraceId::Text dashed;
    dashed.append("1-");
    dashed.append(text.substr(0, 8));
    dashed.append("-");
    dashed.append(text.substr(8));
    id = TraceId::parse(dashed);
  }
  return id.valid() ? std::optional(id) : std::nullopt;
}

std::array<std::byte, 16> to_bytes(TraceId id) noexcept {
  std::array<std::byte, 16> bytes{};
  for (std::size_t i = 0; i < 8; ++i) {
    const auto shift = 56U - 8U * i;
    bytes[i] = static_cast<std::byte>(id.high() >> shift);
    bytes[i + 8] = static_cast<std::byte>(id.low() >> shift);
  }
  return bytes;
}

TraceId trace_id_from_bytes(const std::array<std::byte, 16>& bytes) noexcept {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    high = (high << 8U) | std::to_integer<std::uint64_t>(bytes[i]);
    low = (low << 8U) | std::to_integer<std::uint64_t>(bytes[i + 8]);
  }
  return {high, low};
}

std::optional<EntityId> parse_entity_id(std::string_view text) noexcept {
  constexpr std::size_t digits = 16;
  if (text.size() != digits) return std::nullopt;
  // No branch for each digit: nobody can foretell whether it is a letter.
  EntityId id = 0;
  unsigned all = 0;
  for (const char c : text) {
    const std::uint8_t value = digit_values[static_cast<unsigned char>(c)];
    all |= value;
    id = (id << 4U) | (value & 0xFU);
  }
  return all < 16 && id != 0 ? std::optional(id) : std::nullopt;
}

std::string entity_id_text(EntityId id) {
  return xray::SegmentId(id).to_string();
}

}  // namespace xrayd::local
