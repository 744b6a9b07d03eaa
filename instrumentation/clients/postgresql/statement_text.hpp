// What a statement's text says of the results to come.
#pragma once

#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace clients::postgresql {

/// Whether it is surely one statement: nothing follows a semicolon. (One inside a value makes it
/// look like more, which does no harm.)
bool is_one_statement(std::string_view text) noexcept;

/// Whether it begins with COPY, behind spaces and comments.
bool begins_with_copy(std::string_view text) noexcept;

}  // namespace clients::postgresql
XRAY_NAMESPACE_END
