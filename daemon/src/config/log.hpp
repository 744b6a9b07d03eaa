// The daemon's log: one line an event, on standard output or in a file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace xrayd::log {

enum class Level { trace, debug, info, warn, error };
enum class Format { text, json };

/// Each writes one line if the level is on: `2026-11-22T15:12:41Z [Info] message` in local time
/// (`Z` where that is UTC, otherwise `+01:00`), or as JSON
/// `{"time":"2026-11-22T15:12:41Z","level":"info","message":"message"}`. Control characters are
/// written as `\n`, `\t` or `\x1b`, so that nobody's input can forge a line. Thread-safe. The
/// message must hold neither payloads nor secrets. Never throws over a log that can't be written:
/// lines are then left out, and counted by the next one that gets through to a file.
void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);
void error(std::string_view message);
void write(Level level, std::string_view message);

struct Settings {
  /// Lines below this are not written.
  Level level = Level::info;
  Format format = Format::text;
  /// Empty: standard output.
  std::filesystem::path file = {};
  /// Without a file: standard error instead of standard output.
  bool standard_error = false;
  /// At 50 MiB the file becomes `<file>.1`, in the place of an older one.
  bool rotation = true;
};

/// The log is as told from here on; parent directories of a file are made. Before there are other
/// threads. Throws StartupError naming the path and the cause.
void configure(const Settings& settings);

/// Level alone, at any time.
void set_level(Level level);

/// Opens the file anew, for who has moved it away (SIGHUP). If that fails, the log goes on where it
/// was and says so. Nothing to do for standard output. Thread-safe.
void reopen();

/// What a line says before the log is there, in its words and with a line break: for who writes it
/// elsewhere.
[[nodiscard]] std::string line(Level level, std::string_view message);

/// `text` with its control characters escaped, as the functions above do to their messages.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace xrayd::log
