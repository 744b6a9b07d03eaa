// What is sent apart from its segment: before the segment ends, or after it has.
#pragma once

#include <xray/impl/departure.hpp>
#include <xray/impl/diagnostics.hpp>
#include <xray/impl/record.hpp>
#include <xray/impl/runtime.hpp>
#include <xray/impl/strand.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

inline bool is_over(const Record* record) noexcept {
  return record->gate.load(std::memory_order_acquire) != 0;
}

/// Whether an entity has not ended, be its segment over or not.
inline bool is_running(const Node* node) noexcept {
  const NodeState state = node->state.load(std::memory_order_relaxed);
  return state == NodeState::open || state == NodeState::left_behind;
}

/// Settles for every node of a closed record whether it is part of the document. What is still
/// running gets a reference of its own.
inline void collect(Record& record) noexcept {
  for (Strand* strand = record.strands.load(std::memory_order_acquire); strand != nullptr;
       strand = strand->next) {
    const ChaptersInUse hold(*strand);
    for_each_node(*strand, [&record](Node* node) {
      NodeState state = node->state.load(std::memory_order_acquire);
      if (state == NodeState::open) {
        if (!node->flags.holds_reference) retain(&record);
        if (node->state.compare_exchange_strong(state, NodeState::left_behind)) return;
        if (!node->flags.holds_reference) release(&record);
      }
      if (state == NodeState::ended) node->state.compare_exchange_strong(state, NodeState::taken);
    });
  }
  record.collected.store(true, std::memory_order_release);
}

/// Sends what outlived its segment; under a facade it is a leak from an earlier invocation. Hands
/// over one reference of the record and one pin: the node's own thread may give its memory back as
/// soon as it is over and nothing holds it.
inline void send_alone(Node* node) noexcept {
  Record* const record = node->chapter->record;
  if (record->forgotten) {
    unpin(node);
    release(record);
    return;
  }
  if (record->facade) {
    count(counters.dropped_leaked);
    reports.leaked("xray: a subsegment of an earlier invocation ended late and was dropped");
    unpin(node);
    release(record);
    return;
  }
  runtime()->send(Emission(node));
}

/// Looks after the nodes of this thread's strand that the writer did not see because they came just
/// when another thread ended the segment: those that are over leave alone, the others hold on to
/// it.
inline void settle_own_strand(Record* record) noexcept {
  if (!record->sampled || !record->collected.load(std::memory_order_acquire)) return;
  const ChaptersInUse hold(record->own);  // a coroutine's place may be left on another thread
  for_each_node(record->own, [record](Node* node) {
    NodeState state = node->state.load(std::memory_order_acquire);
    if (state == NodeState::open) {
      if (!node->flags.holds_reference) retain(record);
      if (node->state.compare_exchange_strong(state, NodeState::left_behind)) return;
      if (!node->flags.holds_reference) release(record);
    }
    if (state == NodeState::ended && node->state.compare_exchange_strong(state, NodeState::alone)) {
      retain(record);
      pin(node);
      send_alone(node);
    }
  });
}

/// Sends what an entity that is still running says so far.
inline void announce(Node* node) noexcept {
  Record* const record = node->chapter->record;
  if (!is_running(node) || record->generation != fork_generation) return;
  if (record->provisional || (record->facade && is_over(record))) return;
  void* const memory = allocate(node, sizeof(Node));
  if (memory == nullptr) {
    say_no_memory();
    return;
  }
  auto* const copy = new (memory) Node;
  copy->flags = node->flags;
  if (node->is_segment()) {
    copy->parent = nullptr;
  } else {
    copy->parent_id = node->id_of_parent();
    copy->flags.orphan = true;
  }
  copy->chapter = node->chapter;
  copy->id = node->id;
  copy->begin_ticks = node->begin_ticks;
  copy->name = node->name;
  copy->annotations = node->annotations;
  copy->details = node->details;
  copy->name_space = node->name_space;
  retain(record);
  pin(copy);  // the copy, and what it speaks of, must stay until it is sent
  runtime()->send(Emission(copy, Emission::Kind::announcement));
}

}  // namespace detail
XRAY_NAMESPACE_END
