// What a datagram is made of: a header line, then a segment document that stays opaque here.
#pragma once

#include <cstddef>
#include <string_view>

namespace xrayd::intake {

/// The last is found by the receiver, whose sink has a limit, not by split_datagram().
enum class Refusal { none, empty, missing_header, bad_header, empty_body, too_large };
inline constexpr std::size_t refusal_count = 6;

/// The reason as it stands in the log and in /metrics.
[[nodiscard]] std::string_view to_string(Refusal refusal) noexcept;

struct Datagram {
  /// What followed the header line, byte for byte; empty if refused.
  std::string_view body;
  Refusal refusal = Refusal::none;
};

/// Splits at the first newline and checks the header line: a JSON object whose `format` is `json`
/// and whose `version` is the integer 1. Case matters neither in keys nor in `json`; further keys
/// and blanks are fine. The body is not looked at: clients send other things than JSON in it.
[[nodiscard]] Datagram split_datagram(std::string_view datagram) noexcept;

}  // namespace xrayd::intake
