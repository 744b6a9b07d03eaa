// What several operations that ask about traces read from their requests.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "local/account/groups.hpp"
#include "local/api/api_error.hpp"
#include "local/api/trace_operations.hpp"
#include "local/json/members.hpp"

namespace xrayd::local::api {

/// Seconds since 1970, `[start, end)`, within the years that have four digits.
struct TimeSpan {
  double start = 0;
  double end = 0;
};

/// StartTime and EndTime.
[[nodiscard]] TimeSpan read_times(Members& members);
/// Throws where the end comes first or, if strict, X-Ray would find the span too long.
void check_times(const TimeSpan& span, bool strict);

/// TraceIds as they came: operations complain about them in different words.
[[nodiscard]] std::vector<std::string> read_trace_ids(Members& members);

/// The group's traces; everything where no group was chosen. Throws where there is no such group.
[[nodiscard]] Filter filter_of(const GroupKey& group, const Questions& questions);

/// Throws InvalidRequestException with what the filter's reader says.
[[nodiscard]] Filter parse_filter(std::string_view expression, const GroupFilters& groups);

/// For tokens of another query.
[[nodiscard]] ApiError wrong_token();

/// Calls `visit` for every trace of the span that matches, newest first, until the deadline.
/// A trace belongs to the span that it ended in, as X-Ray counts in graphs. False where time ran
/// out: then the oldest traces are missing.
[[nodiscard]] bool each_record(const Questions& questions, const TimeSpan& span,
                               const Filter& filter, std::chrono::steady_clock::time_point deadline,
                               const std::function<void(const TraceRecord&)>& visit);

/// The API has no member that says so: the log and a counter tell that an answer lacks traces.
void tell_of_cut(const Questions& questions);

}  // namespace xrayd::local::api
