#include "config/address.hpp"

#include <charconv>

namespace xrayd::config {

std::optional<Address> parse_address(std::string_view text) {
  constexpr std::size_t longest_host_name = 253;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;

  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (host.find(':') == std::string_view::npos) return std::nullopt;
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return std::nullopt;
  }
  if (host.size() > longest_host_name) return std::nullopt;
  if (host.find_first_of(std::string_view(" \t\r\n\0/", 6)) != std::string_view::npos) {
    return std::nullopt;
  }

  const std::string_view port_text = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, problem] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (problem != std::errc{} || end != port_text.data() + port_text.size()) return std::nullopt;
  return Address{std::string(host), port};
}

std::string to_string(const Address& address) {
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace xrayd::config
