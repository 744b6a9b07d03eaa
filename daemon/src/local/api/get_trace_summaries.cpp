#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <optional>

#include "local/api/answer.hpp"
#include "local/api/page_token.hpp"
#include "local/api/trace_operations.hpp"
#include "local/api/trace_request.hpp"
#include "local/arn.hpp"
#include "local/trace/summary_json.hpp"

namespace xrayd::local::api {
namespace {

// A page is what can be read, matched and written well within 50 ms on a machine that does other
// things too: so many traces that match, so many that are looked at, so much time for both.
constexpr std::size_t page_matches = 500;
constexpr std::size_t page_scanned = 10'000;
constexpr std::chrono::milliseconds page_time{30};

// Summaries that are much longer than most make pages shorter.
constexpr std::size_t page_bytes = std::size_t{4} << 20U;

constexpr std::size_t max_strict_expression = 2000;

constexpr std::array<std::string_view, 3> range_types = {"TraceId", "Event", "Service"};
constexpr std::array<std::string_view, 2> strategies = {"PartialScan", "FixedRate"};

TimeRange range_of(std::string_view type) {
  if (type == "Event") return TimeRange::event;
  return type == "Service" ? TimeRange::service : TimeRange::trace_id;
}

struct Asked {
  RecordQuery query;
  QueryMark mark{"GetTraceSummaries"};
};

struct Strategy {
  std::string name;
  std::optional<double> value;
};

// As X-Ray does it: without `Sampling` the strategy doesn't count.
double share_of(bool sampling, const Strategy& strategy, std::string_view range_type) {
  if (!sampling || strategy.name != "FixedRate") return 1;
  if (range_type != "Event") {
    throw invalid_request("Cannot use FixedRate with input time range type " +
                          std::string(range_type));
  }
  if (!strategy.value || *strategy.value < 0 || *strategy.value > 1) {
    throw invalid_request("The value of FixedRate must be between 0 and 1");
  }
  return *strategy.value;
}

Asked read(const Questions& questions, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto span = read_times(members);
  const auto range_type =
      members.choice("TimeRangeType", Need::optional, range_types).value_or("TraceId");
  const bool sampling = members.flag("Sampling", Need::optional).value_or(false);
  Strategy strategy;
  if (const auto* object = members.object("SamplingStrategy", Need::optional)) {
    Members inner(*object, members.path("SamplingStrategy"), violations);
    strategy.name = inner.choice("Name", Need::optional, strategies).value_or("");
    strategy.value = inner.number("Value", Need::optional);
  }
  const auto expression =
      members
          .text("FilterExpression", Need::optional,
                questions.strict ? Lengths{1, max_strict_expression} : Lengths{})
          .value_or("");
  const auto token = members.text("NextToken", Need::optional);
  refuse(violations);
  check_times(span, questions.strict);

  Asked asked;
  auto& query = asked.query;
  query.start = span.start;
  query.end = span.end;
  query.range = range_of(range_type);
  query.share = share_of(sampling, strategy, range_type);
  query.filter = parse_filter(expression, questions.groups);
  query.matches = page_matches;
  query.scanned = page_scanned;
  query.deadline = std::chrono::steady_clock::now() + page_time;
  asked.mark.add(query.start).add(query.end).add(range_type).add(query.share).add(expression);
  if (token) {
    query.after = position_of(*token, asked.mark);
    if (!query.after) throw wrong_token();
  }
  return asked;
}

std::optional<double> matched_time(const TraceRecord& record, TimeRange range) {
  if (range == TimeRange::event) return record.start;
  if (range == TimeRange::service) return record.end;
  return std::nullopt;
}

// How many of the records were written before there were too many bytes.
std::size_t write_summaries(const std::vector<TraceRecord>& records, TimeRange range,
                            rapidjson::StringBuffer& buffer, JsonWriter& writer) {
  std::size_t written = 0;
  writer.StartArray();
  for (const auto& record : records) {
    if (written > 0 && buffer.GetSize() > page_bytes) break;
    write_trace_summary(writer, record, store_account, matched_time(record, range));
    ++written;
  }
  writer.EndArray();
  return written;
}

}  // namespace

std::string get_trace_summaries(const Questions& questions, const rapidjson::Value& request) {
  auto asked = read(questions, request);
  while (true) {
    const auto page = questions.traces.records(asked.query);
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    write_key(writer, "TraceSummaries");
    const auto written = write_summaries(page.records, asked.query.range, buffer, writer);
    if (written < page.records.size()) {
      // Again, so that the next page begins where this one ends.
      asked.query.matches = written;
      continue;
    }
    write_key(writer, "ApproximateTime");
    writer.Double(page.next ? std::floor(page.next->listed_at) : asked.query.start);
    write_key(writer, "TracesProcessedCount");
    writer.Uint64(page.scanned);
    write_if_any(writer, "NextToken", page.next ? page_token(asked.mark, *page.next) : "");
    writer.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
  }
}

}  // namespace xrayd::local::api
