// Where the daemon listens, as text and as parts.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

struct HostPort {
  std::string host;
  std::string port;
};

struct DaemonAddress {
  HostPort udp;
  HostPort tcp;
};

/// `host:port` or `[v6]:port`, the port 1 to 65535.
inline std::optional<HostPort> parse_host_port(std::string_view text) {
  HostPort result;
  std::size_t colon = 0;
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || close + 1 >= text.size() || text[close + 1] != ':') {
      return std::nullopt;
    }
    result.host = std::string(text.substr(1, close - 1));
    colon = close + 1;
  } else {
    colon = text.find(':');
    if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) {
      return std::nullopt;
    }
    result.host = std::string(text.substr(0, colon));
  }
  const std::string_view port = text.substr(colon + 1);
  if (result.host.empty() || result.host.size() > 253 || port.empty() || port.size() > 5) {
    return std::nullopt;
  }
  unsigned number = 0;
  for (const char c : port) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  if (number == 0 || number > 65535) return std::nullopt;
  result.port = std::to_string(number);
  return result;
}

/// One address for both, or `tcp:host:port udp:host:port` in either order, separated by blanks.
inline std::optional<DaemonAddress> parse_daemon_address(std::string_view text) {
  const auto trim = [](std::string_view part) {
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    return part;
  };
  text = trim(text);
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) {
    const auto both = parse_host_port(text);
    if (!both) return std::nullopt;
    return DaemonAddress{*both, *both};
  }
  std::optional<HostPort> udp;
  std::optional<HostPort> tcp;
  for (const std::string_view part : {text.substr(0, blank), trim(text.substr(blank + 1))}) {
    std::optional<HostPort>& target = part.substr(0, 4) == "udp:" ? udp : tcp;
    if (part.substr(0, 4) != "udp:" && part.substr(0, 4) != "tcp:") return std::nullopt;
    target = parse_host_port(part.substr(4));
  }
  if (!udp || !tcp) return std::nullopt;
  return DaemonAddress{*udp, *tcp};
}

}  // namespace detail
XRAY_NAMESPACE_END
