// Where a thread is: its current entity, and those to go back to.
#pragma once

#include <xray/impl/leaving_alone.hpp>
#include <xray/impl/record.hpp>
#include <xray/impl/strand.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// A place for a scope to put: what it names as seen by this thread, with a reference.
inline Place scoped_place(ThreadState& thread, Record* record, Node* node) noexcept {
  Strand* strand = nullptr;
  if (record != nullptr) {
    if (!thread.exit_hook_set) hook_thread_exit(thread);
    retain(record);
    if (record->sampled) {
      strand = strand_of(thread, record);
      if (strand == nullptr) say_no_memory(*record);
    }
  }
  return {record, node, strand, true, node};
}

/// A place that was made on another thread and came here with a coroutine: what is recorded there
/// from now on goes into this thread's part of the record.
inline void adopt(ThreadState& thread, Place& place) noexcept {
  if (place.strand == nullptr || place.strand->thread == &thread || !place.record->sampled) return;
  place.strand = nullptr;
  place.strand = strand_of(thread, place.record);
  if (place.strand == nullptr) say_no_memory(*place.record);
}

/// The nearest entity above that is still running, as far up as the place reaches. Whatever lies
/// between is running, or ended elsewhere and stays.
inline Node* running_above(const Place& place, const Node* node) noexcept {
  Node* const top = place.scoped ? place.base : &place.record->root;
  Node* parent = node->parent;
  while (parent != top && !is_running(parent)) parent = parent->parent;
  return parent;
}

/// Leaves what has ended while the place was not the thread's.
inline void go_up(Place& place) noexcept {
  if (place.node == nullptr || place.node == (place.scoped ? place.base : &place.record->root)) {
    return;
  }
  if (!is_running(place.node)) place.node = running_above(place, place.node);
}

/// Goes back from the current place to the one before it.
inline void leave(ThreadState& thread) noexcept {
  Record* const record = thread.current.record;
  if (thread.current.scoped) {
    thread.current = {};  // what was before is the scope's to restore
  } else {
    thread.current = record->outer;
    record->outer = {};
    adopt(thread, thread.current);
    go_up(thread.current);
    settle_own_strand(record);
  }
  release(record);
}

/// Segments that began on this thread and were ended on another are still among its places: forgets
/// them, however deep. What a ContextScope put there stays.
inline void leave_what_is_over(ThreadState& thread) noexcept {
  Place* place = &thread.current;
  while (place->record != nullptr && !place->scoped) {
    Record* const record = place->record;
    if (!is_over(record)) {
      place = &record->outer;
      continue;
    }
    *place = record->outer;
    record->outer = {};
    adopt(thread, *place);
    go_up(*place);
    settle_own_strand(record);
    release(record);
  }
}

}  // namespace detail
XRAY_NAMESPACE_END
