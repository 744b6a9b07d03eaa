#include "placed_trace.hpp"

#include <cmath>
#include <map>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <variant>

#include "local/json/json.hpp"

namespace xrayd::local {
namespace {

SegmentDocument document_of(const std::string& members) {
  auto parsed = parse_segment_document(R"({"trace_id":"1-6553f100-000000000000000000000007",)" +
                                       members + "}");
  if (const auto* rejection = std::get_if<Rejection>(&parsed)) {
    throw std::runtime_error(rejection->message() + ": " + members);
  }
  return std::get<SegmentDocument>(std::move(parsed));
}

RecordSegment segment_of(const Entity& entity) {
  RecordSegment segment;
  segment.id = entity.id;
  segment.start = entity.start;
  segment.end = entity.end;
  segment.outcome = {flag_member(*entity.json, "fault"), flag_member(*entity.json, "error"),
                     flag_member(*entity.json, "throttle")};
  return segment;
}

}  // namespace

PlacedTrace::PlacedTrace(const std::vector<std::string>& texts) {
  for (const auto& text : texts) documents.push_back(document_of(text));
  std::vector<const SegmentDocument*> pointers;
  for (const auto& document : documents) pointers.push_back(&document);
  tree = build_trace_tree(pointers);

  const std::size_t count = tree.entities.size();
  places.segment.assign(count, no_index);
  places.callee.assign(count, no_index);
  places.callee_entity.assign(count, -1);
  const auto add_segment = [this](const Entity& entity, bool inferred) {
    const auto place = static_cast<RecordIndex>(record.segments.size());
    RecordNode node;
    node.name = text_member(*entity.json, "name").value();
    node.type = inferred ? "remote" : "";
    record.nodes.push_back(node);
    record.segments.push_back(segment_of(entity));
    record.segments.back().node = place;
    record.segments.back().inferred = inferred;
    return place;
  };
  std::map<EntityId, std::size_t> called;
  for (const auto top : tree.segments) {
    places.segment[top] = add_segment(tree.entities[top], false);
    if (tree.root == top) record.root_segment = places.segment[top];
    if (const auto parent = tree.entities[top].parent_id) called.try_emplace(*parent, top);
  }
  for (const auto index : tree.in_order()) {
    const Entity& entity = tree.entities[index];
    for (const auto child : entity.children) places.segment[child] = places.segment[index];
    const auto callee = called.find(entity.id);
    if (callee != called.end()) {
      places.callee[index] = places.segment[callee->second];
      places.callee_entity[index] = static_cast<std::ptrdiff_t>(callee->second);
    } else if (text_member(*entity.json, "namespace") && entity.end) {
      places.callee[index] = add_segment(entity, true);
    }
  }
}

PlacedTrace& PlacedTrace::find(const RecordLimits& limits) {
  find_root_causes(tree, places, limits, record);
  return *this;
}

std::string PlacedTrace::text_of_causes(const std::vector<RootCause>& causes) const {
  std::ostringstream out;
  for (const auto& cause : causes) {
    if (&cause != &causes.front()) out << '\n';
    for (const auto& service : cause.services) {
      if (&service != &cause.services.front()) out << " > ";
      out << record.nodes[service.node].name << (service.inferred ? "!{" : "{");
      for (const auto& entity : service.path) {
        if (&entity != &service.path.front()) out << ", ";
        out << entity.name << (entity.remote ? "*" : "");
        if (entity.coverage != 0) out << ' ' << entity.coverage;
        for (const auto& exception : entity.exceptions) {
          out << " [" << exception.name << ": " << exception.message << ']';
        }
      }
      out << '}';
    }
    if (cause.client_impacting) out << " client";
  }
  return out.str();
}

}  // namespace xrayd::local
