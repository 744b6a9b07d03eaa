// What SQLite says of a failure, as far as it is SQLite's own words.
#pragma once

#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace clients::sqlite {

/// The part of the message that may be shown; empty where the code must be enough. SQL functions,
/// modules and triggers fail with texts of their own, in which any value may be: full text search
/// says "no such column: secret" of what a user searches for. A word that `statement` shows without
/// its values is shown here, too.
[[nodiscard]] std::string_view own_words(int extended_code, std::string_view message,
                                         std::string_view statement) noexcept;

}  // namespace clients::sqlite
XRAY_NAMESPACE_END
