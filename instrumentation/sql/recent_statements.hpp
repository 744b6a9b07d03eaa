// Statements that a thread asks again and again, sanitised once.
#pragma once

#include <cstddef>
#include <string_view>

#include <xray/config.hpp>

#include "sql/dialect.hpp"

XRAY_NAMESPACE_BEGIN
namespace sql {

/// What sanitise() makes of a statement, remembered by the calling thread for the next time that it
/// has the same text: comparing is some twenty times as fast as reading. The result points into
/// `buffer` or into what is remembered: good until the next call on this thread. Some statements of
/// up to `longest_remembered` bytes are remembered; others are sanitised each time. Never throws.
[[nodiscard]] std::string_view sanitise_again(std::string_view statement, Dialect dialect,
                                              char* buffer, std::size_t capacity) noexcept;

inline constexpr std::size_t longest_remembered = 2048;

}  // namespace sql
XRAY_NAMESPACE_END
