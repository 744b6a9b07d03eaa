// The outbound proxy's address, as options and variables give it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "aws/secret.hpp"

namespace xrayd::net {

struct ProxyUrl {
  /// IPv6 without brackets.
  std::string host;
  std::uint16_t port = 80;
  /// The whole value of Proxy-Authorization; empty: none.
  aws::Secret authorization;
};

/// Reads `http://[user:password@]host[:port]`; user and password may be percent-encoded. Throws
/// StartupError `Bad proxy URL: <why>`, which quotes neither user nor password.
[[nodiscard]] ProxyUrl parse_proxy_url(std::string_view url);

}  // namespace xrayd::net
