#include "local/store/chunk_codec.hpp"

#include <zstd.h>

#include <new>

namespace xrayd::local {
namespace {

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

}  // namespace

struct ChunkCompressor::Context {
  Context() : handle(ZSTD_createCCtx()) {
    if (handle == nullptr) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(handle, ZSTD_c_compressionLevel, 1);
    // The checksum tells damage that would decompress all the same.
    ZSTD_CCtx_setParameter(handle, ZSTD_c_checksumFlag, 1);
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { ZSTD_freeCCtx(handle); }

  ZSTD_CCtx* handle;
};

ChunkCompressor::ChunkCompressor() : context_(std::make_unique<Context>()) {
}

ChunkCompressor::~ChunkCompressor() = default;

std::string_view ChunkCompressor::compress(std::string_view raw) {
  out_.resize(ZSTD_compressBound(raw.size()));
  const std::size_t size =
      ZSTD_compress2(context_->handle, out_.data(), out_.size(), raw.data(), raw.size());
  if (ZSTD_isError(size) != 0) throw std::bad_alloc();  // there is room: nothing else can fail
  return std::string_view(out_).substr(0, size);
}

bool decompress_chunk(std::string_view compressed, std::size_t raw_bytes, std::string& out) {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  if (!context || raw_bytes > max_chunk_bytes) return false;
  out.resize(raw_bytes);
  const std::size_t size = ZSTD_decompressDCtx(context.get(), out.data(), out.size(),
                                               compressed.data(), compressed.size());
  return ZSTD_isError(size) == 0 && size == raw_bytes;
}

}  // namespace xrayd::local
