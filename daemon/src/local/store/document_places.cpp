#include "local/store/document_places.hpp"

#include "local/packing/bytes.hpp"
#include "local/store/chunk_codec.hpp"

namespace xrayd::local {

std::string pack_places(std::span<const DocumentPlace> places) {
  std::string out;
  ByteWriter writer(out);
  std::int64_t chunk = 0;
  std::int64_t expected = 0;
  for (const auto& place : places) {
    // The lowest bit of the length says that the place isn't where one would expect it.
    const bool elsewhere = place.chunk != chunk || place.offset != expected;
    writer.number((std::uint64_t{place.length} << 1U) | (elsewhere ? 1U : 0U));
    if (elsewhere) {
      writer.signed_number(place.chunk - chunk);
      writer.number(place.offset);
    }
    chunk = place.chunk;
    expected = std::int64_t{place.offset} + place.length;
  }
  return out;
}

bool unpack_places(std::span<const std::byte> bytes, std::vector<DocumentPlace>& places) {
  ByteReader reader(bytes);
  std::int64_t chunk = 0;
  std::uint64_t offset = 0;
  while (!reader.at_end()) {
    const std::uint64_t word = reader.number();
    const std::uint64_t length = word >> 1U;
    if ((word & 1U) != 0) {
      const auto step = static_cast<std::uint64_t>(reader.signed_number());
      chunk = static_cast<std::int64_t>(static_cast<std::uint64_t>(chunk) + step);
      offset = reader.number();
    }
    if (reader.failed() || length > max_chunk_bytes || offset > max_chunk_bytes) return false;
    places.push_back(
        {chunk, static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(length)});
    offset += length;
  }
  return !reader.failed();
}

}  // namespace xrayd::local
