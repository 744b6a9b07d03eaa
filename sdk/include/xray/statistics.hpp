// What became of what was recorded; waiting for it; the end.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_STATISTICS_HPP
#define XRAY_STATISTICS_HPP

#include <chrono>
#include <cstdint>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN

/// Counts since the process began (since fork, in a child). Every loss has a line here.
struct Statistics {
  std::uint64_t documents_sent = 0;  ///< given to the network, or taken by a custom emitter
  std::uint64_t bytes_sent = 0;      ///< of documents given to the network, without header lines

  std::uint64_t dropped_queue_full = 0;  ///< segments or subsegments that found the queue full
  std::uint64_t dropped_too_large = 0;   ///< entities that alone exceed a datagram
  std::uint64_t dropped_no_memory = 0;   ///< entities or values that found no memory
  std::uint64_t dropped_send_failed =
      0;  ///< documents that the socket refused: no daemon, no route

  std::uint64_t dropped_leaked = 0;  ///< subsegments of an earlier Lambda invocation, ended late

  std::uint64_t documents_split = 0;      ///< segments too large for one datagram, sent in pieces
  std::uint64_t context_missing = 0;      ///< subsegments begun without a current segment
  std::uint64_t annotations_dropped = 0;  ///< bad key, bad value, or more than 50
  /// Values cut, and marked so, to fit a datagram; additions that a JsonObject or JsonArray had no
  /// room for.
  std::uint64_t metadata_truncated = 0;
  std::uint64_t frames_truncated = 0;  ///< stack frames left out to fit a datagram
  std::uint64_t metadata_invalid = 0;  ///< not JSON (kept as text), or a reserved namespace
  std::uint64_t names_corrected = 0;   ///< empty, too long, or with characters that are not allowed
  std::uint64_t strings_truncated = 0;  ///< cut at the document's limits
  std::uint64_t plugins_failed = 0;     ///< look-ups of where this runs that did not succeed
  std::uint64_t segments_kept = 0;      ///< not sampled, and sent after all: Configuration::keep
  std::uint64_t segments_not_kept = 0;  ///< worth it, but beyond KeepUnsampled::per_second
  /// Calls for sampling rules or targets without a good answer, and reports that were refused.
  std::uint64_t sampling_calls_failed = 0;
  std::uint64_t sampling_rules_skipped = 0;  ///< X-Ray's rules that can't be used, at each fetch
};

/// Reads the counters; cheap, thread-safe.
XRAY_DECL Statistics statistics() noexcept;

/// Waits until everything that ended before the call has been handed to the network, at most
/// `timeout` (more than a day counts as a day), whatever the emitter does. True if it has.
/// Thread-safe.
XRAY_DECL bool flush(std::chrono::milliseconds timeout) noexcept;

/// flush(), then ends the sender thread, all within `timeout`; true if nothing was left behind.
/// Thread-safe; a second call waits for what is left, within its own timeout. Segments that end
/// later, in static destructors for example, are sent on their own thread; or, as long as a sender
/// that was too slow is still there, left to it.
///
/// Runs by itself when the process ends by exit() or by returning from main (one second), but not
/// at quick_exit(), _exit() or a signal: call flush() before those. A forked child has neither its
/// parent's queue nor its sender thread, and starts its own at the first segment that ends.
XRAY_DECL bool shutdown(std::chrono::milliseconds timeout) noexcept;

XRAY_NAMESPACE_END

#endif  // XRAY_STATISTICS_HPP
