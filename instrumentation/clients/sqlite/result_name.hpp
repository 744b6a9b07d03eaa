// SQLite's result codes in words.
#pragma once

#include <xray/config.hpp>
#include <xray/fixed_text.hpp>

XRAY_NAMESPACE_BEGIN
namespace clients::sqlite {

/// The code's name: "SQLITE_CONSTRAINT_UNIQUE"; of a rarer kind the general one and the number:
/// "SQLITE_IOERR 266".
[[nodiscard]] FixedText<48> result_name(int result) noexcept;

}  // namespace clients::sqlite
XRAY_NAMESPACE_END
