// Receives frames over a stream socket of this machine, on a thread of its own, and hands their
// bodies on.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <thread>

#include "counter_row.hpp"
#include "intake/datagram.hpp"
#include "intake/document_sink.hpp"
#include "intake/totals.hpp"
#include "intake/unix_listener.hpp"

namespace xrayd::intake {

/// Why a connection was ended from this side.
enum class Closure { bad_length, stalled, too_much_begun, no_memory, too_many };
inline constexpr std::size_t closure_count = 5;

/// The reason as it stands in the log and in /metrics.
[[nodiscard]] std::string_view to_string(Closure closure) noexcept;

struct StreamLimits {
  /// Further clients are turned away.
  std::size_t connections = 512;
  /// Memory of frames that have not arrived whole, of all connections together.
  std::size_t begun_bytes = std::size_t{64} << 20U;
  /// A frame must arrive whole within this time.
  std::chrono::milliseconds frame_time{60'000};
};

/// A frame holds what a datagram holds. Where the sink has no room the connections are not read, so
/// that senders wait instead of losing documents. Every frame is counted once: as handed on, or as
/// refused with its reason.
class StreamIntake {
 public:
  /// Listens, so that clients may connect from here on; throws StartupError. `sink` must outlive
  /// this.
  StreamIntake(const std::filesystem::path& path, DocumentSink& sink,
               const StreamLimits& limits = {});
  StreamIntake(const StreamIntake&) = delete;
  StreamIntake& operator=(const StreamIntake&) = delete;
  ~StreamIntake();

  void start();

  /// Takes no more from the clients, reads what they have written already, and ends the thread.
  /// For a sink that has no room the reading ends after two seconds. Nothing happens if it isn't
  /// running.
  void stop();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return listener_.path(); }

  /// From any thread.
  void report(CounterRows& rows) const;
  [[nodiscard]] Totals totals() const noexcept { return totals_of(received_, refused_); }

 private:
  class Receiver;
  using Counter = std::atomic<std::uint64_t>;

  UnixListener listener_;
  DocumentSink& sink_;
  const StreamLimits limits_;
  FileDescriptor stop_event_;
  FileDescriptor watched_;
  std::thread thread_;

  Counter received_{0};
  Counter received_bytes_{0};
  std::array<Counter, refusal_count> refused_{};
  Counter cut_off_{0};
  Counter waits_{0};
  Counter connected_{0};
  Counter connections_{0};
  std::array<Counter, closure_count> closed_{};
};

}  // namespace xrayd::intake
