// Documents to the daemon over a stream socket of this machine: nothing is lost on the way.
#pragma once

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <xray/impl/clock.hpp>
#include <xray/impl/daemon_emitter.hpp>
#include <xray/impl/diagnostics.hpp>
#include <xray/impl/exceptions.hpp>
#include <xray/impl/fork.hpp>
#include <xray/impl/own_socket.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Writes frames: four bytes of length, big-endian, then what a datagram would hold. Where the
/// daemon is slow or away, frames wait here (those of one burst) and documents in the queue.
///
/// Frames stay until the daemon has read them. A daemon that ends with frames unread gets them
/// anew, each from its beginning, when it is back; some may be ones it had read, and documents have
/// ids. What it read and did not keep is beyond this end's sight.
class UnixEmitter final : public DaemonEmitter {
 public:
  explicit UnixEmitter(std::string path) : path_(std::move(path)) {
    address_.sun_family = AF_UNIX;
    path_.copy(address_.sun_path, sizeof address_.sun_path - 1);
  }

  void emit(std::string_view document) noexcept override {
    start_anew_in_child();
    const std::size_t size = header_line.size() + 1 + document.size();
    if (size > largest_frame) {
      count(counters.dropped_too_large);
      return;
    }
    if (frames_.size() - written_ + size > most_waiting) {
      // Only where nobody waits for this end: in synchronous mode, with the daemon away.
      count(counters.dropped_send_failed);
      say_away(ETIMEDOUT, "documents are being dropped");
      return;
    }
    const auto length = static_cast<std::uint32_t>(size);
    const char prefix[prefix_size] = {static_cast<char>(length >> 24U),
                                      static_cast<char>(length >> 16U),
                                      static_cast<char>(length >> 8U), static_cast<char>(length)};
    const std::size_t before = frames_.size();
    XRAY_TRY {
      frames_.reserve(before + prefix_size + size);  // all or nothing
      frames_.append(prefix, prefix_size).append(header_line).append(1, '\n').append(document);
    }
    XRAY_CATCH_BAD_ALLOC {
      count(counters.dropped_no_memory);
      return;
    }
    // One record may make any number of documents.
    if (frames_.size() - written_ <= a_burst) return;
    forget_what_is_gone();
    if (socket_.is_open()) write_some();
  }

  void flush() noexcept override { advance(); }

  DaemonWait advance() noexcept override {
    start_anew_in_child();
    if (frames_.empty()) return {};
    forget_what_is_gone();
    if (!socket_.is_open()) {
      const std::int64_t now = nanoseconds_of(CLOCK_MONOTONIC);
      if (now < next_try_) return {next_try_ - now, -1, false};
      if (!connect()) return {next_try_ - now, -1, false};
    }
    const bool connected = write_some();
    if (pending()) return {connected ? longest_backoff : shortest_backoff, socket_.number(), true};
    if (connected) forget_what_was_read();
    return {};
  }

  [[nodiscard]] bool pending() const noexcept override { return written_ < frames_.size(); }
  [[nodiscard]] bool settled() const noexcept override { return frames_.empty(); }

 private:
  static constexpr std::size_t prefix_size = 4;
  static constexpr std::size_t largest_frame = std::size_t{16} << 20U;
  static constexpr std::size_t most_waiting = std::size_t{64} << 20U;
  static constexpr std::size_t a_burst = std::size_t{64} << 10U;
  static constexpr std::int64_t shortest_backoff = 10'000'000;
  static constexpr std::int64_t longest_backoff = 1'000'000'000;

  /// A connection must not be written to by two processes: the child gets one of its own. What was
  /// gathered is the parent's to send.
  void start_anew_in_child() noexcept {
    if (generation_ == fork_generation) return;
    generation_ = fork_generation;
    socket_.close();
    frames_.clear();
    written_ = counted_ = 0;
    next_try_ = 0;
  }

  bool connect() noexcept {
    if (socket_.open(AF_UNIX, SOCK_STREAM) &&
        ::connect(socket_.number(), reinterpret_cast<const sockaddr*>(&address_),
                  sizeof address_) == 0) {
      int granted = 0;
      socklen_t size = sizeof granted;
      ::getsockopt(socket_.number(), SOL_SOCKET, SO_SNDBUF, &granted, &size);
      // The kernel counts its own bookkeeping too, and may go beyond by one piece.
      in_flight_ = (granted > 0 ? static_cast<std::size_t>(granted) : 0) + 2 * a_burst;
      return true;
    }
    say_away(errno, "documents wait in the queue");
    socket_.close();
    wait_longer();
    return false;
  }

  /// The program may have closed it, with the frames that it held unread or not.
  void forget_what_is_gone() noexcept {
    if (!socket_.is_open() || socket_.is_still_there()) return;
    socket_.close();
    written_ = 0;
  }

