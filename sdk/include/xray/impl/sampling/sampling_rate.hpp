// A probability, as an integer that random bits are compared with.
#pragma once

#include <cstdint>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// 0 never, all ones always.
using RateThreshold = std::uint64_t;

inline constexpr RateThreshold always_threshold = ~RateThreshold{0};

/// What is beyond 0 and 1 counts as the nearer end, NaN as 0.
inline RateThreshold rate_threshold(double rate) noexcept {
  if (!(rate > 0)) return 0;
  // 2^64, of which every rate below 1 makes an integer below 2^64.
  const double scaled = rate * 18446744073709551616.0;
  return scaled >= 18446744073709551616.0 ? always_threshold : static_cast<RateThreshold>(scaled);
}

/// Whether 64 random bits fall below the rate.
inline bool is_below(std::uint64_t random_bits, RateThreshold threshold) noexcept {
  return random_bits < threshold || threshold == always_threshold;
}

}  // namespace detail
XRAY_NAMESPACE_END
