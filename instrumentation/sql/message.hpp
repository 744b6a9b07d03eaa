// What databases say of failures, without their users' values. They quote names and values alike,
// in the quotation marks of their users' language, and escape no marks in what they quote: nobody
// can tell where `"O"x"` ends.
#pragma once

#include <cstddef>
#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace sql {

/// The message with a `?` in place of all that lies between its first quotation mark and its last
/// one: servers put nothing but their own words in front of the first and behind the last. In what
/// is not UTF-8, every byte beyond ASCII is taken for a mark. Numbers become `?` too. The result
/// points into `buffer`. Allocates nothing; thread-safe.
[[nodiscard]] std::string_view message_without_values(std::string_view message, char* buffer,
                                                      std::size_t capacity) noexcept;

/// The same of a server that cuts its messages off, so that the last mark may be inside a value:
/// nothing behind the first thing that is quoted is shown.
[[nodiscard]] std::string_view message_until_values(std::string_view message, char* buffer,
                                                    std::size_t capacity) noexcept;

}  // namespace sql
XRAY_NAMESPACE_END
