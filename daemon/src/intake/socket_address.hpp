// Socket addresses in words.
#pragma once

#include <netdb.h>
#include <sys/socket.h>

#include <string>

#include "config/address.hpp"

namespace xrayd::intake {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

/// The socket address behind a host and a port. An empty host is every interface, by IPv6 and IPv4
/// where there is IPv6; of a name that has both, its IPv4 address, for that is where SDKs send to.
/// Throws StartupError if the name means nothing.
[[nodiscard]] SocketAddress resolve(const config::Address& address);

/// The first in the list that is of this family, or else the very first.
[[nodiscard]] const addrinfo* preferred(const addrinfo* found, int family);

/// `127.0.0.1:2000`, `[::1]:2000`.
[[nodiscard]] std::string to_string(const SocketAddress& address);

[[nodiscard]] config::Address to_address(const SocketAddress& address);

}  // namespace xrayd::intake
