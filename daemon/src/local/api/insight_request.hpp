// What the operations on insights have in common: nobody looks for insights here, so there are
// none.
#pragma once

#include <optional>
#include <string>

#include "local/api/api_error.hpp"
#include "local/json/members.hpp"

namespace xrayd::local::api {

/// Of NextToken.
inline constexpr Lengths insight_token_lengths{1, 2000};

/// The member InsightId.
[[nodiscard]] std::optional<std::string> read_insight_id(Members& members);

/// Throws ApiError where the range ends before it begins.
void check_times(double start, double end);

/// Any insight that is asked for.
[[nodiscard]] ApiError insight_not_found();

}  // namespace xrayd::local::api
