// _X_AMZN_TRACE_ID: the trace that child processes find in their environment.
#pragma once

#include <cstddef>
#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace preload {

/// The process's own entry of the environment, in memory of ours, so that its text can change
/// without setenv(), which frees what other threads may be reading. Programs start others in ways
/// that nobody can hook (system(), popen()); those take the environment as it is.
///
/// A copy that the program made before (Python's os.environ, a shell's variables) does not change
/// with it: for_child() sees to those. All functions but enter() are safe in signal handlers and in
/// a child of vfork().
class TraceVariable {
 public:
  /// Takes the entry over as it is; without one, enters a trace that begins here (`Root=` alone: no
  /// parent and no decision), so that all descendants are of one trace. To be called before there
  /// are threads. An entry that is too long for us stays what it is.
  static void enter() noexcept;

  /// What the environment said at first, or what change() has said since.
  static std::string_view text() noexcept;

  /// By one thread at a time. Whoever reads in that very moment sees the old text or the new one
  /// where the new one only adds to it.
  static void change(std::string_view header) noexcept;

  /// In a forked child: the text of now is what copies may hold, too.
  static void note_fork() noexcept;

  /// The number of pointers that for_child() needs; 0: `environment` can be passed on as it is. It
  /// is left alone where it has no such entry, or another one than ours.
  static std::size_t pointers_for_child(char* const* environment) noexcept;
  /// `environment` with the entry of now, in `copy`.
  static char* const* for_child(char* const* environment, char** copy) noexcept;
};

}  // namespace preload
XRAY_NAMESPACE_END
