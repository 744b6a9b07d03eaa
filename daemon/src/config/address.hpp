// Where to listen: a host and a port, as an option gives them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xrayd::config {

struct Address {
  /// A name or a number, IPv6 without its brackets; empty means every interface.
  std::string host;
  /// 0 means any free port.
  std::uint16_t port = 0;

  friend bool operator==(const Address&, const Address&) = default;
};

/// Reads `host:port`, `[::1]:port` or `:port`; nothing if `text` is none of these.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);

/// The inverse of parse_address().
[[nodiscard]] std::string to_string(const Address& address);

}  // namespace xrayd::config
