// The console's list of traces.
#pragma once

#include <string>

#include "local/console/console_parameters.hpp"
#include "local/filter/filter.hpp"
#include "local/store/trace_source.hpp"

namespace xrayd::local {

/// Parameters: `start` and `end`, seconds since 1970, of the time that lists show a trace at (the
/// last hour), `filter`, `group`, `limit`: 1 to 1000 (1000), `cursor`: what the page before gave as
/// Next. A page has so many traces, newest first, or those found in a twentieth of a second. Throws
/// ConsoleError, and SqliteError where the store can't be read.
/// `{"Traces":[...],"Scanned":n,"Next":"..."}`: rows as write_trace_row() has them, how many traces
/// were looked at for them; Next is null in the last page.
[[nodiscard]] std::string answer_traces(const TraceSource& traces, const GroupFilters& groups,
                                        const ConsoleParameters& parameters, double now);

}  // namespace xrayd::local
