#include "local/store/record_codec.hpp"

#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <span>

#include "local/packing/bytes.hpp"

namespace xrayd::local {
namespace {

constexpr int level = 1;
// Every frame begins with these; they are left out.
constexpr std::string_view frame_mark = "\x28\xB5\x2F\xFD";
constexpr char plain = 0;
constexpr char compressed = 1;
constexpr std::size_t max_record_bytes = std::size_t{32} << 20U;

// A few damaged bytes shall not ask for much memory: what would shrink further stays as it is.
std::size_t most_raw_bytes(std::size_t stored) {
  constexpr std::size_t always = 4096;
  constexpr std::size_t factor = 500;
  return std::min(always + factor * stored, max_record_bytes);
}

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

}  // namespace

struct RecordCodec::Contexts {
  explicit Contexts(std::string_view prefix)
      : compressor(ZSTD_createCCtx()),
        to(ZSTD_createCDict(prefix.data(), prefix.size(), level)),
        from(ZSTD_createDDict(prefix.data(), prefix.size())) {
    if (compressor == nullptr || to == nullptr || from == nullptr) {
      free();
      throw std::bad_alloc();
    }
    ZSTD_CCtx_setParameter(compressor, ZSTD_c_contentSizeFlag, 0);
    ZSTD_CCtx_setParameter(compressor, ZSTD_c_dictIDFlag, 0);
    ZSTD_CCtx_refCDict(compressor, to);
  }
  Contexts(const Contexts&) = delete;
  Contexts& operator=(const Contexts&) = delete;
  ~Contexts() { free(); }

  void free() const {
    ZSTD_freeCCtx(compressor);
    ZSTD_freeCDict(to);
    ZSTD_freeDDict(from);
  }

  ZSTD_CCtx* compressor;
  ZSTD_CDict* to;
  ZSTD_DDict* from;
};

RecordCodec::RecordCodec(std::string_view prefix) : contexts_(std::make_unique<Contexts>(prefix)) {
}

RecordCodec::~RecordCodec() = default;

void RecordCodec::compress(std::string_view record, std::string& out) {
  const std::size_t before = out.size();
  out += compressed;
  ByteWriter(out).number(record.size());
  const std::size_t begin = out.size();
  out.resize(begin + ZSTD_compressBound(record.size()));
  const std::size_t size = ZSTD_compress2(contexts_->compressor, out.data() + begin,
                                          out.size() - begin, record.data(), record.size());
  if (ZSTD_isError(size) != 0 || size >= record.size() + frame_mark.size() ||
      record.size() > most_raw_bytes(size - frame_mark.size())) {
    out.resize(before);
    append_plain_record(record, out);
    return;
  }
  out.resize(begin + size);
  out.erase(begin, frame_mark.size());
}

bool RecordCodec::decompress(std::string_view stored, std::string& record) const {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  thread_local std::string frame;
  ByteReader reader(std::as_bytes(std::span(stored.data(), stored.size())));
  const auto raw_bytes = reader.number();
  if (!context || reader.failed() || raw_bytes > most_raw_bytes(reader.left())) return false;
  frame.assign(frame_mark);
  frame += stored.substr(stored.size() - reader.left());
  record.resize(static_cast<std::size_t>(raw_bytes));
  const std::size_t size = ZSTD_decompress_usingDDict(context.get(), record.data(), record.size(),
                                                      frame.data(), frame.size(), contexts_->from);
  return ZSTD_isError(size) == 0 && size == record.size();
}

void append_plain_record(std::string_view record, std::string& out) {
  out += plain;
  out += record;
}

void append_record(std::string_view record, RecordCodec* codec, std::string& out) {
  codec != nullptr ? codec->compress(record, out) : append_plain_record(record, out);
}

std::string_view decode_record(std::string_view stored, const RecordCodec* codec,
                               std::string& buffer) {
  if (stored.empty()) return {};
  const char form = stored.front();
  stored.remove_prefix(1);
  if (form == plain) return stored;
  if (form != compressed || codec == nullptr || !codec->decompress(stored, buffer)) return {};
  return buffer;
}

}  // namespace xrayd::local
