#include "net/ip_address.hpp"

#include <arpa/inet.h>
#include <net/if.h>

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace xrayd::net {
namespace {

constexpr std::size_t longest_text = 64;

bool is_mapped_v4(const std::array<std::uint8_t, 16>& bytes) {
  return std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t b) { return b == 0; }) &&
         bytes[10] == 0xff && bytes[11] == 0xff;
}

std::optional<std::uint32_t> parse_scope(const std::string& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) return number;
  number = if_nametoindex(text.c_str());
  return number == 0 ? std::nullopt : std::optional(number);
}

}  // namespace

bool IpAddress::is_loopback() const noexcept {
  if (!is_v6) return bytes[0] == 127;
  return std::all_of(bytes.begin(), bytes.begin() + 15, [](std::uint8_t b) { return b == 0; }) &&
         bytes[15] == 1;
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes.data(), text.data(), text.size());
  return scope == 0 ? text.data() : text.data() + ("%" + std::to_string(scope));
}

std::optional<IpAddress> parse_ip(std::string_view text) {
  if (text.empty() || text.size() > longest_text) return std::nullopt;
  const std::size_t percent = text.find('%');
  const std::string address(text.substr(0, percent));
  IpAddress result;
  if (inet_pton(AF_INET, address.c_str(), result.bytes.data()) == 1) {
    return percent == std::string_view::npos ? std::optional(result) : std::nullopt;
  }
  result.bytes = {};
  if (inet_pton(AF_INET6, address.c_str(), result.bytes.data()) != 1) return std::nullopt;
  if (is_mapped_v4(result.bytes)) {
    std::copy(result.bytes.begin() + 12, result.bytes.end(), result.bytes.begin());
    std::fill(result.bytes.begin() + 4, result.bytes.end(), std::uint8_t{0});
    return result;
  }
  result.is_v6 = true;
  if (percent != std::string_view::npos) {
    const auto scope = parse_scope(std::string(text.substr(percent + 1)));
    if (!scope) return std::nullopt;
    result.scope = *scope;
  }
  return result;
}

std::string host_and_port(std::string_view host, std::uint16_t port) {
  const bool brackets = host.find(':') != std::string_view::npos;
  std::string text;
  if (brackets) text += '[';
  text += host;
  if (brackets) text += ']';
  return text + ':' + std::to_string(port);
}

}  // namespace xrayd::net
