#include "local/console/console_questions.hpp"

#include <chrono>

#include "local/console/completion_json.hpp"
#include "local/console/facets.hpp"
#include "local/console/facets_json.hpp"
#include "local/console/parameters.hpp"

namespace xrayd::local {
namespace {

// A console that is looked at asks all the time, and must not be in the way of others.
constexpr std::chrono::milliseconds facets_time{100};
constexpr std::chrono::milliseconds tail_time{25};
constexpr double last_hour = 3600;
constexpr std::size_t most_of_tail = 500;

TimeRange range_parameter(const ConsoleParameters& parameters) {
  const auto type = parameter(parameters, "type");
  if (type.empty() || type == "TraceId") return TimeRange::trace_id;
  if (type == "Event") return TimeRange::event;
  if (type == "Service") return TimeRange::service;
  throw ConsoleError("'type' must be TraceId, Event or Service");
}

}  // namespace

std::string answer_facets(const TraceSource& traces, const GroupFilters& groups,
                          const ConsoleParameters& parameters, double now) {
  FacetsQuery query;
  query.end = time_parameter(parameters, "end", now);
  query.start = time_parameter(parameters, "start", query.end - last_hour);
  if (query.end < query.start) throw ConsoleError("'end' must not be before 'start'");
  query.range = range_parameter(parameters);
  query.filter = filter_parameter(parameters, groups);
  query.deadline = std::chrono::steady_clock::now() + facets_time;
  return facets_json(count_facets(traces, query));
}

std::string answer_tail(Tail& tail, const GroupFilters& groups, const ConsoleParameters& parameters,
                        double now) {
  TailQuery query;
  query.cursor = parameter(parameters, "cursor");
  const double limit = number_parameter(parameters, "limit", static_cast<double>(query.limit));
  if (!(limit >= 1 && limit <= most_of_tail)) {
    throw ConsoleError("'limit' must be between 1 and " + std::to_string(most_of_tail));
  }
  query.limit = static_cast<std::size_t>(limit);
  query.filter = filter_parameter(parameters, groups);
  query.deadline = std::chrono::steady_clock::now() + tail_time;
  return tail_json(tail.changes(query, now));
}

std::string answer_completion(const ConsoleParameters& parameters) {
  const auto end = static_cast<double>(Filter::max_bytes);
  const double cursor = number_parameter(parameters, "cursor", end);
  if (cursor < 0) throw ConsoleError("'cursor' must not be negative");
  return completion_json(complete_filter(parameter(parameters, "filter"),
                                         static_cast<std::size_t>(std::min(cursor, end))));
}

}  // namespace xrayd::local
