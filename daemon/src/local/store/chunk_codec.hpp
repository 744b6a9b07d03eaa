// Documents of many traces as one compressed piece.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace xrayd::local {

/// Documents are gathered into pieces of this size before they are compressed; a trace is never
/// spread over several, so a piece may be larger by the largest trace.
inline constexpr std::size_t chunk_bytes = std::size_t{96} << 10U;
inline constexpr std::size_t max_chunk_bytes = std::size_t{16} << 20U;

/// For one thread at a time.
class ChunkCompressor {
 public:
  ChunkCompressor();
  ~ChunkCompressor();
  ChunkCompressor(const ChunkCompressor&) = delete;
  ChunkCompressor& operator=(const ChunkCompressor&) = delete;

  /// Good until the next call. Throws std::bad_alloc.
  std::string_view compress(std::string_view raw);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
  std::string out_;
};

/// False where the bytes aren't what became of `raw_bytes` bytes.
[[nodiscard]] bool decompress_chunk(std::string_view compressed, std::size_t raw_bytes,
                                    std::string& out);

}  // namespace xrayd::local
