// How much of a statement is recorded: AWS_XRAY_COLLECT_SQL_QUERIES.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <xray/config.hpp>

#include "sql/dialect.hpp"

XRAY_NAMESPACE_BEGIN
namespace sql {

enum class Collection : unsigned char {
  sanitised,
  /// As the program wrote it, with its users' values.
  raw,
  none,
};

/// Reads the variable's value: `true` or `1` is raw, `false` or `0` none, in any case of letters;
/// empty (unset) is sanitised. Anything else is nothing: say so, and sanitise.
[[nodiscard]] std::optional<Collection> parse_collection(std::string_view value) noexcept;

/// What is to be recorded of a statement; empty if nothing is. The result points into `buffer`, for
/// `raw` into the statement, or into what sanitise_again() remembers.
[[nodiscard]] std::string_view collect(Collection collection, std::string_view statement,
                                       Dialect dialect, char* buffer,
                                       std::size_t capacity) noexcept;

}  // namespace sql
XRAY_NAMESPACE_END
