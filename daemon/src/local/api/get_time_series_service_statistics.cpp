#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "local/api/answer.hpp"
#include "local/api/group_json.hpp"
#include "local/api/page_token.hpp"
#include "local/api/trace_operations.hpp"
#include "local/api/trace_request.hpp"
#include "local/arn.hpp"
#include "local/filter/entity_selector.hpp"
#include "local/graph/time_series.hpp"

namespace xrayd::local::api {
namespace {

constexpr std::int64_t minute = 60;
constexpr std::size_t longest_selector = 500;
/// A day of minutes.
constexpr std::int64_t page_rows = 1440;

struct Asked {
  TimeSpan span;
  Filter group;
  std::int64_t period = minute;
  std::optional<EntitySelector> selector;
  QueryMark mark{"GetTimeSeriesServiceStatistics"};
};

void check_period(std::int64_t period, bool strict) {
  if (strict && period != minute && period != 5 * minute) {
    throw invalid_request("Time period must be one of [60, 300]");
  }
  if (period <= 0 || period % minute != 0) {
    throw invalid_request("Time period must be a multiple of 60");
  }
}

EntitySelector parse_selector(const std::string& expression) {
  auto parsed = EntitySelector::parse(expression);
  if (const auto* error = std::get_if<FilterError>(&parsed)) throw invalid_request(error->message);
  return std::get<EntitySelector>(std::move(parsed));
}

// Rows are whole periods, and a period that the span touches is told in full.
TimeSpan whole_periods(const TimeSpan& span, double period) {
  return {std::floor(span.start / period) * period, std::ceil(span.end / period) * period};
}

Asked read(const Questions& questions, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  Asked asked;
  const auto span = read_times(members);
  const auto group = read_group_key(members);
  const auto selector =
      members.text("EntitySelectorExpression", Need::optional, {1, longest_selector});
  asked.period = members.integer("Period", Need::optional).value_or(minute);
  (void)members.flag("ForecastStatistics", Need::optional);
  const auto token = members.text("NextToken", Need::optional);
  refuse(violations);
  check_times(span, questions.strict);
  check_period(asked.period, questions.strict);
  if (selector) asked.selector = parse_selector(*selector);
  asked.group = filter_of(group, questions);
  asked.span = whole_periods(span, static_cast<double>(asked.period));
  asked.mark.add(asked.span.start)
      .add(asked.span.end)
      .add(static_cast<std::uint64_t>(asked.period))
      .add(group.name.value_or(""))
      .add(group.arn.value_or(""))
      .add(selector.value_or(""));
  if (token) {
    std::array<std::uint64_t, 1> end{};
    if (!place_of(*token, asked.mark, end)) throw wrong_token();
    const auto from = std::bit_cast<double>(end[0]);
    if (!(from > asked.span.start && from <= asked.span.end)) throw wrong_token();
    asked.span.end = from;
  }
  return asked;
}

/// The newest of what was asked for; the rest begins at `rest_end` if it is after the start.
struct Page {
  std::vector<GraphMinute> minutes;
  double rest_end = 0;
};

Page page_of_minutes(const Questions& questions, const Asked& asked) {
  double length = static_cast<double>(page_rows * asked.period);
  Page page;
  page.rest_end = asked.span.end;
  // Long times in which nothing happened are no reason for many empty pages.
  while (page.minutes.empty() && page.rest_end > asked.span.start) {
    const double end = page.rest_end;
    page.rest_end = std::max(asked.span.start, end - length);
    page.minutes = questions.traces.graph_minutes(page.rest_end, end);
    length *= 2;
  }
  return page;
}

using MinuteSumsOfGroup = std::map<std::int64_t, GraphSum>;

// The traces of a group, each in the minute that it ended in. False where time ran out.
bool add_minutes(const Questions& questions, const Asked& asked, const TimeSpan& span,
                 std::chrono::steady_clock::time_point deadline, MinuteSumsOfGroup& sums) {
  return each_record(questions, span, asked.group, deadline, [&sums](const TraceRecord& record) {
    sums[static_cast<std::int64_t>(std::floor(record.end)) / minute].add(record);
  });
}

// Piece by piece, from the newest on: a page ends where there was no time for a whole piece more,
// so that no row of it lacks traces. Where the time isn't enough for a single period, some are
// lacking.
Page page_of_group(const Questions& questions, const Asked& asked) {
  constexpr double growth = 4;
  const auto deadline = std::chrono::steady_clock::now() + questions.time_for_sums;
  const double page_begin = asked.span.end - static_cast<double>(page_rows * asked.period);
  auto length = static_cast<double>(asked.period);
  MinuteSumsOfGroup sums;
  Page page;
  page.rest_end = asked.span.end;
  const auto goes_on = [&] {
    if (page.rest_end <= asked.span.start) return false;
    return page.rest_end == asked.span.end || ((page.rest_end > page_begin || sums.empty()) &&
                                               std::chrono::steady_clock::now() < deadline);
  };
  while (goes_on()) {
    const double begin = std::max(asked.span.start, page.rest_end - length);
    MinuteSumsOfGroup piece;
    if (!add_minutes(questions, asked, {begin, page.rest_end}, deadline, piece)) {
      if (page.rest_end < asked.span.end) break;
      tell_of_cut(questions);
    }
    sums.merge(piece);
    page.rest_end = begin;
    length *= growth;
  }
  page.minutes.reserve(sums.size());
  for (auto& [number, sum] : sums) page.minutes.push_back({number, std::move(sum)});
  return page;
}

}  // namespace

std::string get_time_series_service_statistics(const Questions& questions,
                                               const rapidjson::Value& request) {
  const auto asked = read(questions, request);
  const auto page = asked.group.is_everything() ? page_of_minutes(questions, asked)
                                                : page_of_group(questions, asked);
  std::vector<GraphOfMinute> minutes;
  minutes.reserve(page.minutes.size());
  for (const auto& one : page.minutes) minutes.push_back({one.minute, &one.sum});
  return object_text([&](JsonWriter& writer) {
    write_key(writer, "TimeSeriesServiceStatistics");
    write_time_series(writer, minutes, asked.period, asked.selector, store_account);
    write_key(writer, "ContainsOldGroupVersions");
    writer.Bool(false);
    const std::array<std::uint64_t, 1> rest{std::bit_cast<std::uint64_t>(page.rest_end)};
    write_if_any(writer, "NextToken",
                 page.rest_end > asked.span.start ? page_token(asked.mark, rest) : "");
  });
}

}  // namespace xrayd::local::api
