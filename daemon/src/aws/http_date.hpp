// Times as HTTP headers write them.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace xrayd::aws {

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, and the two older forms that RFC 9110 asks receivers to
/// know: `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`. A year of two digits is the
/// one within 50 years of 2026. The name of the day is not checked. Nothing if it is none of these.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

}  // namespace xrayd::aws
