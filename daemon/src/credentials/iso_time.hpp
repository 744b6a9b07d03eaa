// Times as AWS's answers write them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace xrayd::credentials {

/// Reads `2026-11-22T15:12:41Z`, with a fraction (cut off) and with `+01:00` or `+0100` for Z, too.
/// Nothing if it is none of these, or a time that does not exist or is
/// outside the years 1970 to 9999.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_iso_time(std::string_view text);

/// `2026-11-22T15:12:41Z`
[[nodiscard]] std::string to_iso_time(std::chrono::sys_seconds time);

/// Translates an expiry by the service's clock into one by ours: the answer's Date header says how
/// late it is there. Differences of a minute and less, and dates that can't be read, are left be.
[[nodiscard]] std::chrono::sys_seconds by_our_clock(std::chrono::sys_seconds expiry,
                                                    std::string_view date_header,
                                                    std::chrono::sys_seconds now);

}  // namespace xrayd::credentials
