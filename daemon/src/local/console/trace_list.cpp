#include "local/console/trace_list.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "local/console/console_questions.hpp"
#include "local/console/parameters.hpp"
#include "local/console/trace_row.hpp"
#include "local/json/json.hpp"

namespace xrayd::local {
namespace {

constexpr std::chrono::milliseconds page_time{50};
constexpr std::size_t most_matches = 1000;
// Rows that are much longer than most make pages shorter.
constexpr std::size_t page_bytes = std::size_t{4} << 20U;
constexpr double last_hour = 3600;

constexpr std::size_t digits = 16;
using Place = std::array<std::uint64_t, 4>;

std::string cursor_text(const ListPosition& position) {
  const Place place = {std::bit_cast<std::uint64_t>(position.listed_at),
                       std::bit_cast<std::uint64_t>(position.started), position.id.high(),
                       position.id.low()};
  std::string text;
  for (const auto number : place) text += entity_id_text(number);
  return text;
}

ListPosition position_of(std::string_view cursor) {
  Place place{};
  bool good = cursor.size() == digits * place.size();
  for (std::size_t i = 0; good && i < place.size(); ++i) {
    const char* const begin = cursor.data() + i * digits;
    const auto [end, error] = std::from_chars(begin, begin + digits, place.at(i), 16);
    good = error == std::errc{} && end == begin + digits;
  }
  const ListPosition position{std::bit_cast<double>(place[0]), std::bit_cast<double>(place[1]),
                              TraceId{place[2], place[3]}};
  if (!good || !std::isfinite(position.listed_at) || !std::isfinite(position.started)) {
    throw ConsoleError("'cursor' is none");
  }
  return position;
}

// How many of the records were written before there were too many bytes.
std::size_t write_rows(const std::vector<TraceRecord>& records, rapidjson::StringBuffer& buffer,
                       JsonWriter& writer) {
  std::size_t written = 0;
  writer.StartArray();
  for (const auto& record : records) {
    if (written > 0 && buffer.GetSize() > page_bytes) break;
    write_trace_row(writer, record);
    ++written;
  }
  writer.EndArray();
  return written;
}

}  // namespace

std::string answer_traces(const TraceSource& traces, const GroupFilters& groups,
                          const ConsoleParameters& parameters, double now) {
  RecordQuery query;
  query.end = time_parameter(parameters, "end", now);
  query.start = time_parameter(parameters, "start", query.end - last_hour);
  if (query.end < query.start) throw ConsoleError("'end' must not be before 'start'");
  query.filter = filter_parameter(parameters, groups);
  if (const auto cursor = parameter(parameters, "cursor"); !cursor.empty()) {
    query.after = position_of(cursor);
  }
  const double limit = number_parameter(parameters, "limit", static_cast<double>(most_matches));
  if (!(limit >= 1 && limit <= static_cast<double>(most_matches))) {
    throw ConsoleError("'limit' must be between 1 and " + std::to_string(most_matches));
  }
  query.matches = static_cast<std::size_t>(limit);
  while (true) {
    query.deadline = std::chrono::steady_clock::now() + page_time;
    const auto page = traces.records(query);
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    write_key(writer, "Traces");
    const auto written = write_rows(page.records, buffer, writer);
    if (written < page.records.size()) {
      // Again, so that the next page begins where this one ends.
      query.matches = written;
      continue;
    }
    write_key(writer, "Scanned");
    writer.Uint64(page.scanned);
    write_key(writer, "Next");
    if (page.next) {
      write_text(writer, cursor_text(*page.next));
    } else {
      writer.Null();
    }
    writer.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
  }
}

}  // namespace xrayd::local
