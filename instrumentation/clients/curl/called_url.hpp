// Where a call goes, of the URL as programs give it to libcurl.
#pragma once

#include <string_view>

#include <xray/config.hpp>
#include <xray/fixed_text.hpp>

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {

/// Parts of a URL that may be told, borrowed from it: no userinfo; the query is apart.
struct CalledUrl {
  std::string_view scheme;  ///< empty where the URL doesn't say
  std::string_view host;    ///< with its port
  std::string_view name;    ///< of the host, without port and brackets
  std::string_view path;    ///< `/` at least
  std::string_view query;   ///< and fragment: never to be told
};

/// Takes a URL apart as libcurl does: one to three slashes after the scheme, or no scheme at all.
/// All empty if it is none that libcurl would call, as its parts may then be anything: the password
/// with a slash in it, for one.
CalledUrl called_url(std::string_view url) noexcept;

/// Whether it is called by HTTP, and so recorded; `default_protocol` is CURLOPT_DEFAULT_PROTOCOL,
/// empty where it is not set: then a host's first label tells, as for libcurl (`ftp.example.org`).
bool is_http(const CalledUrl& url, std::string_view default_protocol) noexcept;

/// A host with its port.
using HostText = FixedText<512>;

/// The host with `port` (CURLOPT_PORT) in place of its own.
HostText with_port(std::string_view host, long port) noexcept;

/// "http" or "https".
std::string_view http_scheme(const CalledUrl& url, std::string_view default_protocol) noexcept;

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
