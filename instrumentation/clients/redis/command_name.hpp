// What a command is called: all that is ever recorded of its text.
#pragma once

#include <cstdarg>
#include <cstddef>
#include <string_view>

#include <xray/config.hpp>
#include <xray/fixed_text.hpp>

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace redis {

/// "GET", "JSON.SET": capitals and dots. Empty where that can't be told, or where the first word is
/// anything else than a command's name, and so may be a value.
using CommandName = FixedText<32>;

/// Of a first word.
[[nodiscard]] CommandName name_of_word(std::string_view word) noexcept;

/// Of redisCommand's format and arguments, of which only a first `%s` or `%b` is read. The list is
/// left as it was.
[[nodiscard]] CommandName name_of_format(const char* format, va_list arguments) noexcept;

/// Of an array of arguments; null `sizes`: they end in a NUL.
[[nodiscard]] CommandName name_of_arguments(int count, const char* const* arguments,
                                            const std::size_t* sizes) noexcept;

/// Of a command as it goes over the wire: "*2\r\n$3\r\nGET\r\n...", or a line.
[[nodiscard]] CommandName name_of_wire(const char* text, std::size_t size) noexcept;

/// Commands that are followed by messages instead of one reply. They are left alone.
[[nodiscard]] bool opens_stream(const CommandName& name) noexcept;

}  // namespace redis
}  // namespace clients
XRAY_NAMESPACE_END
