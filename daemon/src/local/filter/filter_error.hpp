// Where in an expression something is wrong, as people count.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "local/filter/filter.hpp"

namespace xrayd::local::filters {

/// `byte` is where in the expression it is wrong; its end for what is missing there.
[[nodiscard]] FilterError error_at(std::string_view expression, std::size_t byte, std::string what);

/// Between quotation marks, cut where it is long.
[[nodiscard]] std::string shown(std::string_view text);

/// How many characters begin in the bytes before `byte`.
[[nodiscard]] std::size_t characters_before(std::string_view text, std::size_t byte) noexcept;
/// Where the character of that number begins; the end of the text where it has fewer.
[[nodiscard]] std::size_t byte_of_character(std::string_view text, std::size_t character) noexcept;

}  // namespace xrayd::local::filters
