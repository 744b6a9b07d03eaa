#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "local/api/answer.hpp"
#include "local/api/group_json.hpp"
#include "local/api/page_token.hpp"
#include "local/api/trace_operations.hpp"
#include "local/api/trace_request.hpp"
#include "local/arn.hpp"
#include "local/graph/graph_json.hpp"

namespace xrayd::local::api {
namespace {

constexpr double minute = 60;

struct Asked {
  TimeSpan span;
  Filter group;
};

Asked read(const Questions& questions, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  Asked asked;
  asked.span = read_times(members);
  const auto group = read_group_key(members);
  const auto token = members.text("NextToken", Need::optional);
  refuse(violations);
  refuse_token(token);
  check_times(asked.span, questions.strict);
  asked.group = filter_of(group, questions);
  return asked;
}

// Sums are kept by the minute: those that the span touches. So what was just sent is there too.
TimeSpan whole_minutes(const TimeSpan& span) {
  return {std::floor(span.start / minute) * minute, std::ceil(span.end / minute) * minute};
}

GraphSum sum_of(const Questions& questions, const Asked& asked) {
  if (asked.group.is_everything()) {
    const auto span = whole_minutes(asked.span);
    return questions.traces.graph(span.start, span.end);
  }
  GraphSum sum;
  const auto deadline = std::chrono::steady_clock::now() + questions.time_for_sums;
  if (!each_record(questions, asked.span, asked.group, deadline,
                   [&sum](const TraceRecord& record) { sum.add(record); })) {
    tell_of_cut(questions);
  }
  return sum;
}

// From the second of the first trace to that of the last one; without any, what was asked for.
TimeSpan bounds(const GraphSum& sum, const TimeSpan& asked) {
  constexpr double never = std::numeric_limits<double>::infinity();
  TimeSpan span{never, 0};
  for (const auto& [key, node] : sum.nodes()) {
    span.start = std::min(span.start, node.first);
    span.end = std::max(span.end, node.last);
  }
  if (span.start == never) span = asked;
  return {std::floor(span.start), std::floor(span.end)};
}

}  // namespace

std::string get_service_graph(const Questions& questions, const rapidjson::Value& request) {
  const auto asked = read(questions, request);
  const auto sum = sum_of(questions, asked);
  const auto span = bounds(sum, asked.span);
  return object_text([&](JsonWriter& writer) {
    write_key(writer, "StartTime");
    writer.Double(span.start);
    write_key(writer, "EndTime");
    writer.Double(span.end);
    write_key(writer, "Services");
    write_services(writer, sum, store_account, GraphTimes::bounds);
    write_key(writer, "ContainsOldGroupVersions");
    writer.Bool(false);
    write_null(writer, "NextToken");
  });
}

}  // namespace xrayd::local::api
