// Looks after the process's segment while it runs.
#pragma once

#include <chrono>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace preload {

/// A thread that announces a segment that has run for long, and ends it when SIGTERM or SIGINT
/// would end the process: where the program leaves these to the system, they are caught, and let
/// loose again once the segment has been sent (or after ProcessSegment::longest_end). The process
/// then dies of the signal, as it would have; no code of the program runs on the thread that took
/// it. A handler that the program sets later replaces ours.
class Watcher {
 public:
  static constexpr std::chrono::seconds announced_after{10};

  /// For a segment that has just begun. Without memory for a thread nothing is watched.
  static void start() noexcept;

  /// In a forked child, which has neither thread nor segment: takes our handlers back.
  static void forget_in_child() noexcept;
};

}  // namespace preload
XRAY_NAMESPACE_END
