// Segments that nobody sent: what a call to another service says about that service.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "local/document/trace_id.hpp"
#include "local/json/json.hpp"
#include "local/trace/trace_record.hpp"
#include "local/trace/trace_tree.hpp"

namespace xrayd::local {

/// The node of the service graph that a call goes to where nobody answers it.
struct CalledService {
  /// The resource's name where the call tells it, else the subsegment's.
  std::string_view name;
  /// `AWS::DynamoDB::Table`, `Database::SQL`, `remote`.
  std::string_view type;
  /// Unknown for AWS' services, passive for others.
  NodeState state = NodeState::unknown;

  /// Of the inferred segment; empty for mere hosts.
  [[nodiscard]] std::string_view origin() const noexcept;
};

/// Whether the entity is a subsegment that calls another service: its namespace is `aws` or
/// `remote`. False for those whose id is another entity's too and stands for that one.
bool is_call(const TraceTree& tree, std::size_t entity) noexcept;

/// Whether a segment is inferred from the entity: a finished call that no sent segment answered.
bool makes_inferred_segment(const TraceTree& tree, std::size_t entity) noexcept;

/// `call` is a call. `scratch` has to live as long as the result is used.
/// A table, bucket, queue, topic or function is told from the service only by calls that name their
/// `aws.operation` too; calls on several tables go to the service.
CalledService called_service(const Entity& call, std::string& scratch);

/// A segment of the trace, sent or inferred.
struct SegmentPart {
  double start = 0;
  EntityId id = 0;
  /// Its entity; of an inferred one the call.
  std::size_t entity = no_entity;
  bool inferred = false;
};

/// All segments of the trace by start time, then id.
std::vector<SegmentPart> all_segments(const TraceTree& tree, TraceId trace_id);

/// The same for the same call each time, never 0, different for different calls of a trace.
EntityId inferred_segment_id(TraceId trace_id, EntityId call) noexcept;

/// Writes the segment's document: the call's name, times, http, aws and flags, not its cause,
/// annotations or metadata, nor what is below it.
void write_inferred_segment(JsonWriter& writer, TraceId trace_id, const Entity& call);

}  // namespace xrayd::local
