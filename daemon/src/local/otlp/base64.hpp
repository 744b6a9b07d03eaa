// Bytes that came as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace xrayd::local {

/// RFC 4648's standard alphabet; padding at the end may be missing. Nothing where the text is no
/// such: other characters, also line ends, bits that no byte is made of, or a length of no bytes.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace xrayd::local
