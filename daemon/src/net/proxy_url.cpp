#include "net/proxy_url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <system_error>

#include "ascii.hpp"
#include "net/ip_address.hpp"
#include "startup_error.hpp"

namespace xrayd::net {
namespace {

[[noreturn]] void complain(const std::string& why) {
  throw StartupError("Bad proxy URL: " + why);
}

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    const auto high = i + 1 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
    if (!high || !low) complain("its user or password has a % that is not followed by two digits");
    result += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return result;
}

std::string base64(std::string_view text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const std::size_t size = std::min<std::size_t>(3, text.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8U | (k < size ? static_cast<unsigned char>(text[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      result += k <= size ? digits[group >> (18U - 6U * k) & 63U] : '=';
    }
  }
  return result;
}

aws::Secret authorization(std::string_view userinfo) {
  const std::size_t colon = userinfo.find(':');
  const std::string user = percent_decoded(userinfo.substr(0, colon));
  if (user.find(':') != std::string::npos) complain("its user has a colon");
  const std::string password =
      colon == std::string_view::npos ? "" : percent_decoded(userinfo.substr(colon + 1));
  return aws::Secret("Basic " + base64(user + ':' + password));
}

std::uint16_t parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
    complain("its port is no number from 1 to 65535");
  }
  return port;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

}  // namespace

ProxyUrl parse_proxy_url(std::string_view url) {
  const std::size_t separator = url.find("://");
  if (separator == std::string_view::npos) complain("it must begin with http://");
  const std::string scheme = lower(url.substr(0, separator));
  if (scheme == "https" || scheme.starts_with("socks")) {
    complain("proxies are spoken to by http:// only, not by " + scheme + "://");
  }
  if (scheme != "http") complain("it must begin with http://");
  url.remove_prefix(separator + 3);
  const std::size_t path = url.find_first_of("/?#");
  // Otherwise the user would be taken for the host, and named in the log.
  if (path != std::string_view::npos && url.find('@', path) != std::string_view::npos) {
    complain("its user or password has a /, ? or # that is not percent-encoded");
  }
  url = url.substr(0, path);

  ProxyUrl proxy;
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
    proxy.authorization = authorization(url.substr(0, at));
    url.remove_prefix(at + 1);
  }
  if (url.starts_with('[')) {
    const std::size_t end = url.find(']');
    const auto address = parse_ip(url.substr(1, end == std::string_view::npos ? 0 : end - 1));
    if (!address) complain("what stands in its brackets is no IPv6 address");
    proxy.host = url.substr(1, end - 1);
    url.remove_prefix(end + 1);
    if (!url.empty() && url.front() != ':') complain("a port must follow its brackets");
  } else {
    const std::size_t colon = url.find(':');
    proxy.host = url.substr(0, colon);
    url.remove_prefix(std::min(colon, url.size()));
    if (!std::all_of(proxy.host.begin(), proxy.host.end(), is_host_character)) {
      complain("its host has characters that no host has");
    }
  }
  if (proxy.host.empty()) complain("it has no host");
  if (!url.empty()) proxy.port = parse_port(url.substr(1));
  return proxy;
}

}  // namespace xrayd::net
