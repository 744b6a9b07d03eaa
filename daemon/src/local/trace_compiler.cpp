#include "local/trace_compiler.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "local/trace_summary.hpp"
#include "local/trace_tree.hpp"

namespace xrayd::local {
namespace {

// Written first, or left out, by write_entity itself.
bool is_written_apart(std::string_view name) {
  constexpr std::array<std::string_view, 9> apart = {"id",          "name",        "start_time",
                                                     "end_time",    "trace_id",    "parent_id",
                                                     "in_progress", "subsegments", "type"};
  return std::find(apart.begin(), apart.end(), name) != apart.end();
}

void write_number(JsonWriter& writer, std::string_view key, const rapidjson::Value& entity) {
  if (const auto* value = member(entity, key)) {
    write_key(writer, key);
    value->Accept(writer);
  }
}

// Recursion is bounded by max_entity_depth.
void write_entity(JsonWriter& writer, const TraceTree& tree, const Entity& entity,
                  const TraceId* trace_id) {
  const auto& json = *entity.json;
  writer.StartObject();
  write_key(writer, "id");
  write_text(writer, entity_id_text(entity.id));
  write_key(writer, "name");
  write_text(writer, entity_name(entity));
  write_number(writer, "start_time", json);
  write_number(writer, "end_time", json);
  if (!entity.end) {
    write_key(writer, "in_progress");
    writer.Bool(true);
  }
  if (trace_id != nullptr) {
    write_key(writer, "trace_id");
    write_text(writer, trace_id->to_string());
    if (entity.parent_id) {
      write_key(writer, "parent_id");
      write_text(writer, entity_id_text(*entity.parent_id));
    }
  }
  for (const auto& item : json.GetObject()) {
    const auto name = text_of(item.name);
    if (is_written_apart(name) || item.value.IsNull()) continue;
    write_key(writer, name);
    item.value.Accept(writer);
  }
  if (!entity.children.empty()) {
    write_key(writer, "subsegments");
    writer.StartArray();
    for (const auto child : entity.children) {
      write_entity(writer, tree, tree.entities[child], nullptr);
    }
    writer.EndArray();
  }
  writer.EndObject();
}

// Where no segment is there, the parts say at least when the trace was.
void measure(const TraceTree& tree, CompiledTrace& trace) {
  bool first = true;
  std::optional<double> last_end;
  const auto take = [&](const Entity& entity) {
    trace.started = first ? entity.start : std::min(trace.started, entity.start);
    trace.ended = std::max(first ? entity.start : trace.ended, entity.end.value_or(entity.start));
    if (entity.end) last_end = std::max(last_end.value_or(*entity.end), *entity.end);
    first = false;
  };
  if (tree.segments.empty()) {
    for (const auto& entity : tree.entities) take(entity);
  } else {
    for (const auto index : tree.segments) take(tree.entities[index]);
    if (last_end) trace.duration = whole_microseconds(*last_end - trace.started);
  }
}

}  // namespace

double CompiledTrace::listed_at() const noexcept {
  constexpr double day = 86400;
  const double epoch = id.epoch_seconds();
  return std::abs(epoch - started) <= day ? epoch : started;
}

CompiledTrace compile_trace(std::span<const SegmentDocument* const> documents,
                            std::int64_t revision) {
  CompiledTrace trace;
  trace.id = documents.front()->trace_id;
  const TraceTree tree = build_trace_tree(documents);
  trace.orphans = tree.orphans;
  measure(tree, trace);

  trace.segments.reserve(tree.segments.size());
  for (const auto index : tree.segments) {
    const auto& segment = tree.entities[index];
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    write_entity(writer, tree, segment, &trace.id);
    trace.segments.push_back({segment.id, {buffer.GetString(), buffer.GetSize()}});
  }
  trace.summary = trace_summary_json(tree, trace, revision);
  return trace;
}

}  // namespace xrayd::local
