// The memory that a burst of datagrams is received into.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

#include "intake/socket_address.hpp"

namespace xrayd::intake {

/// 64 slots of 64 KiB, more than any datagram has; pages that no datagram reaches stay unused.
class ReceiveSlots {
 public:
  static constexpr std::size_t count = 64;
  static constexpr std::size_t slot_bytes = std::size_t{64} << 10U;

  ReceiveSlots() : memory_(new char[count * slot_bytes]) {
    for (std::size_t i = 0; i < count; ++i) {
      parts_[i] = {memory_.get() + i * slot_bytes, slot_bytes};
      headers_[i].msg_hdr.msg_iov = &parts_[i];
      headers_[i].msg_hdr.msg_iovlen = 1;
      headers_[i].msg_hdr.msg_name = &senders_[i];
    }
  }
  ReceiveSlots(const ReceiveSlots&) = delete;
  ReceiveSlots& operator=(const ReceiveSlots&) = delete;
  ~ReceiveSlots() = default;

  /// Takes what waits, up to `count` datagrams, without blocking: their number, or -1 with errno.
  int receive(int socket) {
    for (mmsghdr& header : headers_) header.msg_hdr.msg_namelen = sizeof(sockaddr_in6);
    return recvmmsg(socket, headers_.data(), count, MSG_DONTWAIT, nullptr);
  }

  [[nodiscard]] std::string_view datagram(std::size_t i) const {
    return {memory_.get() + i * slot_bytes, headers_[i].msg_len};
  }

  [[nodiscard]] SocketAddress sender(std::size_t i) const {
    SocketAddress address;
    *reinterpret_cast<sockaddr_in6*>(&address.storage) = senders_[i];
    address.size = headers_[i].msg_hdr.msg_namelen;
    return address;
  }

 private:
  std::unique_ptr<char[]> memory_;
  std::array<iovec, count> parts_{};
  std::array<sockaddr_in6, count> senders_{};
  std::array<mmsghdr, count> headers_{};
};

}  // namespace xrayd::intake
