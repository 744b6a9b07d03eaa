// Where the documents of a trace lie in its file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace xrayd::local {

struct DocumentPlace {
  /// Key of the chunk, and where in it, decompressed.
  std::int64_t chunk = 0;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;

  friend bool operator==(const DocumentPlace&, const DocumentPlace&) = default;
};

/// Two or three bytes for a document that lies behind the one before.
std::string pack_places(std::span<const DocumentPlace> places);

/// False where the bytes make no sense.
[[nodiscard]] bool unpack_places(std::span<const std::byte> bytes,
                                 std::vector<DocumentPlace>& places);

}  // namespace xrayd::local
