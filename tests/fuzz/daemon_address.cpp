// Any text as a daemon address: refused, or two hosts and two ports in range.
#include <xray/impl/daemon_address.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto address = xray::detail::parse_daemon_address(
      std::string_view(reinterpret_cast<const char*>(data), size));
  if (!address) return 0;
  for (const auto* part : {&address->udp, &address->tcp}) {
    const int port = std::stoi(part->port);
    if (part->host.empty() || port < 1 || port > 65535) std::abort();
  }
  return 0;
}
