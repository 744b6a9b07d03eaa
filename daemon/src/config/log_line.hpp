// How a line of the log is written.
#pragma once

#include <chrono>
#include <ctime>
#include <string>
#include <string_view>

#include "config/log.hpp"

namespace xrayd::log {

/// `2026-11-22T15:12:41Z` or, off UTC, `2026-11-22T16:12:41+01:00`. Remembers the second it wrote
/// last, so that the local time is worked out once a second at most. For one thread at a time.
class TimeText {
 public:
  std::string_view at(std::chrono::system_clock::time_point time);

 private:
  std::time_t second_ = -1;
  std::string text_;
};

/// Appends the line for `message` with its line break.
void append_line(std::string& out, Format format, std::string_view time, Level level,
                 std::string_view message);

}  // namespace xrayd::log
