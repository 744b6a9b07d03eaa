#include "local/console/documents.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "local/arn.hpp"
#include "local/console/console_questions.hpp"
#include "local/console/parameters.hpp"
#include "local/json/json.hpp"

namespace xrayd::local {
namespace {

constexpr std::chrono::milliseconds page_time{100};
constexpr std::size_t longest_cursor = 200;

// `<sequence>.<key>.<file>` or, among live traces, `0.<trace id>`.
std::string cursor_text(const ExportPosition& position) {
  if (position.sequence == 0) return "0." + std::string(position.id.to_string());
  return std::to_string(position.sequence) + "." + std::to_string(position.key) + "." +
         position.file;
}

std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data() + text.size() || *end != '.' || number < 0) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return number;
}

ExportPosition position_of(std::string_view cursor) {
  ExportPosition position;
  if (cursor.empty()) return position;
  const auto sequence = cursor.size() > longest_cursor ? std::nullopt : take_number(cursor);
  if (sequence == 0) {
    const auto id = parse_trace_id(cursor);
    if (!id) throw ConsoleError("'cursor' is none");
    position.id = *id;
    return position;
  }
  const auto key = sequence ? take_number(cursor) : std::nullopt;
  if (!key) throw ConsoleError("'cursor' is none");
  position.sequence = *sequence;
  position.key = *key;
  position.file = cursor;
  return position;
}

struct Wanted {
  double start = 0;
  double end = 0;
  Filter filter;

  bool operator()(const TraceId& /*id*/, const TraceRecord& record) const {
    return record.listed_at >= start && record.listed_at < end &&
           filter.matches(record, store_account);
  }
};

std::string documents_json(const ExportPage& page) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_key(writer, "Traces");
  writer.StartArray();
  for (const auto& trace : page.traces) {
    writer.StartObject();
    write_key(writer, "Id");
    write_text(writer, trace.id.to_string());
    write_key(writer, "Documents");
    writer.StartArray();
    for (const auto& document : trace.documents) write_text(writer, document);
    writer.EndArray();
    writer.EndObject();
  }
  writer.EndArray();
  write_key(writer, "Next");
  if (page.next) {
    write_text(writer, cursor_text(*page.next));
  } else {
    writer.Null();
  }
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

std::string answer_documents(const Store& store, const GroupFilters& groups,
                             const ConsoleParameters& parameters) {
  constexpr double forever = std::numeric_limits<double>::infinity();
  Wanted wanted;
  wanted.start = time_parameter(parameters, "start", 0);
  wanted.end = time_parameter(parameters, "end", forever);
  if (wanted.end < wanted.start) throw ConsoleError("'end' must not be before 'start'");
  wanted.filter = filter_parameter(parameters, groups);
  const bool everything =
      wanted.start <= 0 && wanted.end == forever && wanted.filter.is_everything();

  Store::ExportQuery query;
  query.after = position_of(parameter(parameters, "cursor"));
  if (!everything) query.wanted = std::move(wanted);
  query.deadline = std::chrono::steady_clock::now() + page_time;
  return documents_json(store.export_page(query));
}

}  // namespace xrayd::local
