// Points in time as people type them.
#pragma once

#include <string_view>

namespace xrayd::config {

/// Seconds since 1970, from `1790158405`, `1790158405.25`, `2026-11-22`, `2026-11-22T15:12:41Z`
/// (UTC, with a fraction or without, the Z may be missing), or `15m`, `2h`, `7d`: so long before
/// `now`. Within the years 1970 to 9999. Throws BadValue for anything else.
[[nodiscard]] double moment(std::string_view text, double now);

}  // namespace xrayd::config
