#include "local/console/trace_row.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "local/trace/trace_times.hpp"

namespace xrayd::local {
namespace {

void write_if_any(JsonWriter& writer, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  write_key(writer, key);
  write_text(writer, text);
}

void write_if_any(JsonWriter& writer, std::string_view key, std::optional<double> seconds) {
  if (!seconds || !std::isfinite(*seconds)) return;
  write_key(writer, key);
  writer.Double(whole_microseconds(*seconds));
}

void write_if_set(JsonWriter& writer, std::string_view key, bool flag) {
  if (!flag) return;
  write_key(writer, key);
  writer.Bool(true);
}

void write_if_any(JsonWriter& writer, std::string_view key, std::size_t count) {
  if (count == 0) return;
  write_key(writer, key);
  writer.Uint64(count);
}

std::string_view service_of(const TraceRecord& record) {
  if (const auto* node = record.entry_point()) return node->name;
  return record.nodes.empty() ? std::string_view() : record.nodes.front().name;
}

std::size_t annotation_keys(const TraceRecord& record) {
  std::vector<std::string_view> keys;
  keys.reserve(record.annotations.size());
  for (const auto& annotation : record.annotations) keys.push_back(annotation.key);
  std::sort(keys.begin(), keys.end());
  return static_cast<std::size_t>(std::unique(keys.begin(), keys.end()) - keys.begin());
}

}  // namespace

void write_trace_row(JsonWriter& writer, const TraceRecord& record) {
  writer.StartObject();
  write_key(writer, "Id");
  write_text(writer, record.id.to_string());
  write_key(writer, "Start");
  writer.Double(std::isfinite(record.start) ? record.start : 0);
  write_if_any(writer, "Duration", record.duration);
  write_if_any(writer, "ResponseTime", record.response_time);
  write_if_set(writer, "Fault", record.outcome.fault);
  write_if_set(writer, "Error", record.outcome.error);
  write_if_set(writer, "Throttle", record.outcome.throttle);
  write_if_set(writer, "Partial", record.partial);
  write_if_any(writer, "Service", service_of(record));
  if (record.root_segment != no_index) {
    const auto& http = record.segments[record.root_segment].http;
    write_if_any(writer, "Method", http.method);
    write_if_any(writer, "Url", http.url);
    if (http.status != 0) {
      write_key(writer, "Status");
      writer.Int(http.status);
    }
  }
  write_if_any(writer, "Annotations", annotation_keys(record));
  writer.EndObject();
}

}  // namespace xrayd::local
