// Where the daemon listens, as text and as parts.
#pragma once

#include <arpa/inet.h>
#include <sys/un.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

struct HostPort {
  std::string host;
  std::string port;
};

struct DaemonAddress {
  HostPort udp{"127.0.0.1", "2000"};
  HostPort tcp{"127.0.0.1", "2000"};
  /// Documents go to this stream socket instead of to `udp`; empty: they don't.
  std::string unix_path;
};

/// Reads one text, and keeps the first complaint.
class DaemonAddressReader {
 public:
  [[nodiscard]] std::optional<DaemonAddress> read(std::string_view text) {
    DaemonAddress address;
    bool both = false;
    bool udp = false;
    bool tcp = false;
    unsigned words = 0;
    for (std::string_view word = next(text); !word.empty(); word = next(text)) {
      ++words;
      if (word.substr(0, 6) == "unix:/") {
        if (!address.unix_path.empty()) return refuse("unix:", "is given twice");
        if (!read_path(word.substr(5), address.unix_path)) return std::nullopt;
      } else if (is_prefixed(word, "tcp:")) {
        if (tcp) return refuse("tcp:", "is given twice");
        tcp = true;
        if (!read_host_port(word.substr(4), address.tcp)) return std::nullopt;
      } else if (is_prefixed(word, "udp:")) {
        if (udp) return refuse("udp:", "is given twice");
        udp = true;
        if (!read_host_port(word.substr(4), address.udp)) return std::nullopt;
      } else {
        both = true;
        if (!read_host_port(word, address.udp)) return std::nullopt;
        address.tcp = address.udp;
      }
    }
    const bool by_unix = !address.unix_path.empty();
    if (words == 0) return refuse("it", "is empty");
    if (both && words > 1) return refuse("each of several addresses", "needs tcp:, udp: or unix:");
    if (by_unix && udp) return refuse("udp:", "can't stand beside unix:");
    if (!by_unix && !both && !udp) return refuse("udp:host:port", "is missing");
    if (!by_unix && !both && !tcp) return refuse("tcp:host:port", "is missing");
    return address;
  }

  [[nodiscard]] bool read_host_port(std::string_view text, HostPort& result) {
    std::string_view host;
    std::size_t colon = 0;
    if (!text.empty() && text.front() == '[') {
      const std::size_t close = text.find(']');
      if (close == std::string_view::npos) return complain(text, "lacks the closing bracket");
      host = text.substr(1, close - 1);
      if (!is_ipv6(host)) return complain(host, "is no IPv6 address");
      colon = close + 1;
      if (colon == text.size() || text[colon] != ':') {
        return complain(text, "lacks :port after the bracket");
      }
    } else {
      colon = text.find(':');
      if (colon == std::string_view::npos) return complain(text, "lacks :port");
      if (text.find(':', colon + 1) != std::string_view::npos) {
        return complain(text, "has too many colons (IPv6 addresses stand in brackets)");
      }
      host = text.substr(0, colon);
      if (host.empty()) return complain(text, "lacks the host");
      if (!is_name(host)) return complain(host, "is no host name");
    }
    const std::string_view port = text.substr(colon + 1);
    unsigned number = 0;
    for (const char c : port) {
      number = c < '0' || c > '9' || number > 65'535 ? 65'536
                                                     : number * 10 + static_cast<unsigned>(c - '0');
    }
    if (number == 0 || number > 65'535) {
      return complain(port, "is no port: it takes 1 to 65535");
    }
    result.host = std::string(host);
    result.port = std::to_string(number);
    return true;
  }

  /// What is wrong, naming it; empty if nothing is.
  std::string complaint;

 private:
  static bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
  }

  /// Takes the next word off the text; empty at its end.
  static std::string_view next(std::string_view& text) noexcept {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    std::size_t size = 0;
    while (size < text.size() && !is_blank(text[size])) ++size;
    const std::string_view word = text.substr(0, size);
    text.remove_prefix(size);
    return word;
  }

  /// `tcp:2000` is a host of that name.
  static bool is_prefixed(std::string_view word, std::string_view prefix) noexcept {
    return word.substr(0, 4) == prefix && word.find(':', 4) != std::string_view::npos;
  }

  /// What resolvers may know: no more is asked than that it fits a message and hides nothing.
  static bool is_name(std::string_view host) noexcept {
    for (const char c : host) {
      if (c <= ' ' || c >= '\x7f' || c == '/' || c == '[' || c == ']') return false;
    }
    return host.size() <= 253;
  }

  static bool is_ipv6(std::string_view host) {
    const std::size_t zone = host.find('%');
    if (zone != std::string_view::npos) {
      const std::string_view name = host.substr(zone + 1);
      if (name.empty() || name.size() > 15 || !is_name(name)) return false;
    }
    const std::string number(host.substr(0, zone));
    in6_addr ignored{};
    return number.find('\0') == std::string::npos &&
           ::inet_pton(AF_INET6, number.c_str(), &ignored) == 1;
  }

  bool read_path(std::string_view path, std::string& result) {
    if (path.size() >= sizeof(sockaddr_un{}.sun_path)) {
      return complain(path, "is too long for a socket (107 bytes)");
    }
    if (path.find('\0') != std::string_view::npos) return complain(path, "is no path");
    result = std::string(path);
    return true;
  }

  bool complain(std::string_view what, std::string_view wrong) {
    complaint = "\"" + std::string(what.substr(0, 80)) + "\" " + std::string(wrong);
    return false;
  }

  std::nullopt_t refuse(std::string_view what, std::string_view wrong) {
    complaint = std::string(what) + " " + std::string(wrong);
    return std::nullopt;
  }
};

/// `host:port` or `[v6]:port`, the port 1 to 65535.
inline std::optional<HostPort> parse_host_port(std::string_view text) {
  HostPort result;
  if (!DaemonAddressReader().read_host_port(text, result)) return std::nullopt;
  return result;
}

/// One address for both, or `tcp:host:port udp:host:port`, or `unix:/path` with or without
/// `tcp:host:port`; in any order, separated by any blanks. `complaint` is set where it is refused.
inline std::optional<DaemonAddress> parse_daemon_address(std::string_view text,
                                                         std::string* complaint = nullptr) {
  DaemonAddressReader reader;
  std::optional<DaemonAddress> address = reader.read(text);
  if (!address && complaint != nullptr) *complaint = std::move(reader.complaint);
  return address;
}

}  // namespace detail
XRAY_NAMESPACE_END
