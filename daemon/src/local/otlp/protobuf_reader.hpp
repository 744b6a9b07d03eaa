// Messages of protocol buffers, field by field: as much of the format as OTLP needs.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace xrayd::local {

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

struct ProtobufField {
  std::uint32_t number = 0;
  WireType type = WireType::varint;
  /// Of varints and fixed numbers.
  std::uint64_t bits = 0;
  /// Of texts, bytes and messages; points into the message.
  std::string_view bytes;

  [[nodiscard]] bool is(std::uint32_t wanted, WireType wanted_type) const noexcept {
    return number == wanted && type == wanted_type;
  }
  [[nodiscard]] double real() const noexcept { return std::bit_cast<double>(bits); }
};

/// Reads one message; those within it are read by readers of their own. Never reads past its bytes.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : rest_(message) {}

  /// The next field; false at the end, and where the bytes are no field (see failed()).
  bool next(ProtobufField& field) noexcept {
    if (rest_.empty() || failed_) return false;
    const std::uint64_t tag = varint();
    field.number = static_cast<std::uint32_t>(tag >> 3U);
    field.type = static_cast<WireType>(tag & 7U);
    field.bits = 0;
    field.bytes = {};
    if (tag >> 32U != 0 || field.number == 0) failed_ = true;
    switch (field.type) {
      case WireType::varint:
        field.bits = varint();
        break;
      case WireType::fixed64:
        field.bits = fixed(8);
        break;
      case WireType::fixed32:
        field.bits = fixed(4);
        break;
      case WireType::bytes:
        field.bytes = take(varint());
        break;
      default:  // groups, which OTLP has none of
        failed_ = true;
    }
    return !failed_;
  }

  [[nodiscard]] bool failed() const noexcept { return failed_; }

 private:
  std::string_view take(std::uint64_t size) noexcept {
    if (size > rest_.size()) {
      failed_ = true;
      return {};
    }
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::uint64_t varint() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      if (shift == 63 && byte > 1) break;
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80U) return value;
    }
    failed_ = true;
    return 0;
  }

  std::uint64_t fixed(std::size_t size) noexcept {
    const std::string_view bytes = take(size);
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) {
      value = (value << 8U) | static_cast<unsigned char>(bytes[i - 1]);
    }
    return value;
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace xrayd::local
