#include "sql/url.hpp"

#include <cstddef>

XRAY_NAMESPACE_BEGIN
namespace sql {

namespace {

constexpr std::size_t nowhere = std::string_view::npos;

bool is_scheme(std::string_view text) noexcept {
  if (text.empty()) return false;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') return false;
  }
  return true;
}

bool is_port(std::string_view text) noexcept {
  if (text.size() > 5) return false;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

/// The host's length in `host:port`; without brackets it ends at the first colon.
std::size_t host_length(std::string_view text) noexcept {
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end != nowhere) return end + 1;
  }
  const std::size_t colon = text.find(':');
  return colon == nowhere ? text.size() : colon;
}

}  // namespace

UrlParts url_parts(std::string_view url) noexcept {
  UrlParts parts;
  const std::size_t scheme_end = url.find("://");
  if (scheme_end != nowhere && is_scheme(url.substr(0, scheme_end))) {
    parts.scheme = url.substr(0, scheme_end);
    url.remove_prefix(scheme_end + 3);
  } else if (url.substr(0, 2) == "//") {
    url.remove_prefix(2);
  }
  // Some take a backslash for a slash.
  const std::size_t authority_end = url.find_first_of("/\\?#");
  std::string_view authority = url.substr(0, authority_end);
  url.remove_prefix(authority.size());
  const std::size_t at = authority.rfind('@');
  if (at != nowhere) {
    parts.userinfo = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  parts.host = authority.substr(0, host_length(authority));
  authority.remove_prefix(parts.host.size());
  if (!authority.empty()) {
    // Some have lists of hosts: the first counts. If it isn't a port, a password may have been cut
    // in two by a character that should not be in it.
    const std::string_view port = authority.substr(1, authority.find(',') - 1);
    if (authority.front() != ':' || !is_port(port)) return parts;
    parts.port = port;
  }
  const std::size_t path_end = url.find_first_of("?#");
  parts.path = url.substr(0, path_end);
  if (path_end == nowhere) return parts;
  const std::string_view rest = url.substr(path_end + 1);
  if (parts.userinfo.empty() && parts.path.empty() && rest.find('@') != nowhere) {
    parts.port = {};  // `user:12?34@host`, likewise
  }
  if (url[path_end] == '?') parts.query = rest.substr(0, rest.find('#'));
  return parts;
}

}  // namespace sql
XRAY_NAMESPACE_END
