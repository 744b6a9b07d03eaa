// Documents to the daemon, one a datagram.
#pragma once

#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>

#include <xray/impl/clock.hpp>
#include <xray/impl/daemon_emitter.hpp>
#include <xray/impl/diagnostics.hpp>
#include <xray/impl/exceptions.hpp>
#include <xray/impl/fork.hpp>
#include <xray/impl/host_lookup.hpp>
#include <xray/impl/own_socket.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Ways to send several datagrams, the best first. What turns out not to work here (an old kernel,
/// a network card without checksums, a seccomp filter) is given up for good.
enum class SendMethod : std::uint8_t {
  segmented,  ///< UDP_SEGMENT: one call, and one pass through the network stack
  many,       ///< sendmmsg: one call
  single,     ///< send
};

/// Gathers a burst and sends it with as few calls as can be. The socket is connected, so that a
/// missing daemon is noticed and counted. A host name is looked up when the first burst leaves,
/// again every minute and after refusals, on another thread; where it has several addresses, one
/// that refuses makes way for the next.
class UdpEmitter final : public DaemonEmitter {
 public:
  static constexpr std::int64_t a_minute = 60'000'000'000;

  explicit UdpEmitter(HostPort address, SendMethod best = SendMethod::segmented,
                      std::int64_t renew_after = a_minute)
      : address_(std::move(address)), lookup_(address_), best_(best), renew_after_(renew_after) {
    std::memcpy(padded_header_, header_line.data(), header_line.size());
    std::memset(padded_header_ + header_line.size(), ' ', most_padding);
    is_number_ = look_up(address_, AI_NUMERICHOST, addresses_) == 0;
  }

