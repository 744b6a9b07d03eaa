// The calls of a record: who called whom, and what came of it.
#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

#include "local/trace/inferred_segment.hpp"
#include "local/trace/record_draft.hpp"
#include "local/trace/trace_times.hpp"

namespace xrayd::local {
namespace {

// ---- clients ---------------------------------------------------------------------------------

RecordCall with_figures_of(const RecordSegment& segment) {
  RecordCall call;
  call.start = segment.start;
  call.end = segment.end;
  call.outcome = segment.outcome;
  call.in_progress = segment.in_progress;
  return call;
}

void add_client_call(RecordDraft& draft, RecordIndex index) {
  auto& record = draft.record;
  if (!draft.has_room(record.calls.size(), draft.limits.calls)) return;
  const auto& segment = record.segments[index];
  record.nodes[segment.node].root = true;
  // A copy: adding a node moves them.
  const RecordNode root = record.nodes[segment.node];
  RecordCall call = with_figures_of(segment);
  call.kind = CallKind::client;
  call.source_node = draft.add_node(root.name, "client", root.account, NodeState::unknown);
  if (call.source_node == no_index) return;
  call.target_node = segment.node;
  call.target_segment = index;
  call.http = segment.http;
  record.calls.push_back(call);
}

// A segment that names a caller was not called by a client, even if that caller hasn't been seen
// yet, or never will be: else maps of busy services would always show clients of services that
// have none. A root that names a part of its own trace has nobody else.
bool called_by_client(const RecordDraft& draft, RecordIndex index) {
  if (draft.record.segments[index].inferred) return false;
  const auto& parent = draft.tree.entities[draft.segment_entities[index]].parent_id;
  if (!parent) return true;
  return index == draft.record.root_segment && draft.tree.find(*parent) != no_entity;
}

void add_client_calls(RecordDraft& draft) {
  for (RecordIndex i = 0; i < draft.record.segments.size(); ++i) {
    if (called_by_client(draft, i)) add_client_call(draft, i);
  }
}

// ---- services --------------------------------------------------------------------------------

struct Use {
  double start = 0;
  std::size_t caller = no_entity;
  RecordIndex target_node = no_index;
  RecordIndex target_segment = no_index;
};

// Calls that were answered by sent segments, then those that weren't.
std::vector<Use> uses_of(RecordDraft& draft) {
  const auto& tree = draft.tree;
  const auto& record = draft.record;
  std::vector<Use> uses;
  for (const auto segment : tree.segments) {
    const auto caller = tree.entities[segment].caller;
    const auto index = draft.places.segment[segment];
    if (caller == no_entity || index == no_index) continue;
    uses.push_back({tree.entities[caller].start, caller, record.segments[index].node, index});
  }
  for (const auto index : tree.in_order()) {
    const auto& entity = tree.entities[index];
    if (entity.callee != no_entity || !is_call(tree, index)) continue;
    Use use{entity.start, index, no_index, draft.places.callee[index]};
    if (use.target_segment != no_index) {
      use.target_node = record.segments[use.target_segment].node;
    } else {
      const auto service = called_service(entity, draft.scratch);
      use.target_node =
          draft.add_node(service.name, service.type, account_of(tree, entity), service.state);
    }
    uses.push_back(use);
  }
  std::sort(uses.begin(), uses.end(), [](const Use& a, const Use& b) {
    return std::tie(a.start, a.caller, a.target_node, a.target_segment) <
           std::tie(b.start, b.caller, b.target_node, b.target_segment);
  });
  return uses;
}

// Figures are the calling subsegment's. A segment, or a part that is no call, may be named as a
// parent too: then nobody but the callee knows how long it took.
RecordCall call_of(RecordDraft& draft, const Use& use) {
  const auto& caller = draft.tree.entities[use.caller];
  const auto& record = draft.record;
  if (!is_call(draft.tree, use.caller)) return with_figures_of(record.segments[use.target_segment]);
  RecordCall call;
  call.start = caller.start;
  call.end = caller.end;
  call.outcome = outcome_of(caller);
  call.in_progress = !caller.end;
  const bool answered = use.target_segment != no_index;
  if (answered && record.segments[use.target_segment].inferred) {
    call.http = record.segments[use.target_segment].http;
    return call;
  }
  call.http = draft.http_of(caller);
  if (answered) {
    const auto name = called_service(caller, draft.scratch).name;
    if (name != record.nodes[use.target_node].name) call.alias = draft.keep(name);
  }
  return call;
}

void add_service_calls(RecordDraft& draft) {
  const Use* before = nullptr;
  const auto uses = uses_of(draft);
  for (const auto& use : uses) {
    const auto source = draft.places.segment[use.caller];
    if (source == no_index || use.target_node == no_index) {
      draft.record.truncated = true;
      continue;
    }
    // A call counts once for each service, however many of its segments name it as their parent.
    const bool counted = before != nullptr && before->caller == use.caller &&
                         before->target_node == use.target_node && is_call(draft.tree, use.caller);
    before = &use;
    if (counted) continue;
    if (!draft.has_room(draft.record.calls.size(), draft.limits.calls)) return;
    RecordCall call = call_of(draft, use);
    call.source_node = draft.record.segments[source].node;
    call.source_segment = source;
    call.target_node = use.target_node;
    call.target_segment = use.target_segment;
    draft.record.calls.push_back(call);
  }
}

// ---- links -----------------------------------------------------------------------------------

// The part of this trace that a link names; no_entity where it is none.
std::size_t linked_entity(const RecordDraft& draft, const rapidjson::Value& link) {
  const auto trace = parse_trace_id(text_member(link, "trace_id").value_or(""));
  const auto id = parse_entity_id(text_member(link, "id").value_or(""));
  if (!id || trace != draft.record.id) return no_entity;
  return draft.tree.find(*id);
}

// What waited in a queue says so; else the time since it was sent.
double event_age(const RecordDraft& draft, const Entity& receiver, const Entity& sender) {
  for (const auto child : receiver.children) {
    const auto& part = draft.tree.entities[child];
    if (part.end && entity_name(part) == "QueueTime") {
      return whole_microseconds(*part.end - part.start);
    }
  }
  return whole_microseconds(receiver.start - sender.end.value_or(sender.start));
}

void add_links_of(RecordDraft& draft, RecordIndex target) {
  const auto& receiver = draft.tree.entities[draft.segment_entities[target]];
  const auto* links = receiver.members[EntityMember::links];
  if (links == nullptr || !links->IsArray()) return;
  auto& record = draft.record;
  std::vector<std::size_t> senders;
  for (const auto& link : links->GetArray()) {
    const auto sender = linked_entity(draft, link);
    if (sender != no_entity) senders.push_back(sender);
  }
  std::sort(senders.begin(), senders.end());
  senders.erase(std::unique(senders.begin(), senders.end()), senders.end());
  for (const auto sender : senders) {
    // What was sent to a queue comes out of the queue.
    auto source = draft.places.callee[sender];
    if (source == no_index || !record.segments[source].inferred) {
      source = draft.places.segment[sender];
    }
    if (source == no_index || source == target) continue;
    if (!draft.has_room(record.calls.size(), draft.limits.calls)) return;
    RecordCall call = with_figures_of(record.segments[target]);
    call.kind = CallKind::link;
    call.source_node = record.segments[source].node;
    call.source_segment = source;
    call.target_node = record.segments[target].node;
    call.target_segment = target;
    call.event_age = event_age(draft, receiver, draft.tree.entities[sender]);
    record.calls.push_back(call);
  }
}

}  // namespace

void add_calls(RecordDraft& draft) {
  draft.record.calls.reserve(draft.record.segments.size());
  add_client_calls(draft);
  add_service_calls(draft);
  for (RecordIndex i = 0; i < draft.record.segments.size(); ++i) {
    if (!draft.record.segments[i].inferred) add_links_of(draft, i);
  }
}

}  // namespace xrayd::local
