// Which hosts are reached without the proxy.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/ip_address.hpp"

namespace xrayd::net {

/// NO_PROXY's list, with commas or blanks between its entries, in any case:
/// `example.com` (and what ends in `.example.com`; `.example.com` and `*.example.com` say the
/// same), `192.0.2.1`, `::1` or `[::1]`, `10.0.0.0/8`, `fd00::/8`, each of them but the blocks
/// optionally with `:port`, or `*` for all. Names are not looked up: addresses and blocks are for
/// endpoints that are given by address. What is none of these matches nothing.
class ProxyRules {
 public:
  explicit ProxyRules(std::string_view no_proxy = {});

  /// True for `localhost` and loopback addresses, too: a proxy has others.
  [[nodiscard]] bool bypasses(std::string_view host, std::uint16_t port) const;

 private:
  struct NameRule {
    std::string name;
    std::uint16_t port = 0;  ///< 0: any
  };
  struct BlockRule {
    IpAddress address;
    unsigned bits = 0;
    std::uint16_t port = 0;
  };

  void add(std::string_view entry);

  bool everything_ = false;
  std::vector<NameRule> names_;
  std::vector<BlockRule> blocks_;
};

}  // namespace xrayd::net
