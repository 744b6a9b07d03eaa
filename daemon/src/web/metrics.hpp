// Counters in Prometheus' text format.
#pragma once

#include "counter_row.hpp"
#include "web/response.hpp"

namespace xrayd::web {

/// One `# HELP` and `# TYPE` a name, then its rows.
[[nodiscard]] Response metrics(const CounterRows& rows);

}  // namespace xrayd::web
