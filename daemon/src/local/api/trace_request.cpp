#include "local/api/trace_request.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>
#include <variant>

#include "config/log.hpp"
#include "config/log_throttle.hpp"
#include "local/api/api_error.hpp"

namespace xrayd::local::api {
namespace {

constexpr double last_time = 253402300800;  // the year 10000
constexpr double longest_strict_span = 6 * 3600;
}  // namespace

TimeSpan read_times(Members& members) {
  const auto time = [&members](std::string_view name) {
    return std::clamp(members.number(name, Need::required).value_or(0), 0.0, last_time);
  };
  TimeSpan span;
  span.start = time("StartTime");
  span.end = time("EndTime");
  return span;
}

void check_times(const TimeSpan& span, bool strict) {
  if (span.end < span.start) throw invalid_request("End time cannot be earlier than start time");
  if (strict && span.end - span.start > longest_strict_span) {
    throw invalid_request("Time range cannot be longer than 6 hours");
  }
}

std::vector<std::string> read_trace_ids(Members& members) {
  constexpr auto any_number = static_cast<std::size_t>(-1);
  return members.texts("TraceIds", Need::required, any_number, {})
      .value_or(std::vector<std::string>());
}

Filter filter_of(const GroupKey& group, const Questions& questions) {
  if (!group.name && !group.arn) return {};
  if (group.name && group.arn) {
    throw invalid_request("Specify either GroupName or GroupARN, but not both");
  }
  const auto expression = questions.groups(group.name ? *group.name : *group.arn);
  if (!expression) throw invalid_request("Group not found");
  return parse_filter(*expression, questions.groups);
}

Filter parse_filter(std::string_view expression, const GroupFilters& groups) {
  auto parsed = Filter::parse(expression, groups);
  if (const auto* error = std::get_if<FilterError>(&parsed)) throw invalid_request(error->message);
  return std::get<Filter>(std::move(parsed));
}

ApiError wrong_token() {
  return invalid_request("Invalid NextToken for this query");
}

bool each_record(const Questions& questions, const TimeSpan& span, const Filter& filter,
                 std::chrono::steady_clock::time_point deadline,
                 const std::function<void(const TraceRecord&)>& visit) {
  RecordQuery query;
  query.start = span.start;
  query.end = span.end;
  query.range = TimeRange::service;
  query.filter = filter;
  query.deadline = deadline;
  while (true) {
    auto page = questions.traces.records(query);
    for (const auto& record : page.records) visit(record);
    if (!page.next) return true;
    if (std::chrono::steady_clock::now() >= deadline) return false;
    query.after = page.next;
  }
}

void tell_of_cut(const Questions& questions) {
  if (questions.sums_cut != nullptr) ++*questions.sums_cut;
  // Consoles ask again and again.
  static std::mutex mutex;
  static log::Throttle throttle(1);
  const std::lock_guard lock(mutex);
  if (!throttle.admit(log::Throttle::Clock::now())) return;
  log::warn(
      "a sum over the traces of a group was cut short and lacks the oldest: ask for a shorter "
      "time");
}

}  // namespace xrayd::local::api
