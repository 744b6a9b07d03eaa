#pragma once

#include <xray/impl/hex.hpp>
#include <xray/impl/random.hpp>
#include <xray/segment_id.hpp>

XRAY_NAMESPACE_BEGIN

XRAY_DECL SegmentId SegmentId::generate() noexcept {
  return SegmentId(detail::random_id(detail::thread_state));
}

XRAY_DECL SegmentId SegmentId::parse(std::string_view text) noexcept {
  std::uint64_t value = 0;
  return text.size() == 16 && detail::read_hex(text, value) ? SegmentId(value) : SegmentId();
}

XRAY_DECL SegmentId::Text SegmentId::to_string() const noexcept {
  char text[16];
  detail::write_hex(text, value_, 16);
  Text result;
  result.append({text, sizeof text});
  return result;
}

XRAY_NAMESPACE_END
