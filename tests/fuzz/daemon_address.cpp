// Any text as a daemon address: refused with a reason, or two hosts, two ports in range, and a path
// that fits a socket.
#include <xray/impl/daemon_address.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string complaint;
  const auto address = xray::detail::parse_daemon_address(
      std::string_view(reinterpret_cast<const char*>(data), size), &complaint);
  if (address.has_value() != complaint.empty()) std::abort();
  if (!address) return 0;
  const std::string& path = address->unix_path;
  if (path.size() > 107 || (!path.empty() && path.front() != '/')) std::abort();
  for (const auto* part : {&address->udp, &address->tcp}) {
    const int port = std::stoi(part->port);
    if (part->host.empty() || port < 1 || port > 65535) std::abort();
  }
  return 0;
}
