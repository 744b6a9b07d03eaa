#include "net/proxy_rules.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <system_error>

#include "ascii.hpp"

namespace xrayd::net {
namespace {

/// Names in one form: lower case, without the root's dot.
std::string canonical_name(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  return lower(text);
}

std::string_view without_brackets(std::string_view text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool lies_in(const IpAddress& address, const IpAddress& block, unsigned bits) {
  if (address.is_v6 != block.is_v6) return false;
  const std::size_t whole = bits / 8;
  if (!std::equal(block.bytes.begin(), block.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  address.bytes.begin())) {
    return false;
  }
  const unsigned rest = bits % 8;
  if (rest == 0) return true;
  const unsigned mask = 0xffU << (8U - rest) & 0xffU;
  return (block.bytes[whole] & mask) == (address.bytes[whole] & mask);
}

}  // namespace

ProxyRules::ProxyRules(std::string_view no_proxy) {
  constexpr std::string_view separators = ", \t\r\n";
  while (!no_proxy.empty()) {
    const std::size_t end = no_proxy.find_first_of(separators);
    add(no_proxy.substr(0, end));
    no_proxy.remove_prefix(end == std::string_view::npos ? no_proxy.size() : end + 1);
  }
}

void ProxyRules::add(std::string_view entry) {
  if (entry.empty()) return;
  if (entry == "*") {
    everything_ = true;
    return;
  }
  if (const std::size_t slash = entry.find('/'); slash != std::string_view::npos) {
    const auto address = parse_ip(without_brackets(entry.substr(0, slash)));
    const auto bits = parse_number<unsigned>(entry.substr(slash + 1));
    if (address && bits && *bits <= (address->is_v6 ? 128U : 32U)) {
      blocks_.push_back({*address, *bits, 0});
    }
    return;
  }
  std::uint16_t port = 0;
  std::string_view host = entry;
  // An IPv6 address without brackets has colons, but no port.
  if (!parse_ip(entry)) {
    const std::size_t colon = entry.rfind(':');
    if (colon != std::string_view::npos && !entry.ends_with(']')) {
      const auto number = parse_number<std::uint16_t>(entry.substr(colon + 1));
      if (!number || *number == 0) return;
      port = *number;
      host = entry.substr(0, colon);
    }
  }
  if (const auto address = parse_ip(without_brackets(host))) {
    blocks_.push_back({*address, address->is_v6 ? 128U : 32U, port});
    return;
  }
  if (host.starts_with("*.")) host.remove_prefix(1);
  if (host.starts_with('.')) host.remove_prefix(1);
  if (!host.empty()) names_.push_back({canonical_name(host), port});
}

bool ProxyRules::bypasses(std::string_view host, std::uint16_t port) const {
  if (everything_) return true;
  if (const auto address = parse_ip(without_brackets(host))) {
    if (address->is_loopback()) return true;
    return std::any_of(blocks_.begin(), blocks_.end(), [&](const BlockRule& rule) {
      return (rule.port == 0 || rule.port == port) && lies_in(*address, rule.address, rule.bits);
    });
  }
  const std::string name = canonical_name(host);
  if (name == "localhost") return true;
  return std::any_of(names_.begin(), names_.end(), [&](const NameRule& rule) {
    if (rule.port != 0 && rule.port != port) return false;
    if (name.size() == rule.name.size()) return name == rule.name;
    return name.size() > rule.name.size() && name.ends_with(rule.name) &&
           name[name.size() - rule.name.size() - 1] == '.';
  });
}

}  // namespace xrayd::net
