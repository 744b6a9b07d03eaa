// Figures over time, as GetTimeSeriesServiceStatistics shows them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "local/filter/entity_selector.hpp"
#include "local/graph/graph_sum.hpp"
#include "local/json/json.hpp"

namespace xrayd::local {

/// A minute of the service graph, by when its traces were received.
struct GraphOfMinute {
  /// Minutes since 1970: the one that ends at (minute + 1) * 60.
  std::int64_t minute = 0;
  /// Never null.
  const GraphSum* sum = nullptr;
};

/// Writes the list `TimeSeriesServiceStatistics`, newest row first: one row for each `period` (in
/// seconds, whole minutes; 60 if it is less) with anything that is selected, stamped with the
/// period's end. Services' figures where `selector` names a service, else edges'; without a
/// selector those of the clients' edges to roots. `minutes` must be sorted, oldest first; `account`
/// stands in where a node has none.
void write_time_series(JsonWriter& writer, std::span<const GraphOfMinute> minutes,
                       std::int64_t period, const std::optional<EntitySelector>& selector,
                       std::string_view account);

}  // namespace xrayd::local
