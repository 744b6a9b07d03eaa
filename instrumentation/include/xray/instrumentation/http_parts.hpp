// The parts of a request's target that may be told, and the URL made of them.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <xray/fixed_text.hpp>
#include <xray/impl/wildcard.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Where a request goes, without what must stay private: no userinfo, no query, no fragment.
struct HttpTarget {
  std::string_view scheme;  ///< empty where the target doesn't say
  std::string_view host;    ///< with the port; empty where the target doesn't say
  std::string_view path;    ///< begins with `/`; empty for `*` and for CONNECT
};

/// A `Host` header or an authority without userinfo and whatever else does not belong there.
inline std::string_view clean_host(std::string_view host) noexcept {
  const std::size_t begin = host.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  host = host.substr(begin, host.find_last_not_of(" \t") - begin + 1);
  host = host.substr(0, host.find_first_of("/?#\\"));
  const std::size_t user = host.rfind('@');
  return user == std::string_view::npos ? host : host.substr(user + 1);
}

/// Takes a request target apart, in any of the forms HTTP has: `/path?query`,
/// `scheme://host/path?query`, `host:port` (CONNECT), `*`.
inline HttpTarget http_target(std::string_view target) noexcept {
  HttpTarget result;
  target = target.substr(0, target.find_first_of("?#"));
  if (target.empty() || target.front() == '/') {
    result.path = target;
    return result;
  }
  const std::size_t scheme = target.find("://");
  if (scheme == std::string_view::npos) {
    if (target != "*") result.host = clean_host(target);
    return result;
  }
  result.scheme = target.substr(0, scheme);
  target.remove_prefix(scheme + 3);
  const std::size_t slash = std::min(target.find('/'), target.size());
  result.host = clean_host(target.substr(0, slash));
  result.path = slash == target.size() ? std::string_view("/") : target.substr(slash);
  return result;
}

/// A host without its port, nor the brackets of an IPv6 address.
inline std::string_view without_port(std::string_view host) noexcept {
  if (!host.empty() && host.front() == '[') return host.substr(1, host.find(']') - 1);
  const std::size_t colon = host.find(':');
  // More than one colon: an address of IPv6 that was written without brackets.
  return colon == host.rfind(':') ? host.substr(0, colon) : host;
}

/// Longer than what a document takes of it: 250 characters, of at most 4 bytes.
using HttpUrl = FixedText<1024>;

inline HttpUrl http_url(std::string_view scheme, std::string_view host,
                        std::string_view path) noexcept {
  HttpUrl url;
  if (!host.empty()) {
    url.append(scheme);
    url.append("://");
    url.append(host);
  }
  url.append(path);
  return url;
}

/// The first address of an `X-Forwarded-For` header.
inline std::string_view first_forwarded(std::string_view list) noexcept {
  const std::size_t begin = list.find_first_not_of(" \t,");
  if (begin == std::string_view::npos) return {};
  list = list.substr(begin);
  list = list.substr(0, list.find(','));
  return list.substr(0, list.find_last_not_of(" \t") + 1);
}

/// The value of a `Content-Length` header; -1 if it is no number.
inline std::int64_t content_length(std::string_view text) noexcept {
  std::int64_t length = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  return error == std::errc() && end == text.data() + text.size() && length >= 0 ? length : -1;
}

inline bool matches_any(const std::vector<std::string>& patterns, std::string_view text) noexcept {
  return std::any_of(patterns.begin(), patterns.end(), [text](const std::string& pattern) {
    return matches_wildcard(pattern, text);
  });
}

}  // namespace detail
XRAY_NAMESPACE_END
