// The segment of a whole process: what calls belong to where their thread has no segment.
#pragma once

#include <chrono>

#include <xray/context.hpp>

#include "clients/call.hpp"

XRAY_NAMESPACE_BEGIN
namespace preload {

/// What becomes of the process when its segment ends.
enum class Leaving : unsigned char {
  process,  ///< it is over: no segment begins any more
  program,  ///< it is over unless it can't be: another program takes its place; see stay()
};

/// Begins when somebody asks for its context, ends once: at the process's end, whatever way that
/// comes about. Named after the program (or AWS_XRAY_TRACING_NAME), part of the trace that the
/// environment names, and named there for child processes from then on. A forked child has its own,
/// below its parent's, from its first call on.
class ProcessSegment {
 public:
  /// How long a way out of the process may take because of us.
  static constexpr std::chrono::seconds longest_end{1};

  /// From here on there may be a segment. Once, before there are threads.
  static void allow() noexcept;

  /// The context of calls that have none; begins the segment if need be. Empty before allow(), when
  /// the process is being left, and where the SDK is off. Any thread, any time; a few nanoseconds
  /// once it has begun. Never throws.
  static Context context() noexcept;

  /// Whether calls that have no context are recorded; the same otherwise, and quicker.
  static clients::Tracing tracing() noexcept;

  /// Ends the segment, and what is open in it, and waits until it is sent, at most longest_end. To
  /// be called again and again, from any thread and from signal handlers (in which what was
  /// interrupted may be what is needed: then the time runs out). Does nothing in a child of
  /// vfork(), whose memory is its parent's.
  static void end(Leaving leaving) noexcept;

  /// After end(Leaving::program), where the other program did not come: another segment begins with
  /// the next call.
  static void stay() noexcept;

  /// Sends what the segment says so far, marked as in progress.
  static void announce() noexcept;

  /// Whether this is the process that the segment is for, and no child of vfork() in its memory.
  static bool is_own_process() noexcept;
};

}  // namespace preload
XRAY_NAMESPACE_END
