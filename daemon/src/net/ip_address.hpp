// IPv4 and IPv6 addresses as values, without anybody's socket library.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xrayd::net {

struct IpAddress {
  /// IPv4 fills the first four.
  std::array<std::uint8_t, 16> bytes{};
  bool is_v6 = false;
  /// The interface of a link-local IPv6 address; 0: none.
  std::uint32_t scope = 0;

  [[nodiscard]] bool is_loopback() const noexcept;
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

/// Reads `192.0.2.1`, `2001:db8::1`, `fe80::1%eth0`; IPv6 without brackets. An IPv4 address that is
/// written as IPv6 (`::ffff:192.0.2.1`) comes back as IPv4. Nothing if the text is neither.
[[nodiscard]] std::optional<IpAddress> parse_ip(std::string_view text);

/// `host:port`, with brackets around IPv6: for people.
[[nodiscard]] std::string host_and_port(std::string_view host, std::uint16_t port);

}  // namespace xrayd::net
