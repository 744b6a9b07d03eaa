// Whose turn it is among the threads that upload, and when.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

#include "backlog/backlog.hpp"
#include "forward/limiter.hpp"
#include "forward/upload_log.hpp"

namespace xrayd::forward {

/// The limiter among threads. One thread at a time waits for the next batch; the others send, or
/// wait for their turn. Thread-safe.
class Pace {
 public:
  using Clock = Limiter::Clock;

  Pace(const Limiter::Options& options, Limiter::Generator generator, backlog::Backlog& backlog,
       UploadLog& log);

  /// Waits until this thread is the one to take the next batch. False once all is over.
  [[nodiscard]] bool await_turn();
  /// The turn is over: with a batch, which counts as under way from here on, or without. True if
  /// one more thread would find something to do.
  [[nodiscard]] bool end_turn(bool has_batch);
  /// A batch is no longer under way.
  void finished();

  /// Waits for so long, or until no more documents come; false, and at once, when all is over.
  [[nodiscard]] bool pause(std::chrono::milliseconds time);
  /// Waits until a batch under way is finished, if there is one; else until all is over.
  void await_change();

  void got_through();
  void slow_down(Clock::time_point begun);
  /// Nothing gets through, and why: for the log and for trouble(). No probe before `asked` has
  /// passed, which is cut to a minute, and while
  /// the daemon stops to a second.
  void failed(Clock::time_point begun, const std::string& why, std::chrono::milliseconds asked);
  [[nodiscard]] bool failing() const;

  /// Whether there is something to sign with. Without it for longer than a moment documents are
  /// kept as if the service could not be reached.
  void credentials(bool present);

  /// No more documents come: probes don't wait for long from here on.
  void close();
  [[nodiscard]] bool closing() const;
  /// Waits until nothing is left to send, until `deadline`, or until it is plain that waiting is
  /// of no use: with `impatient` after a probe that failed.
  void await_empty(Clock::time_point deadline, bool impatient);
  /// All threads come back from their waiting.
  void end();
  [[nodiscard]] bool ended() const;

  [[nodiscard]] int in_flight() const;
  [[nodiscard]] int limit() const;
  /// Empty while documents get through.
  [[nodiscard]] std::string trouble() const;

 private:
  void tell_backlog();

  backlog::Backlog& backlog_;
  UploadLog& log_;
  mutable std::mutex mutex_;
  std::condition_variable turn_;     ///< for those that wait for theirs
  std::condition_variable changed_;  ///< for all others
  Limiter limiter_;
  bool taken_ = false;  ///< somebody's turn
  int waiting_ = 0;     ///< threads that wait for theirs
  int in_flight_ = 0;
  std::uint64_t finished_ = 0;
  std::uint64_t failures_ = 0;
  bool ended_ = false;
  bool closing_ = false;
  Clock::time_point failing_since_{};
  Clock::time_point failed_at_{};
  Clock::time_point asked_until_{};
  Clock::time_point without_credentials_since_{};
  bool without_credentials_ = false;
  bool backlog_knows_ = false;  ///< what upstream_fails() was told last
  std::string trouble_;
};

}  // namespace xrayd::forward
