// W3C Trace Context, level 1, as far as a trace header goes.
#pragma once

#include <xray/impl/hex.hpp>
#include <xray/impl/trace_header.ipp>
#include <xray/trace_header.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// What a traceparent says; without ids where it is not valid.
struct Traceparent {
  TraceId trace_id;
  SegmentId parent_id;
  bool sampled = false;
};

inline bool is_lower_hex(std::string_view text) noexcept {
  for (const char c : text) {
    if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return false;
  }
  return true;
}

/// `00-<32 digits>-<16 digits>-<2 digits>`; later versions may go on behind another dash.
inline Traceparent parse_traceparent(std::string_view text) noexcept {
  constexpr std::size_t size = 55;
  text = trimmed(text);
  if (text.size() < size || text[2] != '-' || text[35] != '-' || text[52] != '-') return {};
  const std::string_view version = text.substr(0, 2);
  const std::string_view flags = text.substr(53, 2);
  if (!is_lower_hex(version) || version == "ff" || !is_lower_hex(text.substr(3, 32)) ||
      !is_lower_hex(text.substr(36, 16)) || !is_lower_hex(flags)) {
    return {};
  }
  if (text.size() > size && (version == "00" || text[size] != '-')) return {};
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::uint64_t parent = 0;
  std::uint64_t bits = 0;
  read_hex(text.substr(3, 16), high);
  read_hex(text.substr(19, 16), low);
  read_hex(text.substr(36, 16), parent);
  read_hex(flags, bits);
  if ((high | low) == 0 || parent == 0) return {};
  return {TraceId(high, low), SegmentId(parent), (bits & 1U) != 0};
}

/// Takes the next member off a tracestate, without the blanks around it.
inline std::string_view take_member(std::string_view& list) noexcept {
  const std::size_t end = list.find(',');
  const std::string_view member = trimmed(list.substr(0, end));
  list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  return member;
}

/// `key=value` in the letters that W3C allows, each of 1 to 256.
inline bool is_member(std::string_view member) noexcept {
  constexpr std::size_t longest = 256;
  const std::size_t equals = member.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view key = member.substr(0, equals);
  const std::string_view value = member.substr(equals + 1);
  if (key.empty() || key.size() > longest || value.empty() || value.size() > longest) return false;
  for (const char c : key) {
    if ((c < 'a' || c > 'z') && (c < '0' || c > '9') &&
        std::string_view("_-*/@").find(c) == std::string_view::npos) {
      return false;
    }
  }
  for (const char c : value) {
    if (c < 0x20 || c > 0x7e || c == '=') return false;
  }
  return true;
}

}  // namespace detail

XRAY_DECL void TraceHeader::set_tracestate(std::string_view tracestate) noexcept {
  constexpr std::size_t most_members = 32;
  constexpr std::size_t long_member = 128;
  FixedText<tracestate_capacity> kept;  // the argument may lie in what is replaced
  std::size_t members = 0;
  std::size_t size = 0;
  bool well_formed = tracestate.size() <= longest_text;
  for (std::string_view rest = tracestate; well_formed && !rest.empty();) {
    const std::string_view member = detail::take_member(rest);
    if (member.empty()) continue;
    size += member.size() + (members == 0 ? 0 : 1);
    ++members;
    well_formed = detail::is_member(member) && members <= most_members;
  }
  const std::size_t longest = size > tracestate_capacity ? long_member : tracestate_capacity;
  for (std::string_view rest = tracestate; well_formed && !rest.empty();) {
    const std::string_view member = detail::take_member(rest);
    if (member.empty() || member.size() > longest) continue;
    const std::size_t separator = kept.empty() ? 0 : 1;
    if (separator + member.size() > tracestate_capacity - kept.size()) break;
    if (separator != 0) kept.append(",");
    kept.append(member);
  }
  tracestate_ = kept;
}

XRAY_DECL TraceHeader TraceHeader::parse(std::string_view text, std::string_view traceparent,
                                         std::string_view tracestate) noexcept {
  TraceHeader header = parse(text);
  if (traceparent.empty()) return header;
  const detail::Traceparent other = detail::parse_traceparent(traceparent);
  if (!other.trace_id.valid()) return header;
  if (!header.trace_id_.valid()) {
    header.trace_id_ = other.trace_id;
    header.parent_id_ = other.parent_id;
    header.sampling_ = other.sampled ? Sampling::sampled : Sampling::not_sampled;
  }
  if (!tracestate.empty() && header.trace_id_ == other.trace_id) header.set_tracestate(tracestate);
  return header;
}

XRAY_DECL TraceHeader TraceHeader::parse_w3c(std::string_view traceparent,
                                             std::string_view tracestate) noexcept {
  return parse({}, traceparent, tracestate);
}

XRAY_DECL TraceHeader::TraceparentText TraceHeader::traceparent() const noexcept {
  TraceparentText result;
  if (!trace_id_.valid() || !parent_id_.valid()) return result;
  char text[55] = {'0', '0', '-'};
  detail::write_hex(text + 3, trace_id_.high(), 16);
  detail::write_hex(text + 19, trace_id_.low(), 16);
  text[35] = '-';
  detail::write_hex(text + 36, parent_id_.value(), 16);
  text[52] = '-';
  text[53] = '0';
  text[54] = sampling_ == Sampling::sampled ? '1' : '0';
  result.append({text, sizeof text});
  return result;
}

XRAY_NAMESPACE_END
