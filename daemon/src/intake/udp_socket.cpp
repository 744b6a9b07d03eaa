#include "intake/udp_socket.hpp"

#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "intake/socket_address.hpp"
#include "startup_error.hpp"

namespace xrayd::intake {
namespace {

[[noreturn]] void fail(const config::Address& address) {
  throw StartupError("udp address " + config::to_string(address) +
                     " can't be used: " + std::generic_category().message(errno));
}

std::uint64_t enlarge_buffer(int socket) {
  constexpr int wanted = 4 << 20;
  // The first needs a capability and goes beyond net.core.rmem_max, the second stays below it.
  if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0) {
    setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
  }
  int granted = 0;
  socklen_t size = sizeof granted;
  getsockopt(socket, SOL_SOCKET, SO_RCVBUF, &granted, &size);
  return granted > 0 ? static_cast<std::uint64_t>(granted) : 0;
}

}  // namespace

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept
    : number_(std::exchange(other.number_, -1)) {
}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (number_ >= 0) close(number_);
}

UdpSocket::UdpSocket(const config::Address& address) {
  const SocketAddress wanted = resolve(address);
  socket_ = FileDescriptor(
      socket(wanted.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket_.get() < 0) fail(address);
  if (wanted.storage.ss_family == AF_INET6) {
    const int only_ipv6 = address.host.empty() ? 0 : 1;
    setsockopt(get(), IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6, sizeof only_ipv6);
  }
  granted_ = enlarge_buffer(get());
  if (bind(get(), reinterpret_cast<const sockaddr*>(&wanted.storage), wanted.size) != 0) {
    fail(address);
  }
  SocketAddress bound;
  bound.size = sizeof bound.storage;
  if (getsockname(get(), reinterpret_cast<sockaddr*>(&bound.storage), &bound.size) != 0) {
    fail(address);
  }
  local_ = to_address(bound);
}

std::uint32_t UdpSocket::kernel_drops() const noexcept {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t size = sizeof info;
  if (getsockopt(get(), SOL_SOCKET, SO_MEMINFO, info.data(), &size) != 0) return 0;
  return info[SK_MEMINFO_DROPS];
}

}  // namespace xrayd::intake
