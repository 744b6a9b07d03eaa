// Packed records, smaller: each compressed by itself, against records that came before.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace xrayd::local {

/// Records that a file begins with, as many as these, make its records small from then on.
inline constexpr std::size_t record_prefix_bytes = std::size_t{24} << 10U;

/// What compress() needs is for one thread at a time, decompress() for any.
class RecordCodec {
 public:
  /// `prefix`: records one behind the other, the most usual ones last.
  explicit RecordCodec(std::string_view prefix);
  ~RecordCodec();
  RecordCodec(const RecordCodec&) = delete;
  RecordCodec& operator=(const RecordCodec&) = delete;

  /// Appends to `out`.
  void compress(std::string_view record, std::string& out);
  /// False where the bytes are damaged.
  [[nodiscard]] bool decompress(std::string_view stored, std::string& record) const;

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

/// As it is, for files without a codec; decode_record() knows it from a compressed one.
void append_plain_record(std::string_view record, std::string& out);
void append_record(std::string_view record, RecordCodec* codec, std::string& out);

/// The packed record: points into `stored` or `buffer`; empty where the bytes make no sense, or ask
/// for a codec that isn't there.
[[nodiscard]] std::string_view decode_record(std::string_view stored, const RecordCodec* codec,
                                             std::string& buffer);

}  // namespace xrayd::local
