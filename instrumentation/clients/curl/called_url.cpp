#include "clients/curl/called_url.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>

#include <xray/instrumentation/http_parts.hpp>

#include "aws/text.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {
namespace {

using instrumentation::equal_ignoring_case;
using instrumentation::is_digit;
using instrumentation::is_letter;
using instrumentation::starts_with;

bool is_of_scheme(char character) noexcept {
  return is_letter(character) || is_digit(character) || character == '+' || character == '-' ||
         character == '.';
}

// std::string_view's search for any of several characters is slow.
std::string_view until(std::string_view text, char end) noexcept {
  return text.substr(0, text.find(end));
}

/// The place behind the last `character`; 0 where there is none. Searches of std::string_view from
/// behind go byte by byte.
std::size_t behind_last(std::string_view text, char character) noexcept {
  const void* const last = memrchr(text.data(), character, text.size());
  if (last == nullptr) return 0;
  return static_cast<std::size_t>(static_cast<const char*>(last) - text.data()) + 1;
}

/// A host without userinfo, and without whatever does not belong to a host.
std::string_view without_user(std::string_view host) noexcept {
  host = until(instrumentation::trimmed(host), '\\');
  return host.substr(behind_last(host, '@'));
}

/// The text before `:/`, if it can be a scheme.
std::string_view scheme_of(std::string_view url) noexcept {
  const std::size_t size = url.find(':');
  if (size == 0 || size == std::string_view::npos || url.substr(size, 2) != ":/") return {};
  const std::string_view scheme = url.substr(0, size);
  return std::all_of(scheme.begin(), scheme.end(), is_of_scheme) ? scheme : std::string_view();
}

/// Whether what follows the host is a port or nothing.
bool has_good_port(std::string_view host) noexcept {
  const std::size_t bracket = behind_last(host, ']');
  host.remove_prefix(bracket);
  const std::size_t colon = host.find(':');
  if (colon == std::string_view::npos) return bracket == 0 || host.empty();
  const std::string_view port = host.substr(colon + 1);
  return std::all_of(port.begin(), port.end(), is_digit);
}

}  // namespace

CalledUrl called_url(std::string_view url) noexcept {
  CalledUrl parts;
  parts.scheme = scheme_of(url);
  if (!parts.scheme.empty()) {
    url.remove_prefix(parts.scheme.size() + 1);
    for (int slashes = 0; slashes < 3 && starts_with(url, "/"); ++slashes) url.remove_prefix(1);
  }
  const std::string_view before_query = until(until(url, '?'), '#');
  const std::string_view told = until(before_query, '/');
  const std::string_view host = without_user(told);
  if (host.empty() || !has_good_port(host)) return {};
  parts.host = host;
  parts.name = detail::without_port(host);
  parts.path = before_query.substr(told.size());
  parts.query = url.substr(before_query.size());
  if (parts.path.empty()) parts.path = "/";
  return parts;
}

bool is_http(const CalledUrl& url, std::string_view default_protocol) noexcept {
  const std::string_view scheme = url.scheme.empty() ? default_protocol : url.scheme;
  if (!scheme.empty()) {
    return equal_ignoring_case(scheme, "http") || equal_ignoring_case(scheme, "https");
  }
  if (url.name.empty()) return false;
  for (const std::string_view label : {"ftp.", "dict.", "ldap.", "imap.", "smtp.", "pop3."}) {
    if (equal_ignoring_case(url.name.substr(0, label.size()), label)) return false;
  }
  return true;
}

HostText with_port(std::string_view host, long port) noexcept {
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.find(':', bracket != std::string_view::npos ? bracket : 0);
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, port).ptr;
  HostText text;
  text.append(host.substr(0, colon));
  text.append(":");
  text.append({digits, static_cast<std::size_t>(end - digits)});
  return text;
}

std::string_view http_scheme(const CalledUrl& url, std::string_view default_protocol) noexcept {
  const std::string_view scheme = url.scheme.empty() ? default_protocol : url.scheme;
  return equal_ignoring_case(scheme, "https") ? "https" : "http";
}

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
