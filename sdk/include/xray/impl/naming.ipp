#pragma once

#include <xray/impl/trace_header.ipp>
#include <xray/impl/wildcard.hpp>
#include <xray/naming.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Whether the text is not empty and has none but letters, digits and `others`.
inline bool has_only(std::string_view text, std::string_view others) noexcept {
  for (const char c : text) {
    const char lower = lower_ascii(c);
    if ((lower < 'a' || lower > 'z') && (c < '0' || c > '9') &&
        others.find(c) == std::string_view::npos) {
      return false;
    }
  }
  return !text.empty();
}

/// The host of a `Host` header; empty if it is not `name[:port]` or `[address][:port]`.
inline std::string_view host_without_port(std::string_view host) noexcept {
  host = trimmed(host);
  std::string_view name;
  std::string_view rest;
  if (!host.empty() && host.front() == '[') {
    const std::size_t close = host.find(']');
    if (close == std::string_view::npos) return {};
    name = host.substr(1, close - 1);
    rest = host.substr(close + 1);
    if (!has_only(name, ":.")) return {};
  } else {
    const std::size_t colon = host.find(':');
    name = host.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : host.substr(colon);
    if (!name.empty() && name.back() == '.') name.remove_suffix(1);
    if (!has_only(name, ".-_")) return {};
  }
  if (rest.empty()) return name;
  if (rest.front() != ':' || rest.size() > 6) return {};
  for (const char c : rest.substr(1)) {
    if (c < '0' || c > '9') return {};
  }
  return name;
}

}  // namespace detail

XRAY_DECL std::string_view DynamicNaming::name(std::string_view host) const noexcept {
  constexpr std::size_t longest = 200;  // of a segment's name
  const std::string_view name = detail::host_without_port(host);
  if (name.empty() || name.size() > longest) return fallback_;
  return detail::matches_wildcard(pattern_, name) ? name : std::string_view(fallback_);
}

XRAY_NAMESPACE_END