  void wait_longer() noexcept {
    next_try_ = nanoseconds_of(CLOCK_MONOTONIC) + backoff_;
    backoff_ = std::min(2 * backoff_, longest_backoff);
  }

  /// Writes what the socket takes; false if the connection was lost.
  bool write_some() noexcept {
    bool cut = false;  // the send before took less than all of it
    while (pending()) {
      const std::size_t wanted = frames_.size() - written_;
      const ssize_t size =
          ::send(socket_.number(), frames_.data() + written_, wanted, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (size > 0) {
        cut = static_cast<std::size_t>(size) < wanted;
        written_ += static_cast<std::size_t>(size);
        count_sent();
      } else if (errno == EAGAIN) {
        break;
      } else if (errno != EINTR) {
        // A daemon's end with frames unread is told once, and a send may be who is told: by the
        // error or, where it had sent something, by sending less.
        lose_connection(errno == ECONNRESET || cut);
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] std::size_t size_of_frame(std::size_t begin) const noexcept {
    std::size_t size = 0;
    for (std::size_t i = 0; i < prefix_size; ++i) {
      size = (size << 8U) | static_cast<unsigned char>(frames_[begin + i]);
    }
    return size + prefix_size;
  }

  /// Each frame once, when its last byte was written for the first time.
  void count_sent() noexcept {
    while (counted_ < written_) {
      const std::size_t size = size_of_frame(counted_);
      if (counted_ + size > written_) break;
      count(counters.documents_sent);
      count(counters.bytes_sent, size - prefix_size - header_line.size() - 1);
      counted_ += size;
    }
  }

  /// Forgets frames that the daemon has read, as far as can be known.
  void forget_what_was_read() noexcept {
    // Before the look at the connection: a daemon's end shows there first, and then throws away
    // what was unread.
    const bool all_read = nothing_unread();
    pollfd watched{socket_.number(), 0, 0};
    if (::poll(&watched, 1, 0) != 0 && (watched.revents & (POLLHUP | POLLERR)) != 0) {
      lose_connection(false);
    } else if (all_read) {
      backoff_ = shortest_backoff;
      forget(written_);
    } else if (written_ > 2 * in_flight_) {
      forget(whole_frames(written_ - in_flight_));
    }
  }

  /// Whether the connection holds no bytes; also if the daemon's end has thrown them away.
  [[nodiscard]] bool nothing_unread() const noexcept {
    int unread = 0;
    return ::ioctl(socket_.number(), SIOCOUTQ, &unread) == 0 && unread == 0;
  }

  /// The bytes of the frames that end within the first `bytes`.
  [[nodiscard]] std::size_t whole_frames(std::size_t bytes) const noexcept {
    std::size_t end = 0;
    while (end < bytes && end + size_of_frame(end) <= bytes) end += size_of_frame(end);
    return end;
  }

  /// The first frames, `bytes` of them.
  void forget(std::size_t bytes) noexcept {
    frames_.erase(0, bytes);
    written_ -= bytes;
    counted_ -= bytes;
    if (frames_.empty() && frames_.capacity() > 16 * a_burst) std::string().swap(frames_);
  }

  /// Goes back to the first frame that may not have been read. `unread`: some are known not to be.
  void lose_connection(bool unread) noexcept {
    // A daemon that stops reads no more from new writes, and may or may not get to the end of what
    // was written before.
    const bool all_read = nothing_unread();  // first, as above
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket_.number(), SOL_SOCKET, SO_ERROR, &error, &size);
    socket_.close();
    if (!unread && all_read && error != ECONNRESET) forget(whole_frames(written_));
    written_ = 0;
    wait_longer();
  }

  void say_away(int error, const char* consequence) noexcept {
    if (!reports.send_failed.is_due()) return;
    XRAY_TRY {
      log_line("xray: the daemon's socket " + path_ + " can't be reached (" +
               std::generic_category().message(error) + "); " + consequence);
    }
    XRAY_CATCH_BAD_ALLOC {
    }
  }

  const std::string path_;
  sockaddr_un address_{};
  OwnSocket socket_;
  std::uint32_t generation_ = fork_generation;
  std::int64_t next_try_ = 0;  ///< to connect, steady nanoseconds
  std::int64_t backoff_ = shortest_backoff;
  std::size_t in_flight_ = 0;  ///< the most that the connection holds

  std::string frames_;       ///< that the daemon may not have read yet
  std::size_t written_ = 0;  ///< bytes of them, on this connection
  std::size_t counted_ = 0;  ///< bytes of them, whole frames, ever
};

}  // namespace detail
XRAY_NAMESPACE_END
