// The segments of a record and the nodes that they stand for.
#include <algorithm>
#include <vector>

#include "local/trace/inferred_segment.hpp"
#include "local/trace/record_draft.hpp"

namespace xrayd::local {
namespace {

// No more than there is room for.
void cut(std::vector<SegmentPart>& parts, RecordDraft& draft) {
  const auto limit = draft.limits.segments;
  if (parts.size() <= limit) return;
  draft.record.truncated = true;
  const auto root = std::find_if(parts.begin(), parts.end(), [&](const SegmentPart& part) {
    return part.entity == draft.tree.root;
  });
  if (limit > 0 && static_cast<std::size_t>(root - parts.begin()) >= limit) {
    parts[limit - 1] = *root;
  }
  parts.resize(limit);
}

RecordIndex node_of_sent(RecordDraft& draft, const Entity& entity) {
  return draft.add_node(entity_name(entity), entity.members.text(EntityMember::origin),
                        account_of(draft.tree, entity), NodeState::active);
}

RecordIndex node_of_inferred(RecordDraft& draft, const Entity& call) {
  const auto service = called_service(call, draft.scratch);
  return draft.add_node(service.name, service.type, account_of(draft.tree, call), service.state);
}

std::string_view text_of_aws(const Entity& entity, std::string_view part, std::string_view name) {
  const auto* aws = entity.members[EntityMember::aws];
  const auto* object = aws == nullptr ? nullptr : member(*aws, part);
  return object == nullptr ? std::string_view() : text_member(*object, name).value_or("");
}

// Segments of containers and functions name what they run in elsewhere.
std::string_view resource_arn(const Entity& entity) {
  const auto arn = entity.members.text(EntityMember::resource_arn);
  if (!arn.empty()) return arn;
  const auto* aws = entity.members[EntityMember::aws];
  if (aws == nullptr) return {};
  const auto function = text_member(*aws, "function_arn").value_or("");
  return function.empty() ? text_of_aws(entity, "ecs", "container_arn") : function;
}

void describe_sent(RecordDraft& draft, const Entity& entity, RecordSegment& segment) {
  segment.user = draft.keep(entity.members.text(EntityMember::user));
  segment.resource_arn = draft.keep(resource_arn(entity));
  segment.instance_id = draft.keep(text_of_aws(entity, "ec2", "instance_id"));
  const auto zone = text_of_aws(entity, "ec2", "availability_zone");
  segment.availability_zone =
      draft.keep(zone.empty() ? text_of_aws(entity, "ecs", "availability_zone") : zone);
}

void add_segment(RecordDraft& draft, const SegmentPart& part) {
  const auto& entity = draft.tree.entities[part.entity];
  RecordSegment segment;
  segment.id = part.id;
  segment.node = part.inferred ? node_of_inferred(draft, entity) : node_of_sent(draft, entity);
  if (segment.node == no_index) return;
  segment.start = entity.start;
  segment.end = entity.end;
  segment.last_end = entity.end;
  segment.outcome = outcome_of(entity);
  segment.in_progress = !entity.end;
  segment.inferred = part.inferred;
  segment.http = draft.http_of(entity);
  if (!part.inferred) describe_sent(draft, entity, segment);

  auto& record = draft.record;
  const auto index = static_cast<RecordIndex>(record.segments.size());
  (part.inferred ? draft.places.callee : draft.places.segment)[part.entity] = index;
  if (!part.inferred && part.entity == draft.tree.root) record.root_segment = index;
  record.segments.push_back(segment);
  draft.segment_entities.push_back(part.entity);
}

void place_parts(RecordDraft& draft) {
  const auto& tree = draft.tree;
  auto& places = draft.places;
  for (const auto index : tree.in_order()) {
    const auto& entity = tree.entities[index];
    const auto own = places.segment[entity.segment];
    places.segment[index] = own;
    if (own != no_index && entity.end) {
      auto& last_end = draft.record.segments[own].last_end;
      last_end = std::max(last_end.value_or(*entity.end), *entity.end);
    }
    if (entity.callee != no_entity && places.segment[entity.callee] != no_index) {
      places.callee[index] = places.segment[entity.callee];
      places.callee_entity[index] = static_cast<std::ptrdiff_t>(entity.callee);
    }
  }
}

}  // namespace

void add_segments(RecordDraft& draft, std::vector<SegmentPart> parts) {
  cut(parts, draft);
  // The root's node has room before all others.
  if (draft.tree.root) node_of_sent(draft, draft.tree.entities[*draft.tree.root]);
  draft.record.segments.reserve(parts.size());
  draft.segment_entities.reserve(parts.size());
  for (const auto& part : parts) add_segment(draft, part);
  place_parts(draft);
}

}  // namespace xrayd::local
