// The backlog's lines of /metrics.
#pragma once

#include <optional>

#include "backlog/batch_queue.hpp"
#include "backlog/spool.hpp"
#include "counter_row.hpp"

namespace xrayd::backlog {

/// `spool` is nothing where there is none.
void add_rows(CounterRows& rows, const BatchQueue& queue,
              const std::optional<Spool::Figures>& spool, bool is_spool_writable);

}  // namespace xrayd::backlog
