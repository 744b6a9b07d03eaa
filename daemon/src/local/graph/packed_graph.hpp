// Sums as bytes: what the store keeps of each minute.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "local/graph/graph_sum.hpp"

namespace xrayd::local {

/// Appends to `out`; self-contained. Equal sums make equal bytes. Times are kept to the
/// microsecond.
void pack_graph(const GraphSum& graph, std::string& out);

/// Adds what the bytes hold to `graph`, as += would. False where they are no graph (damaged, of a
/// later version): `graph` may then hold a part of them. Never reads past the bytes, never
/// allocates more than a bounded multiple of them.
[[nodiscard]] bool add_packed_graph(std::span<const std::byte> bytes, GraphSum& graph);

}  // namespace xrayd::local
