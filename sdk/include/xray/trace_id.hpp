// The id that every document of one trace shares.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_TRACE_ID_HPP
#define XRAY_TRACE_ID_HPP

#include <cstdint>
#include <string_view>

#include <xray/fixed_text.hpp>

XRAY_NAMESPACE_BEGIN

/// 128 bits, written `1-5759e988-bd862e3fe1be46a994272793`: version, eight hexadecimal digits (the
/// start time in epoch seconds; random in traces that a W3C tracer began), 24 random ones. A value
/// type; the default one is all zero and means "no trace".
class TraceId {
 public:
  using Text = FixedText<35>;

  constexpr TraceId() noexcept = default;
  /// From its 128 bits, most significant half first.
  constexpr TraceId(std::uint64_t high, std::uint64_t low) noexcept : high_(high), low_(low) {}

  /// A new id that begins now. Random bits come from a generator of the calling thread seeded by
  /// the kernel: unique, also after fork, but not meant as a secret. Never comes from
  /// Configuration::id_generator.
  static XRAY_DECL TraceId generate() noexcept;

  /// Reads the 35-character form, in either case of letters. Anything else, and the all-zero id,
  /// gives the invalid id.
  static XRAY_DECL TraceId parse(std::string_view text) noexcept;

  [[nodiscard]] constexpr bool valid() const noexcept { return (high_ | low_) != 0; }
  constexpr explicit operator bool() const noexcept { return valid(); }

  /// The first 32 bits: epoch seconds of the trace's start, where its maker wrote them.
  [[nodiscard]] constexpr std::uint32_t epoch_seconds() const noexcept {
    return static_cast<std::uint32_t>(high_ >> 32U);
  }
  [[nodiscard]] constexpr std::uint64_t high() const noexcept { return high_; }
  [[nodiscard]] constexpr std::uint64_t low() const noexcept { return low_; }

  [[nodiscard]] XRAY_DECL Text to_string() const noexcept;

  friend constexpr bool operator==(TraceId left, TraceId right) noexcept {
    return left.high_ == right.high_ && left.low_ == right.low_;
  }
  friend constexpr bool operator!=(TraceId left, TraceId right) noexcept {
    return !(left == right);
  }
  /// The order of the bits, and so of the start times.
  friend constexpr bool operator<(TraceId left, TraceId right) noexcept {
    return left.high_ != right.high_ ? left.high_ < right.high_ : left.low_ < right.low_;
  }

 private:
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

XRAY_NAMESPACE_END

#endif  // XRAY_TRACE_ID_HPP
