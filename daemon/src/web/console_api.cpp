#include "web/console_api.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>
#include <xray/version.hpp>

#include "local/json/json.hpp"

namespace xrayd::web {
namespace {

using local::JsonWriter;
using local::write_key;
using local::write_text;

Response json_response(int status, std::string body) {
  Response response{status, "application/json", std::move(body), {}};
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

std::optional<std::string> decoded(std::string_view text) {
  constexpr std::size_t escape_size = 3;  // %XX
  std::string result;
  while (!text.empty()) {
    if (text.front() != '%') {
      result += text.front() == '+' ? ' ' : text.front();
      text.remove_prefix(1);
      continue;
    }
    unsigned byte = 0;
    if (text.size() < escape_size) return std::nullopt;
    const char* const end = text.data() + escape_size;
    const auto [stop, error] = std::from_chars(text.data() + 1, end, byte, 16);
    if (error != std::errc{} || stop != end) return std::nullopt;
    result += static_cast<char>(byte);
    text.remove_prefix(escape_size);
  }
  return result;
}

void write_member(JsonWriter& writer, std::string_view key, std::string_view text) {
  write_key(writer, key);
  write_text(writer, text);
}

void write_row(JsonWriter& writer, const CounterRow& row) {
  writer.StartObject();
  write_member(writer, "Name", row.name);
  write_member(writer, "Labels", row.labels);
  write_member(writer, "Help", row.help);
  write_key(writer, "Value");
  writer.Int64(row.value);
  write_member(writer, "Kind", row.gauge ? "gauge" : "counter");
  writer.EndObject();
}

}  // namespace

std::optional<local::ConsoleParameters> parse_query(std::string_view query) {
  local::ConsoleParameters parameters;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto item = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (item.empty()) continue;
    const auto equals = std::min(item.find('='), item.size());
    auto name = decoded(item.substr(0, equals));
    auto value = decoded(item.substr(std::min(equals + 1, item.size())));
    if (!name || !value || !local::is_utf8(*name) || !local::is_utf8(*value)) return std::nullopt;
    parameters.insert_or_assign(*std::move(name), *std::move(value));
  }
  return parameters;
}

Response console_answer(local::ConsoleQuestion question, const Request& request,
                        local::Backend& backend) {
  const auto parameters = parse_query(request.query);
  if (!parameters) {
    return json_response(400,
                         R"({"Message":"The query has an escape that is none, or is not UTF-8"})");
  }
  auto answer = backend.ask(question, *parameters);
  return json_response(answer.status, std::move(answer.body));
}

Response clear_traces(local::Backend& backend) {
  auto answer = backend.clear();
  return json_response(answer.status, std::move(answer.body));
}

Response daemon_state(const DaemonState& state) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_member(writer, "Version", xray::version());
  write_member(writer, "Backend", state.backend);
  write_key(writer, "Trouble");
  if (state.trouble.empty()) {
    writer.Null();
  } else {
    write_text(writer, state.trouble);
  }
  write_key(writer, "Figures");
  writer.StartArray();
  for (const auto& row : with_sums(state.rows)) write_row(writer, row);
  writer.EndArray();
  writer.EndObject();
  return json_response(200, {buffer.GetString(), buffer.GetSize()});
}

}  // namespace xrayd::web
