#include "intake/socket_address.hpp"

#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <charconv>
#include <cstring>
#include <memory>

#include "startup_error.hpp"

namespace xrayd::intake {

const addrinfo* preferred(const addrinfo* found, int family) {
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    if (one->ai_family == family) return one;
  }
  return found;
}

SocketAddress resolve(const config::Address& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(address.port);
  const int problem = getaddrinfo(address.host.empty() ? nullptr : address.host.c_str(),
                                  port.c_str(), &hints, &found);
  if (problem != 0) {
    throw StartupError("address " + config::to_string(address) +
                       " is unknown: " + gai_strerror(problem));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);

  const addrinfo* chosen = preferred(found, address.host.empty() ? AF_INET6 : AF_INET);
  SocketAddress result;
  result.size = chosen->ai_addrlen;
  std::memcpy(&result.storage, chosen->ai_addr, chosen->ai_addrlen);
  return result;
}

config::Address to_address(const SocketAddress& address) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> service{};
  const int problem =
      getnameinfo(reinterpret_cast<const sockaddr*>(&address.storage), address.size, host.data(),
                  host.size(), service.data(), service.size(), NI_NUMERICHOST | NI_NUMERICSERV);
  if (problem != 0) return {"unknown", 0};
  config::Address result{host.data(), 0};
  std::from_chars(service.data(), service.data() + std::strlen(service.data()), result.port);
  return result;
}

std::string to_string(const SocketAddress& address) {
  return config::to_string(to_address(address));
}

}  // namespace xrayd::intake
