#include "local/api/page_token.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <system_error>

namespace xrayd::local::api {
namespace {

constexpr std::size_t digits = 16;

std::uint64_t query_mark(const SummaryQuery& query) {
  const std::array<std::uint64_t, 3> parts = {std::bit_cast<std::uint64_t>(query.start),
                                              std::bit_cast<std::uint64_t>(query.end),
                                              static_cast<std::uint64_t>(query.range)};
  constexpr std::uint64_t offset = 0xCBF29CE484222325U;
  constexpr std::uint64_t prime = 0x100000001B3U;
  std::uint64_t mark = offset;
  for (const auto part : parts) {
    mark = (mark ^ part) * prime;
    mark ^= mark >> 32U;
  }
  return mark;
}

}  // namespace

std::string page_token(const SummaryQuery& query, const ListPosition& position) {
  return entity_id_text(query_mark(query)) +
         entity_id_text(std::bit_cast<std::uint64_t>(position.listed_at)) +
         entity_id_text(std::bit_cast<std::uint64_t>(position.started)) +
         entity_id_text(position.id.high()) + entity_id_text(position.id.low());
}

std::optional<ListPosition> position_of(std::string_view token, const SummaryQuery& query) {
  std::array<std::uint64_t, 5> numbers{};
  if (token.size() != digits * numbers.size()) return std::nullopt;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    // Not parse_entity_id: half an id may be zero.
    const char* const begin = token.data() + i * digits;
    const auto [end, error] = std::from_chars(begin, begin + digits, numbers[i], 16);
    if (error != std::errc{} || end != begin + digits) return std::nullopt;
  }
  const ListPosition position{std::bit_cast<double>(numbers[1]), std::bit_cast<double>(numbers[2]),
                              TraceId{numbers[3], numbers[4]}};
  const bool sane = std::isfinite(position.listed_at) && std::isfinite(position.started);
  if (!sane || numbers[0] != query_mark(query)) return std::nullopt;
  return position;
}

}  // namespace xrayd::local::api
