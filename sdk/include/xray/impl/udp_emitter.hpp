// Documents to the daemon, one a datagram.
#pragma once

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <xray/emitter.hpp>
#include <xray/impl/clock.hpp>
#include <xray/impl/daemon_address.hpp>
#include <xray/impl/diagnostics.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Gathers a burst and sends it with one call. The socket is connected, so that a missing daemon is
/// noticed and counted; it is opened, and the host name looked up, when the first burst leaves.
class UdpEmitter : public Emitter {
 public:
  explicit UdpEmitter(HostPort address) : address_(std::move(address)) {}
  ~UdpEmitter() override {
    if (socket_ >= 0) ::close(socket_);
  }

  void emit(std::string_view document) noexcept override {
    if (count_ == burst || gathered_ + document.size() > sizeof data_) {
      flush();
      // More is coming: give the receiver time to read.
      const timespec pause{0, 200'000};
      ::nanosleep(&pause, nullptr);
    }
    if (document.size() > sizeof data_) {
      count(counters.dropped_too_large);
      return;
    }
    std::memcpy(data_ + gathered_, document.data(), document.size());
    parts_[count_] = {data_ + gathered_, document.size()};
    gathered_ += document.size();
    ++count_;
  }

  void flush() noexcept override {
    if (count_ == 0) return;
    if (socket_ < 0 && nanoseconds_of(CLOCK_MONOTONIC) >= next_try_) open();
    unsigned sent = 0;
    if (socket_ >= 0) sent = send_burst();
    if (sent < count_) say_unreachable(count_ - sent);
    count_ = 0;
    gathered_ = 0;
  }

 private:
  /// Receivers with the kernel's default buffer hold some 90 small datagrams: no burst is longer.
  static constexpr unsigned burst = 32;

  struct Part {
    char* data;
    std::size_t size;
  };

  void say_unreachable(unsigned documents) noexcept {
    count(counters.dropped_send_failed, documents);
    if (reports.send_failed.is_due()) {
      log_line("xray: the daemon at " + address_.host + ":" + address_.port +
               " can't be reached; documents are being dropped");
    }
  }

  void open() noexcept {
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(address_.host.c_str(), address_.port.c_str(), &hints, &found);
    if (error != 0) {
      if (reports.resolve.is_due()) {
        log_line("xray: the daemon's host " + address_.host +
                 " can't be found: " + ::gai_strerror(error));
      }
      next_try_ = nanoseconds_of(CLOCK_MONOTONIC) + 1'000'000'000;
      return;
    }
    for (const addrinfo* entry = found; entry != nullptr && socket_ < 0; entry = entry->ai_next) {
      socket_ = ::socket(entry->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      if (socket_ >= 0 && ::connect(socket_, entry->ai_addr, entry->ai_addrlen) != 0) {
        ::close(socket_);
        socket_ = -1;
      }
    }
    ::freeaddrinfo(found);
    // Refusals are told datagram by datagram.
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
    ::setsockopt(socket_, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
  }

  /// Counts as lost what the receiver's host has said it could not deliver.
  void drain_refusals() noexcept {
    unsigned refused = 0;
    char text[64];
    char control[512];
    while (true) {
      iovec part{text, sizeof text};
      msghdr message{};
      message.msg_iov = &part;
      message.msg_iovlen = 1;
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      if (::recvmsg(socket_, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) break;
      ++refused;
    }
    if (refused == 0) return;
    counters.documents_sent.fetch_sub(refused, std::memory_order_relaxed);
    say_unreachable(refused);
  }

  /// How many left.
  unsigned send_burst() noexcept {
    static constexpr char header[] = "{\"format\":\"json\",\"version\":1}\n";
    iovec pieces[burst][2];
    mmsghdr messages[burst] = {};
    for (unsigned i = 0; i < count_; ++i) {
      pieces[i][0] = {const_cast<char*>(header), sizeof header - 1};
      pieces[i][1] = {parts_[i].data, parts_[i].size};
      messages[i].msg_hdr.msg_iov = pieces[i];
      messages[i].msg_hdr.msg_iovlen = 2;
    }
    unsigned sent = 0;
    unsigned refusals = 0;
    unsigned waits = 0;
    while (sent < count_) {
      const int result = ::sendmmsg(socket_, messages + sent, count_ - sent, MSG_NOSIGNAL);
      if (result > 0) {
        for (unsigned i = 0; i < static_cast<unsigned>(result); ++i) {
          count(counters.documents_sent);
          count(counters.bytes_sent, parts_[sent + i].size);
        }
        sent += static_cast<unsigned>(result);
      } else if (errno == EINTR) {
        continue;
      } else if (errno == ECONNREFUSED && refusals++ < burst) {
        drain_refusals();  // of earlier datagrams; this one has not left yet
      } else if ((errno == EAGAIN || errno == ENOBUFS) && waits++ < 5) {
        pollfd wait{socket_, POLLOUT, 0};
        ::poll(&wait, 1, 20);
      } else {
        break;
      }
    }
    drain_refusals();
    return sent;
  }

  HostPort address_;
  int socket_ = -1;
  std::int64_t next_try_ = 0;  ///< to find the host, steady nanoseconds
  unsigned count_ = 0;
  std::size_t gathered_ = 0;
  Part parts_[burst];
  char data_[std::size_t{256} << 10U];
};

}  // namespace detail
XRAY_NAMESPACE_END