  void emit(std::string_view document) noexcept override {
    const std::size_t size = header_line.size() + 1 + document.size();
    if (size > largest_datagram) {
      count(counters.dropped_too_large);
      return;
    }
    if (count_ == burst || gathered_ + size > sizeof data_) {
      flush();
      // More is coming: give the receiver time to read.
      const timespec pause{0, 200'000};
      ::nanosleep(&pause, nullptr);
    }
    char* const begin = data_ + gathered_;
    std::memcpy(begin, header_line.data(), header_line.size());
    begin[header_line.size()] = '\n';
    std::memcpy(begin + header_line.size() + 1, document.data(), document.size());
    parts_[count_++] = {begin, size};
    gathered_ += size;
  }

  void flush() noexcept override {
    if (count_ == 0) return;
    start_anew_in_child();
    use_lookup();
    if (!socket_.is_still_there() && addresses_.count != 0) open();
    unsigned sent = 0;
    if (socket_.is_open()) {
      take_back(drain_refusals());
      sent = send_to_one_of_them();
    }
    if (sent < count_) say_unreachable(count_ - sent);
    count_ = 0;
    gathered_ = 0;
  }

  DaemonWait advance() noexcept override {
    start_anew_in_child();
    use_lookup();
    // Only the first look-up is waited for: later ones leave the old address in use, and after one
    // that failed documents are lost, and counted, until another succeeds.
    if (addresses_.count == 0 && !looked_up_) return {5'000'000, -1, true};
    return {};
  }

  [[nodiscard]] SendMethod method() const noexcept { return best_; }

 private:
  /// Receivers with the kernel's default buffer hold some 90 datagrams of 1 KB: no burst is longer,
  /// nor larger than one large datagram.
  static constexpr unsigned burst = 32;
  static constexpr std::size_t burst_bytes = std::size_t{64} << 10U;
  static constexpr std::size_t largest_datagram = 65'507;
  /// What one segmented send may hold: the kernel takes 64 segments everywhere, and 65,535 bytes
  /// with the headers.
  static constexpr std::size_t segmented_bytes = 65'000;
  static constexpr std::size_t most_padding = 4096;

  struct Part {
    char* data;
    std::size_t size;
  };

  // ---- where to ------------------------------------------------------------------------------

  /// The socket's queue of refusals and the look-up's thread are the parent's.
  void start_anew_in_child() noexcept {
    if (generation_ == fork_generation) return;
    generation_ = fork_generation;
    answerable_ = 0;
    socket_.close();
    XRAY_TRY {
      lookup_ = HostLookup(address_);
    }
    XRAY_CATCH_BAD_ALLOC {
      is_number_ = addresses_.count != 0;  // what is known must do
    }
  }

  /// Takes a look-up's outcome, and starts one where it is due.
  void use_lookup() noexcept {
    if (is_number_) return;
    if (lookup_.state() == HostLookup::State::done) {
      SocketAddresses found;
      const int error = lookup_.take(found);
      looked_up_ = true;
      if (error != 0) {
        say_unknown(error);
      } else if (!(found == addresses_)) {
        move_to(found);
      }
      next_lookup_ =
          nanoseconds_of(CLOCK_MONOTONIC) + (addresses_.count == 0 ? a_second : renew_after_);
    }
    if (lookup_.state() == HostLookup::State::idle &&
        nanoseconds_of(CLOCK_MONOTONIC) >= next_lookup_) {
      lookup_.start();
    }
  }

  void say_unknown(int error) noexcept {
    if (!reports.resolve.is_due()) return;
    XRAY_TRY {
      log_line("xray: the daemon's host " + address_.host +
               " can't be found: " + ::gai_strerror(error));
    }
    XRAY_CATCH_BAD_ALLOC {
    }
  }

  /// The address in use stays in use where the name still has it.
  void move_to(const SocketAddresses& found) noexcept {
    unsigned next = 0;
    for (unsigned i = 0; socket_.is_open() && i < found.count; ++i) {
      if (found.list[i] == addresses_.list[in_use_]) next = i + 1;
    }
    addresses_ = found;
    in_use_ = next == 0 ? 0 : next - 1;
    if (next == 0) socket_.close();
  }

  /// Opens a socket to the address in use, or to the first after it that there is a route to.
  void open() noexcept {
    for (unsigned tries = 0; tries < addresses_.count; ++tries) {
      const SocketAddress& to = addresses_.list[in_use_];
      if (socket_.open(to.family(), SOCK_DGRAM) &&
          ::connect(socket_.number(), to.get(), to.size) == 0) {
        prepare(to.family());
        return;
      }
      socket_.close();
      in_use_ = (in_use_ + 1) % addresses_.count;
    }
  }

  void prepare(int family) noexcept {
    // Refusals are told send by send.
    const int on = 1;
    const bool v6 = family == AF_INET6;
    ::setsockopt(socket_.number(), v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR,
                 &on, sizeof on);
    // A kernel that doesn't know the option would ignore it in a send too, and send one datagram.
    int ignored = 0;
    socklen_t size = sizeof ignored;
    if (best_ == SendMethod::segmented &&
        ::getsockopt(socket_.number(), IPPROTO_UDP, UDP_SEGMENT, &ignored, &size) != 0) {
      best_ = SendMethod::many;
    }
    // Segments are never fragmented: what doesn't fit the route's packets goes by other ways.
    int mtu = 0;
    size = sizeof mtu;
    const std::size_t headers = v6 ? 48 : 28;
    largest_segment_ = 0;
    if (::getsockopt(socket_.number(), v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MTU : IP_MTU, &mtu,
                     &size) == 0 &&
        static_cast<std::size_t>(mtu) > headers) {
      largest_segment_ = std::min(static_cast<std::size_t>(mtu) - headers, segmented_bytes);
    }
  }

  // ---- sending -------------------------------------------------------------------------------

  /// How many left. An address on this machine refuses at once: then the next one gets the burst.
  unsigned send_to_one_of_them() noexcept {
    for (unsigned tries = 1;; ++tries) {
      refused_ = 0;
      sent_bytes_ = 0;
      unsigned sent = send_burst();
      refused_ = std::min(refused_ + drain_refusals(), count_);
      const bool others = addresses_.count > 1;
      const bool again = others && refused_ == count_ && tries < addresses_.count &&
                         addresses_.list[in_use_].is_loopback();
      if (refused_ != 0) {
        next_lookup_ = std::min(next_lookup_, nanoseconds_of(CLOCK_MONOTONIC) + a_second);
        if (others) {
          socket_.close();
          in_use_ = (in_use_ + 1) % addresses_.count;
          if (again) open();
          if (again && socket_.is_open()) continue;
        }
      }
      count(counters.documents_sent, sent);
      count(counters.bytes_sent, sent_bytes_);
      answerable_ += sent;
      take_back(refused_);
      return sent;
    }
  }

  unsigned send_burst() noexcept {
    unanswered_ = 0;
    for (unsigned i = 0; i < count_; ++i) order_[i] = static_cast<std::uint8_t>(i);
    unsigned sent = 0;
    unsigned done = 0;
    if (best_ == SendMethod::segmented) {
      // Alike sizes together, the longest first: it decides how long the others become.
      std::sort(order_, order_ + count_, [this](unsigned a, unsigned b) {
        return parts_[a].size != parts_[b].size ? parts_[a].size > parts_[b].size : a < b;
      });
      unsigned apart = 0;  // documents that found no company, at the front of the order
      while (done < count_ && best_ == SendMethod::segmented) {
        const unsigned together = alike(done);
        if (together < 2) {
          std::swap(order_[apart++], order_[done++]);
          continue;
        }
        const int left = send_segmented(done, together);
        if (left < 0) break;  // the rest goes the other way
        sent += static_cast<unsigned>(left);
        done += together;
      }
      sent += send_each(0, apart);
    }
    return sent + send_each(done, count_);
  }

  /// How many of the burst, from this one on, a segmented send may hold.
  [[nodiscard]] unsigned alike(unsigned first) const noexcept {
    const std::size_t longest = parts_[order_[first]].size;
    if (longest > largest_segment_) return 1;
    const std::size_t slack = std::min(std::max(longest / 4, std::size_t{256}), most_padding);
    const auto room = static_cast<unsigned>(segmented_bytes / longest);
    unsigned together = 1;
    while (first + together < count_ && together < room &&
           longest - parts_[order_[first + together]].size <= slack) {
      ++together;
    }
    return together;
  }

  /// Sends documents as segments of one send, all but the last made as long as the first by blanks
  /// that end the header line. How many left; negative if this way does not work here.
  int send_segmented(unsigned first, unsigned together) noexcept {
    const std::size_t longest = parts_[order_[first]].size;
    iovec pieces[2 * burst];
    unsigned used = 0;
    std::size_t bytes = 0;
    for (unsigned i = 0; i < together; ++i) {
      const Part& part = parts_[order_[first + i]];
      const std::size_t padding = i + 1 == together ? 0 : longest - part.size;
      if (padding == 0) {
        pieces[used++] = {part.data, part.size};
      } else {
        pieces[used++] = {padded_header_, header_line.size() + padding};
        pieces[used++] = {part.data + header_line.size(), part.size - header_line.size()};
      }
      bytes += part.size - header_line.size() - 1;
    }
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(std::uint16_t))] = {};
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = used;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* const option = CMSG_FIRSTHDR(&message);
    option->cmsg_level = IPPROTO_UDP;
    option->cmsg_type = UDP_SEGMENT;
    option->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto segment = static_cast<std::uint16_t>(longest);
    std::memcpy(CMSG_DATA(option), &segment, sizeof segment);
    Patience patience;
    while (::sendmsg(socket_.number(), &message, MSG_NOSIGNAL) < 0) {
      const int error = errno;
      if (may_try_again(error, patience)) continue;
      if (error == EMSGSIZE || error == EINVAL || error == EIO || error == EOPNOTSUPP) {
        best_ = SendMethod::many;
        return -1;
      }
      return 0;
    }
    unanswered_ = together;
    sent_bytes_ += bytes;
    refused_ += drain_refusals();
    return static_cast<int>(together);
  }

  /// Sends documents `first` to `end` of the order as datagrams of their own; how many left.
  unsigned send_each(unsigned first, unsigned end) noexcept {
    if (first == end) return 0;
    unanswered_ = 0;
    iovec pieces[burst];
    mmsghdr messages[burst] = {};
    for (unsigned i = first; i < end; ++i) {
      pieces[i] = {parts_[order_[i]].data, parts_[order_[i]].size};
      messages[i].msg_hdr.msg_iov = &pieces[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    unsigned next = first;
    Patience patience;
    while (next < end) {
      int left = 0;
      if (best_ != SendMethod::single) {
        left = ::sendmmsg(socket_.number(), messages + next, end - next, MSG_NOSIGNAL);
        if (left < 0 && (errno == ENOSYS || errno == EPERM)) best_ = SendMethod::single;
      }
      if (best_ == SendMethod::single) {
        left =
            ::send(socket_.number(), pieces[next].iov_base, pieces[next].iov_len, MSG_NOSIGNAL) < 0
                ? -1
                : 1;
      }
      if (left < 0 && !may_try_again(errno, patience)) break;
      for (; left > 0; --left) {
        sent_bytes_ += pieces[next].iov_len - header_line.size() - 1;
        ++next;
      }
    }
    return next - first;
  }

  struct Patience {
    unsigned refusals = 0;
    unsigned waits = 0;
    unsigned others = 0;
  };

  /// After a send that failed: whether the same once more may succeed.
  bool may_try_again(int error, Patience& patience) noexcept {
    if (error == EINTR) return true;
    if (error == ECONNREFUSED && patience.refusals++ < 2 * burst) {
      refused_ += drain_refusals();  // of earlier datagrams; this one has not left yet
      return true;
    }
    if ((error == EAGAIN || error == ENOBUFS) && patience.waits++ < 5) {
      pollfd wait{socket_.number(), POLLOUT, 0};
      ::poll(&wait, 1, 20);
      return true;
    }
    // What routers say of earlier datagrams comes as this one's error, too.
    if (patience.others++ < 4) {
      const unsigned earlier = drain_refusals();
      refused_ += earlier;
      return earlier != 0;
    }
    return false;
  }

  // ---- what did not arrive -------------------------------------------------------------------

  /// How many datagrams the receiver's host has said it could not deliver. One refusal answers a
  /// whole segmented send.
  unsigned drain_refusals() noexcept {
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
      if (::recvmsg(socket_.number(), &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) break;
      ++refused;
    }
    if (refused == 0) return 0;
    return std::max(refused, std::exchange(unanswered_, 0U));
  }

  /// Counts as lost what had been counted as sent.
  void take_back(unsigned documents) noexcept {
    // The refusals of one segmented send may come apart, and then tell of more than there were.
    documents = static_cast<unsigned>(std::min<std::uint64_t>(documents, answerable_));
    if (documents == 0) return;
    answerable_ -= documents;
    counters.documents_sent.fetch_sub(documents, std::memory_order_relaxed);
    say_unreachable(documents);
  }

  void say_unreachable(unsigned documents) noexcept {
    count(counters.dropped_send_failed, documents);
    if (!reports.send_failed.is_due()) return;
    XRAY_TRY {
      log_line("xray: the daemon at " + address_.host + ":" + address_.port +
               " can't be reached; documents are being dropped");
    }
    XRAY_CATCH_BAD_ALLOC {
    }
  }

  static constexpr std::int64_t a_second = 1'000'000'000;

  HostPort address_;
  bool is_number_ = false;  ///< and so never looked up
  bool looked_up_ = false;  ///< at least once, with or without success
  HostLookup lookup_;
  std::int64_t next_lookup_ = 0;  ///< steady nanoseconds
  SocketAddresses addresses_;
  unsigned in_use_ = 0;
  OwnSocket socket_;
  std::uint32_t generation_ = fork_generation;

  SendMethod best_;
  std::int64_t renew_after_;
  std::size_t largest_segment_ = 0;
  unsigned refused_ = 0;     ///< of the burst that is being sent
  unsigned unanswered_ = 0;  ///< segments of the last send
  std::size_t sent_bytes_ = 0;
  std::uint64_t answerable_ = 0;  ///< documents that are counted as sent

  unsigned count_ = 0;
  std::size_t gathered_ = 0;
  Part parts_[burst];
  std::uint8_t order_[burst];
  char padded_header_[header_line.size() + most_padding];
  char data_[burst_bytes];
};

}  // namespace detail
XRAY_NAMESPACE_END
