#include "memory_traces.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <variant>

#include "local/arn.hpp"
#include "local/document/segment_document.hpp"
#include "local/trace/record_compiler.hpp"

namespace xrayd::local {
namespace {

constexpr double minute = 60;

std::string number(double value) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.Double(value);
  return {buffer.GetString(), buffer.GetSize()};
}

SegmentDocument document_of(std::string text) {
  auto parsed = parse_segment_document(std::move(text));
  if (const auto* rejection = std::get_if<Rejection>(&parsed)) {
    throw std::runtime_error("test document rejected: " + rejection->message());
  }
  return std::get<SegmentDocument>(std::move(parsed));
}

TraceRecord compile(const StoredTrace& stored) {
  std::vector<SegmentDocument> documents;
  for (const auto& text : stored.documents) documents.push_back(document_of(text));
  std::vector<const SegmentDocument*> pointers;
  for (const auto& document : documents) pointers.push_back(&document);
  auto record = compile_record(pointers, stored.revision);
  record.limit_exceeded = stored.limit_exceeded;
  return record;
}

bool is_in(const TraceRecord& record, const RecordQuery& query) {
  switch (query.range) {
    case TimeRange::event:
      return record.start < query.end && record.end >= query.start;
    case TimeRange::service:
      return record.end >= query.start && record.end < query.end;
    case TimeRange::trace_id:
      break;
  }
  return record.listed_at >= query.start && record.listed_at < query.end;
}

ListPosition position_of(const TraceRecord& record) {
  return {record.listed_at, record.start, record.id};
}

bool has_share(const TraceId& id, double share) {
  constexpr double all = 18446744073709551616.0;
  return static_cast<double>((id.low() + 1) * 0x9E3779B97F4A7C15U) / all < share || share >= 1;
}

}  // namespace

TraceId memory_trace_id(std::uint64_t n) {
  return {static_cast<std::uint64_t>(memory_epoch) << 32U, n};
}

std::string segment_document(const TraceId& trace, EntityId id, std::string_view name, double start,
                             double end, std::string_view more) {
  std::string text = R"({"trace_id":")" + trace.to_string() + R"(","id":")" + entity_id_text(id) +
                     R"(","name":")" + std::string(name) + R"(","start_time":)" +
                     number(memory_epoch + start);
  if (end < 0) {
    text += R"(,"in_progress":true)";
  } else {
    text += R"(,"end_time":)" + number(memory_epoch + end);
  }
  return text + std::string(more) + "}";
}

std::string calling_part(EntityId id, std::string_view name, std::string_view name_space,
                         double start, double end, std::string_view more) {
  return R"(,"subsegments":[{"id":")" + entity_id_text(id) + R"(","name":")" + std::string(name) +
         R"(","namespace":")" + std::string(name_space) + R"(","start_time":)" +
         number(memory_epoch + start) + R"(,"end_time":)" + number(memory_epoch + end) +
         std::string(more) + "}]";
}

void MemoryTraces::put(const std::string& document) {
  auto& trace = traces_[document_of(document).trace_id];
  ++trace.revision;
  trace.documents.push_back(document);
}

std::optional<StoredTrace> MemoryTraces::trace(const TraceId& id) const {
  const auto found = traces_.find(id);
  return found == traces_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<TraceRecord> MemoryTraces::record(const TraceId& id) const {
  const auto found = traces_.find(id);
  return found == traces_.end() ? std::nullopt : std::optional(compile(found->second));
}

RecordPage MemoryTraces::records(const RecordQuery& query) const {
  std::vector<TraceRecord> all;
  for (const auto& [id, stored] : traces_) {
    auto record = compile(stored);
    const bool behind = !query.after || position_of(record) < *query.after;
    if (behind && is_in(record, query)) all.push_back(std::move(record));
  }
  std::sort(all.begin(), all.end(), [](const TraceRecord& a, const TraceRecord& b) {
    return position_of(b) < position_of(a);
  });
  RecordPage page;
  for (auto& record : all) {
    ++page.scanned;
    const auto position = position_of(record);
    if (has_share(record.id, query.share) && query.filter.matches(record, store_account)) {
      page.records.push_back(std::move(record));
    }
    const bool full = page.records.size() >= query.matches || page.scanned >= query.scanned ||
                      page.scanned >= slow_after;
    if (full && page.scanned < all.size()) {
      page.next = position;
      break;
    }
  }
  if (const auto others = std::exchange(meanwhile, nullptr)) others();
  return page;
}

GraphSum MemoryTraces::graph(double start, double end) const {
  GraphSum sum;
  for (const auto& one : graph_minutes(start, end)) sum += one.sum;
  return sum;
}

// As if every trace had been received as it ended.
std::vector<GraphMinute> MemoryTraces::graph_minutes(double start, double end) const {
  std::map<std::int64_t, GraphSum> sums;
  for (const auto& [id, stored] : traces_) {
    const auto record = compile(stored);
    const double number = std::floor(record.end / minute);
    if (number * minute < start || (number + 1) * minute > end) continue;
    sums[static_cast<std::int64_t>(number)].add(record);
  }
  std::vector<GraphMinute> minutes;
  for (auto& [number, sum] : sums) minutes.push_back({number, std::move(sum)});
  return minutes;
}

}  // namespace xrayd::local
