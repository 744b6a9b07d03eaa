#include "local/trace/inferred_segment.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "ascii.hpp"

namespace xrayd::local {
namespace {

constexpr std::string_view remote_type = "remote";

// Services with nodes of their own for each resource.
struct ResourceKind {
  std::string_view service;
  std::string_view service_type;
  std::string_view resource_type;
  // Of `aws`.
  std::string_view member;
};

constexpr std::string_view dynamodb = "DynamoDB";
constexpr std::array<ResourceKind, 5> resource_kinds{{
    {dynamodb, "AWS::DynamoDB", "AWS::DynamoDB::Table", "table_name"},
    {"S3", "AWS::S3", "AWS::S3::Bucket", "bucket_name"},
    {"SQS", "AWS::SQS", "AWS::SQS::Queue", "queue_url"},
    {"SNS", "AWS::SNS", "AWS::SNS", "topic_arn"},
    {"Lambda", "AWS::Lambda", "AWS::Lambda", "function_name"},
}};

constexpr EntityId stand_in_for_zero = 0x9E3779B97F4A7C15U;

// Every bit of the result depends on every one of the input's; different inputs, different results.
EntityId scattered(EntityId bits) noexcept {
  bits += stand_in_for_zero;
  bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
  return bits ^ (bits >> 31U);
}

// Of a list of one text.
std::string_view only_item(const rapidjson::Value& aws, std::string_view list) {
  const auto* items = member(aws, list);
  if (items == nullptr || !items->IsArray() || items->Size() != 1 || !(*items)[0].IsString()) {
    return {};
  }
  return text_of((*items)[0]);
}

// Empty where the call doesn't say.
std::string_view resource_name(const rapidjson::Value* aws, const ResourceKind& kind) {
  if (aws == nullptr || text_member(*aws, "operation").value_or("").empty()) return {};
  auto name = text_member(*aws, kind.member).value_or("");
  if (kind.service == dynamodb) {
    if (name.empty()) name = only_item(*aws, "table_names");
    if (name.empty()) name = only_item(*aws, "resource_names");
  }
  return name;
}

void copy_member(JsonWriter& writer, std::string_view key, const rapidjson::Value* value) {
  if (value == nullptr) return;
  write_key(writer, key);
  value->Accept(writer);
}

}  // namespace

std::string_view CalledService::origin() const noexcept {
  return type == remote_type ? std::string_view() : type;
}

bool is_call(const TraceTree& tree, std::size_t entity) noexcept {
  const auto& candidate = tree.entities[entity];
  if (!candidate.owns_id || tree.is_segment(entity)) return false;
  const auto name_space = candidate.members.text(EntityMember::name_space);
  return name_space == "aws" || name_space == "remote";
}

bool makes_inferred_segment(const TraceTree& tree, std::size_t entity) noexcept {
  const auto& call = tree.entities[entity];
  return call.end && call.callee == no_entity && is_call(tree, entity);
}

CalledService called_service(const Entity& call, std::string& scratch) {
  const auto name = entity_name(call);
  if (call.members.text(EntityMember::name_space) != "aws") {
    const bool sql = call.members[EntityMember::sql] != nullptr;
    return {name, sql ? "Database::SQL" : remote_type, NodeState::passive};
  }
  // Some SDKs write the names of services in lower case.
  const auto* kind =
      std::find_if(resource_kinds.begin(), resource_kinds.end(),
                   [&](const auto& known) { return same_in_any_case(known.service, name); });
  if (kind == resource_kinds.end()) {
    scratch.assign("AWS::").append(name);
    return {name, scratch, NodeState::unknown};
  }
  const auto resource = resource_name(call.members[EntityMember::aws], *kind);
  if (resource.empty()) return {name, kind->service_type, NodeState::unknown};
  return {resource, kind->resource_type, NodeState::unknown};
}

std::vector<SegmentPart> all_segments(const TraceTree& tree, TraceId trace_id) {
  std::vector<SegmentPart> parts;
  parts.reserve(2 * tree.segments.size());
  for (const auto index : tree.in_order()) {
    const auto& entity = tree.entities[index];
    if (tree.is_segment(index)) {
      parts.push_back({entity.start, entity.id, index, false});
    } else if (makes_inferred_segment(tree, index)) {
      parts.push_back({entity.start, inferred_segment_id(trace_id, entity.id), index, true});
    }
  }
  std::sort(parts.begin(), parts.end(), [](const SegmentPart& a, const SegmentPart& b) {
    return std::tie(a.start, a.id, a.entity) < std::tie(b.start, b.id, b.entity);
  });
  return parts;
}

EntityId inferred_segment_id(TraceId trace_id, EntityId call) noexcept {
  // A bijection for each trace: calls have different ids, so their segments have too.
  const EntityId id = scattered(scattered(scattered(trace_id.high()) ^ trace_id.low()) ^ call);
  return id == 0 ? stand_in_for_zero : id;
}

void write_inferred_segment(JsonWriter& writer, TraceId trace_id, const Entity& call) {
  std::string scratch;
  const auto origin = called_service(call, scratch).origin();
  writer.StartObject();
  write_key(writer, "id");
  write_text(writer, entity_id_text(inferred_segment_id(trace_id, call.id)));
  write_key(writer, "name");
  write_text(writer, entity_name(call));
  copy_member(writer, "start_time", call.members[EntityMember::start_time]);
  copy_member(writer, "end_time", call.members[EntityMember::end_time]);
  write_key(writer, "trace_id");
  write_text(writer, trace_id.to_string());
  write_key(writer, "parent_id");
  write_text(writer, entity_id_text(call.id));
  write_key(writer, "inferred");
  writer.Bool(true);
  if (!origin.empty()) {
    write_key(writer, "origin");
    write_text(writer, origin);
  }
  copy_member(writer, "http", call.members[EntityMember::http]);
  copy_member(writer, "aws", call.members[EntityMember::aws]);
  copy_member(writer, "error", call.members[EntityMember::error]);
  copy_member(writer, "fault", call.members[EntityMember::fault]);
  copy_member(writer, "throttle", call.members[EntityMember::throttle]);
  writer.EndObject();
}

}  // namespace xrayd::local
