// Receives datagrams on a thread of its own and hands their bodies on.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include "counter_row.hpp"
#include "intake/datagram.hpp"
#include "intake/document_sink.hpp"
#include "intake/totals.hpp"
#include "intake/udp_socket.hpp"

namespace xrayd::intake {

/// Every datagram that the kernel delivers is counted once: as handed on, or as refused with its
/// reason. What the kernel dropped before is counted apart.
class UdpIntake {
 public:
  /// Binds the socket, so that datagrams gather from here on; throws StartupError. `sink` must
  /// outlive this.
  UdpIntake(const config::Address& address, DocumentSink& sink);
  UdpIntake(const UdpIntake&) = delete;
  UdpIntake& operator=(const UdpIntake&) = delete;
  ~UdpIntake();

  void start();

  /// Reads the socket empty, then ends the thread. For a sender that never pauses the reading ends
  /// after two seconds. Nothing happens if it isn't running.
  void stop();

  [[nodiscard]] const UdpSocket& socket() const noexcept { return socket_; }

  /// When the receiving thread last came round, which it does each second at least. From any
  /// thread.
  [[nodiscard]] std::chrono::steady_clock::time_point last_turn() const noexcept {
    return last_turn_.load(std::memory_order_relaxed);
  }

  /// From any thread.
  void report(CounterRows& rows) const;
  [[nodiscard]] Totals totals() const noexcept { return totals_of(received_, refused_); }

 private:
  class Receiver;

  UdpSocket socket_;
  DocumentSink& sink_;
  FileDescriptor stop_event_;
  std::thread thread_;

  std::atomic<std::chrono::steady_clock::time_point> last_turn_{};
  std::atomic<std::uint64_t> received_{0};
  std::atomic<std::uint64_t> received_bytes_{0};
  std::array<std::atomic<std::uint64_t>, refusal_count> refused_{};
};

}  // namespace xrayd::intake
