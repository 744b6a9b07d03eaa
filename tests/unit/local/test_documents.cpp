#include "test_documents.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>
#include <variant>

namespace xrayd::local {

TraceId test_trace_id(std::uint64_t n) {
  return {static_cast<std::uint64_t>(test_time) << 32U, n};
}

std::string segment_text(const TraceId& trace, EntityId id, std::string_view more) {
  return R"({"name":"shop","id":")" + entity_id_text(id) + R"(","trace_id":")" + trace.to_string() +
         R"(","start_time":1700000000.25,"end_time":1700000001.25)" + std::string(more) + "}";
}

std::string subsegment_text(const TraceId& trace, EntityId id, EntityId parent,
                            std::string_view more) {
  return R"({"type":"subsegment","name":"part","id":")" + entity_id_text(id) + R"(","trace_id":")" +
         trace.to_string() + R"(","parent_id":")" + entity_id_text(parent) +
         R"(","start_time":1700000000.5,"end_time":1700000000.75)" + std::string(more) + "}";
}

SegmentDocument document_of(std::string text) {
  auto parsed = parse_segment_document(std::move(text));
  if (const auto* rejection = std::get_if<Rejection>(&parsed)) {
    throw std::runtime_error("test document rejected: " + rejection->message());
  }
  return std::get<SegmentDocument>(std::move(parsed));
}

ParsedJson json_of(std::string_view text) {
  ParsedJson json;
  if (ParsedJson::parse(text, 2000, json) != JsonFault::none) {
    throw std::runtime_error("not JSON: " + std::string(text));
  }
  return json;
}

std::string put_body(const std::vector<std::string>& documents) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_key(writer, "TraceSegmentDocuments");
  writer.StartArray();
  for (const auto& document : documents) write_text(writer, document);
  writer.EndArray();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::int64_t counter(const Backend& backend, std::string_view name) {
  CounterRows rows;
  backend.report(rows);
  for (const auto& row : rows) {
    const auto full = row.labels.empty() ? row.name : row.name + "{" + row.labels + "}";
    if (full == name) return row.value;
  }
  ADD_FAILURE() << "no counter " << name;
  return -1;
}

}  // namespace xrayd::local
