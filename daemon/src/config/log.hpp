// The daemon's log: one line an event, on standard output or in a file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace xrayd::log {

enum class Level { trace, debug, info, warn, error };

/// Each writes one line `2026-11-22T15:12:41Z [Info] message` (UTC) if the level is on. Control
/// characters in the message are written as `\n`, `\t` or `\x1b`, so that nobody's input can forge
/// a line. Thread-safe. The message must hold neither payloads nor secrets.
void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);
void error(std::string_view message);

/// Lines below this level are not written. Starts as `info`.
void set_level(Level level);

/// From here on lines are appended to `path` instead of standard output; parent directories are
/// made. Throws StartupError naming the path and the cause.
void open_file(const std::filesystem::path& path);

/// `text` with its control characters escaped, as the functions above do to their messages.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace xrayd::log
