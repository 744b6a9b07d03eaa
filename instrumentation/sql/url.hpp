// The parts of a database's URL. (Those of HTTP are http_parts.hpp's and called_url.hpp's: other
// forms, and other mistakes in them.)
#pragma once

#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace sql {

/// A URL's parts, as pieces of its text; absent ones are empty.
struct UrlParts {
  std::string_view scheme;    // without "://"
  std::string_view userinfo;  // user and password
  std::string_view host;      // IPv6 in its brackets
  std::string_view port;      // one to five digits
  std::string_view path;      // with its slash
  std::string_view query;     // without its question mark
};

/// Reads a URL, which may lack its scheme. Malformed ones lose rather than show something: of
/// several `@` before the path the last one ends the userinfo, and behind a port that isn't a
/// number comes nothing. Any text is allowed. Thread-safe.
[[nodiscard]] UrlParts url_parts(std::string_view url) noexcept;

}  // namespace sql
XRAY_NAMESPACE_END
