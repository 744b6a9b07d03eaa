#include "local/trace/trace_compiler.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "local/trace/inferred_segment.hpp"
#include "local/trace/trace_times.hpp"
#include "local/trace/trace_tree.hpp"

namespace xrayd::local {
namespace {

// Written first, or left out, by write_entity itself.
bool is_written_apart(std::string_view name) {
  constexpr std::array<std::string_view, 9> apart = {"id",          "name",        "start_time",
                                                     "end_time",    "trace_id",    "parent_id",
                                                     "in_progress", "subsegments", "type"};
  return std::find(apart.begin(), apart.end(), name) != apart.end();
}

void write_number(JsonWriter& writer, std::string_view key, const rapidjson::Value* value) {
  if (value == nullptr) return;
  write_key(writer, key);
  value->Accept(writer);
}

// Recursion is bounded by max_entity_depth.
void write_entity(JsonWriter& writer, const TraceTree& tree, const Entity& entity,
                  const TraceId* trace_id) {
  writer.StartObject();
  write_key(writer, "id");
  write_text(writer, entity_id_text(entity.id));
  write_key(writer, "name");
  write_text(writer, entity_name(entity));
  write_number(writer, "start_time", entity.members[EntityMember::start_time]);
  write_number(writer, "end_time", entity.members[EntityMember::end_time]);
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
  for (const auto& item : entity.json->GetObject()) {
    const auto name = text_of(item.name);
    if (is_written_apart(name) || item.value.IsNull()) continue;
    // Readers take an origin for a text, and an empty one for none.
    if (name == "origin" && (!item.value.IsString() || item.value.GetStringLength() == 0)) continue;
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

}  // namespace

CompiledTrace compile_trace(std::span<const SegmentDocument* const> documents) {
  CompiledTrace trace;
  trace.id = documents.front()->trace_id;
  const TraceTree tree = build_trace_tree(documents);
  trace.orphans = tree.orphans;
  const auto parts = all_segments(tree, trace.id);
  const auto bounds = trace_bounds(tree, parts);
  if (!parts.empty() && bounds.last_end) {
    trace.duration = whole_microseconds(*bounds.last_end - bounds.start);
  }

  trace.segments.reserve(parts.size());
  for (const auto& part : parts) {
    const auto& entity = tree.entities[part.entity];
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    if (part.inferred) {
      write_inferred_segment(writer, trace.id, entity);
    } else {
      write_entity(writer, tree, entity, &trace.id);
    }
    trace.segments.push_back({part.id, {buffer.GetString(), buffer.GetSize()}});
  }
  return trace;
}

}  // namespace xrayd::local
