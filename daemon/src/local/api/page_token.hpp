// NextToken: where a list stopped, and of which query.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "local/trace_reader.hpp"

namespace xrayd::local::api {

/// Opaque to callers. Good for the same query only.
std::string page_token(const SummaryQuery& query, const ListPosition& position);

/// Nothing if the token isn't ours or another query's.
std::optional<ListPosition> position_of(std::string_view token, const SummaryQuery& query);

}  // namespace xrayd::local::api
