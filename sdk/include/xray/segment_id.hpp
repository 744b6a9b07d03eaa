// The id of one segment or subsegment within its trace.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_SEGMENT_ID_HPP
#define XRAY_SEGMENT_ID_HPP

#include <cstdint>
#include <string_view>

#include <xray/fixed_text.hpp>

XRAY_NAMESPACE_BEGIN

/// 64 bits, written as 16 hexadecimal digits. A value type; zero means "none".
class SegmentId {
 public:
  using Text = FixedText<16>;

  constexpr SegmentId() noexcept = default;
  constexpr explicit SegmentId(std::uint64_t value) noexcept : value_(value) {}

  /// A new random id, never zero. Never comes from Configuration::id_generator.
  static XRAY_DECL SegmentId generate() noexcept;

  /// Reads exactly 16 hexadecimal digits, in either case of letters; anything else gives none.
  static XRAY_DECL SegmentId parse(std::string_view text) noexcept;

  [[nodiscard]] constexpr bool valid() const noexcept { return value_ != 0; }
  constexpr explicit operator bool() const noexcept { return valid(); }
  [[nodiscard]] constexpr std::uint64_t value() const noexcept { return value_; }

  [[nodiscard]] XRAY_DECL Text to_string() const noexcept;

  friend constexpr bool operator==(SegmentId left, SegmentId right) noexcept {
    return left.value_ == right.value_;
  }
  friend constexpr bool operator!=(SegmentId left, SegmentId right) noexcept {
    return !(left == right);
  }

 private:
  std::uint64_t value_ = 0;
};

XRAY_NAMESPACE_END

#endif  // XRAY_SEGMENT_ID_HPP
