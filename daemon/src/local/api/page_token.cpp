#include "local/api/page_token.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>

#include "local/api/api_error.hpp"

namespace xrayd::local::api {
namespace {

constexpr std::size_t digits = 16;

}  // namespace

// FNV-1a.
void QueryMark::mix(unsigned char byte) noexcept {
  constexpr std::uint64_t prime = 0x100000001B3U;
  value_ = (value_ ^ byte) * prime;
}

QueryMark& QueryMark::add(std::uint64_t number) noexcept {
  for (unsigned shift = 0; shift < 64; shift += 8) {
    mix(static_cast<unsigned char>((number >> shift) & 0xFFU));
  }
  return *this;
}

QueryMark& QueryMark::add(std::string_view text) noexcept {
  // The length first, so that two texts in a row can't be read as two others.
  add(std::uint64_t{text.size()});
  for (const char c : text) mix(static_cast<unsigned char>(c));
  return *this;
}

std::string page_token(const QueryMark& mark, std::span<const std::uint64_t> place) {
  std::string token = entity_id_text(mark.value());
  for (const auto number : place) token += entity_id_text(number);
  return token;
}

std::string page_token(const QueryMark& mark, const ListPosition& position) {
  const std::array<std::uint64_t, 4> place = {std::bit_cast<std::uint64_t>(position.listed_at),
                                              std::bit_cast<std::uint64_t>(position.started),
                                              position.id.high(), position.id.low()};
  return page_token(mark, place);
}

bool place_of(std::string_view token, const QueryMark& mark, std::span<std::uint64_t> place) {
  if (token.size() != digits * (place.size() + 1)) return false;
  for (std::size_t i = 0; i <= place.size(); ++i) {
    // Not parse_entity_id: half an id may be zero.
    std::uint64_t number = 0;
    const char* const begin = token.data() + i * digits;
    const auto [end, error] = std::from_chars(begin, begin + digits, number, 16);
    if (error != std::errc{} || end != begin + digits) return false;
    if (i == 0) {
      if (number != mark.value()) return false;
    } else {
      place[i - 1] = number;
    }
  }
  return true;
}

std::optional<ListPosition> position_of(std::string_view token, const QueryMark& mark) {
  std::array<std::uint64_t, 4> place{};
  if (!place_of(token, mark, place)) return std::nullopt;
  const ListPosition position{std::bit_cast<double>(place[0]), std::bit_cast<double>(place[1]),
                              TraceId{place[2], place[3]}};
  const bool sane = std::isfinite(position.listed_at) && std::isfinite(position.started);
  return sane ? std::optional(position) : std::nullopt;
}

void refuse_token(const std::optional<std::string>& token) {
  if (token) throw invalid_request("NextToken is currently not supported");
}

}  // namespace xrayd::local::api
