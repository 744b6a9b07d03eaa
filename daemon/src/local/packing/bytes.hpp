// Numbers and texts as bytes, and back: small numbers take one byte.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace xrayd::local {

/// Appends to a text.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  void byte(std::uint8_t value) { out_ += static_cast<char>(value); }
  /// Seven bits a byte, the lowest first.
  void number(std::uint64_t value) {
    while (value >= 0x80U) {
      byte(static_cast<std::uint8_t>(value | 0x80U));
      value >>= 7U;
    }
    byte(static_cast<std::uint8_t>(value));
  }
  /// Small magnitudes take few bytes, whatever their sign.
  void signed_number(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    number((bits << 1U) ^ (value < 0 ? ~std::uint64_t{0} : 0));
  }
  /// Eight bytes, the lowest first.
  void fixed(std::uint64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8) {
      byte(static_cast<std::uint8_t>(value >> shift));
    }
  }
  void real(double value) { fixed(std::bit_cast<std::uint64_t>(value)); }
  /// Its length, then its bytes.
  void text(std::string_view value) {
    number(value.size());
    bytes(value);
  }
  /// Without their number: who reads them must know it.
  void bytes(std::string_view value) { out_ += value; }

 private:
  std::string& out_;
};

/// Reads what ByteWriter wrote. Where the bytes end too early, or make no number, every further
/// read answers nothing (0, an empty text) and failed() is true.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] bool at_end() const noexcept { return bytes_.empty(); }
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size(); }
  /// For values that are numbers but make no sense.
  void fail() noexcept {
    failed_ = true;
    bytes_ = {};
  }

  std::uint8_t byte() noexcept {
    if (bytes_.empty()) {
      fail();
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(bytes_.front());
    bytes_ = bytes_.subspan(1);
    return value;
  }
  /// More than 64 bits make no number; zeros in front of one (0x80 0x00) are taken.
  std::uint64_t number() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      if (shift == 63 && next > 1) break;
      value |= std::uint64_t{next & 0x7FU} << shift;
      if (next < 0x80U) return failed_ ? 0 : value;
    }
    fail();
    return 0;
  }
  std::int64_t signed_number() noexcept {
    const std::uint64_t bits = number();
    return static_cast<std::int64_t>((bits >> 1U) ^ ((bits & 1U) != 0 ? ~std::uint64_t{0} : 0));
  }
  /// A count of things of which each takes at least a byte: more than are left fail.
  std::size_t count() noexcept {
    const std::uint64_t value = number();
    if (value <= bytes_.size()) return static_cast<std::size_t>(value);
    fail();
    return 0;
  }
  std::uint64_t fixed() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 8) value |= std::uint64_t{byte()} << shift;
    return failed_ ? 0 : value;
  }
  double real() noexcept { return std::bit_cast<double>(fixed()); }
  /// Points into the bytes.
  std::string_view text() noexcept { return bytes(number()); }
  /// So many of them; points into them.
  std::string_view bytes(std::uint64_t count) noexcept {
    if (count > bytes_.size()) {
      fail();
      return {};
    }
    const auto size = static_cast<std::size_t>(count);
    const std::string_view value{reinterpret_cast<const char*>(bytes_.data()), size};
    bytes_ = bytes_.subspan(size);
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  bool failed_ = false;
};

}  // namespace xrayd::local
