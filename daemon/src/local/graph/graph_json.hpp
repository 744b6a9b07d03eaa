// Graphs as GetServiceGraph and GetTraceGraph show them.
#pragma once

#include <string_view>

#include "local/graph/graph_sum.hpp"
#include "local/json/json.hpp"

namespace xrayd::local {

enum class GraphTimes {
  /// Nodes' and edges' bounds as whole seconds.
  bounds,
  /// Null, as in graphs of one trace.
  none,
};

/// Writes the list `Services`. `account` stands in where a node has none. ReferenceIds count from 0
/// in the order of names; histograms have 100 entries at most.
void write_services(JsonWriter& writer, const GraphSum& graph, std::string_view account,
                    GraphTimes times);

}  // namespace xrayd::local
