#pragma once

#include <xray/impl/hex.hpp>
#include <xray/impl/random.hpp>
#include <xray/trace_id.hpp>

XRAY_NAMESPACE_BEGIN

XRAY_DECL TraceId TraceId::generate() noexcept {
  detail::ThreadState& thread = detail::thread_state;
  const auto seconds =
      static_cast<std::uint64_t>(detail::nanoseconds_of(CLOCK_REALTIME) / 1'000'000'000);
  const std::uint64_t high = (seconds << 32U) | (detail::random_bits(thread) >> 32U);
  return {high, detail::random_bits(thread)};
}

XRAY_DECL TraceId TraceId::parse(std::string_view text) noexcept {
  if (text.size() != 35 || text[0] != '1' || text[1] != '-' || text[10] != '-') return {};
  std::uint64_t epoch = 0;
  std::uint64_t middle = 0;
  std::uint64_t low = 0;
  if (!detail::read_hex(text.substr(2, 8), epoch) ||
      !detail::read_hex(text.substr(11, 8), middle) || !detail::read_hex(text.substr(19), low)) {
    return {};
  }
  return {(epoch << 32U) | middle, low};
}

XRAY_DECL TraceId::Text TraceId::to_string() const noexcept {
  char text[35] = {'1', '-'};
  detail::write_hex(text + 2, high_ >> 32U, 8);
  text[10] = '-';
  detail::write_hex(text + 11, high_, 8);
  detail::write_hex(text + 19, low_, 16);
  Text result;
  result.append({text, sizeof text});
  return result;
}

XRAY_NAMESPACE_END
