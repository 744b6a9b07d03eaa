// What the console asks beyond the X-Ray API: parameters in, JSON out.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "local/console/console_parameters.hpp"
#include "local/console/tail.hpp"
#include "local/filter/filter.hpp"
#include "local/store/trace_source.hpp"

namespace xrayd::local {

/// A parameter makes no sense; what() says so to the caller.
class ConsoleError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// They throw ConsoleError, and SqliteError where the store can't be read. `now` in seconds since
// 1970; `groups` for filters that name one. Parameters that both know: `filter`, an expression;
// `group`, the name or ARN of a group.

/// Further parameters: `start` and `end`, seconds since 1970 (the last hour), `type`: TraceId,
/// Event or Service, as GetTraceSummaries' TimeRangeType. See facets_json().
[[nodiscard]] std::string answer_facets(const TraceSource& traces, const GroupFilters& groups,
                                        const ConsoleParameters& parameters, double now);

/// Further parameters: `cursor`, and `limit`: 1 to 500 (100). See tail_json().
[[nodiscard]] std::string answer_tail(Tail& tail, const GroupFilters& groups,
                                      const ConsoleParameters& parameters, double now);

/// What may stand in a filter where the cursor is. Parameters: `filter`, and `cursor`, the
/// characters before it (the end). See completion_json().
[[nodiscard]] std::string answer_completion(const ConsoleParameters& parameters);

}  // namespace xrayd::local
