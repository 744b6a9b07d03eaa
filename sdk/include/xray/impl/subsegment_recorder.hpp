// How subsegments begin and end.
#pragma once

#include <string_view>

#include <xray/impl/departure.hpp>
#include <xray/impl/diagnostics.hpp>
#include <xray/impl/exceptions.hpp>
#include <xray/impl/id_source.hpp>
#include <xray/impl/leaving_alone.hpp>
#include <xray/impl/off_switch.hpp>
#include <xray/impl/places.hpp>
#include <xray/impl/runtime.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Fills in a new node, whose name is copied behind it by the caller, and appends it to its
/// chapter.
[[gnu::always_inline]] inline Node* append_node(Chapter* chapter, void* memory,
                                                std::size_t name_size, Node* parent,
                                                Namespace name_space, NodeFlags flags,
                                                NodeState state, std::uint64_t id,
                                                std::uint64_t ticks) noexcept {
  auto* const node = new (memory) Node;
  node->next_in_chapter.store(nullptr, std::memory_order_relaxed);
  node->parent = parent;
  node->chapter = chapter;
  node->id = id;
  node->name.data = static_cast<char*>(memory) + sizeof(Node);
  node->name.size = static_cast<std::uint32_t>(name_size);
  node->annotations = nullptr;
  node->details = nullptr;
  node->name_space = name_space;
  node->flags = flags;
  node->state.store(state, std::memory_order_relaxed);
  node->begin_ticks = ticks;
  chapter->end->store(node, std::memory_order_release);
  chapter->end = &node->next_in_chapter;
  return node;
}

/// A node at the end of a strand, in a new chapter if need be; null when there is no memory for it.
inline Node* add_node(ThreadState& thread, Strand* strand, std::string_view name, Node* parent,
                      Namespace name_space, NodeFlags flags, NodeState state) noexcept {
  name = bounded(name, longest_name);
  Chapter* chapter = strand != nullptr ? strand->current : nullptr;
  if (chapter != nullptr && chapter->arena.room == 0) chapter = next_chapter(thread, *strand);
  void* memory = nullptr;
  if (chapter != nullptr) {
    --chapter->arena.room;
    memory = chapter->arena.allocate(thread, sizeof(Node) + name.size());
  }
  if (memory == nullptr) {
    say_no_memory(*parent->chapter->record);
    return nullptr;
  }
  hold_parent(*chapter, parent);
  char* text = static_cast<char*>(memory) + sizeof(Node);
  put(text, name);
  return append_node(chapter, memory, name.size(), parent, name_space, flags, state,
                     new_segment_id(thread), ticks_now());
}

/// Whether the next subsegment needs nothing that only the long way does.
inline bool is_ready_for_short_way(ThreadState& thread) noexcept {
  uncaught_exceptions(thread);
  return counter_is_steady && !has_id_generator() && !thread.sending &&
         thread.random_generation == fork_generation;
}

/// Begins a child of the thread's current entity in the less usual cases: in another thread's
/// segment, in a scope, under a facade, or in a segment that is over, where a node can outlive what
/// its thread holds.
[[gnu::noinline]] inline Node* begin_elsewhere(ThreadState& thread, std::string_view name,
                                               Namespace name_space) noexcept {
  if (thread.current.record != nullptr) leave_what_is_over(thread);
  Record* const record = thread.current.record;
  if (record == nullptr || thread.sending || !record->sampled ||
      record->generation != fork_generation) {
    return nullptr;
  }
  Strand* const strand = thread.current.strand;
  Node* const parent = thread.current.node;
  const bool late = is_over(record);
  NodeFlags flags{};
  flags.holds_reference = strand != &record->own || thread.current.scoped || late || record->facade;
  Node* const node = add_node(thread, strand, name, parent, name_space, flags,
                              late ? NodeState::left_behind : NodeState::open);
  if (node == nullptr) return nullptr;
  if (flags.holds_reference) retain(record);
  thread.current.node = node;
  thread.ready = is_ready_for_short_way(thread) ? fork_generation : 0;
  return node;
}

/// Whether nothing is recorded on this thread for want of a segment.
inline bool is_context_missing() noexcept {
  const ThreadState& thread = thread_state;
  return thread.current.record == nullptr && !thread.sending && !is_switched_off();
}

/// Begins a child of the thread's current entity in the usual case: in full, and without a call,
/// which is what makes it quick. Null: it is another case.
[[gnu::always_inline]] inline Node* begin_as_usual(ThreadState& thread, Record* record,
                                                   std::string_view name,
                                                   Namespace name_space) noexcept {
  if (__builtin_expect(static_cast<long>(thread.current.strand != &record->own), 0) != 0) {
    return nullptr;  // another thread's: not to be looked at
  }
  Chapter* const chapter = record->own.current;
  // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): of a sampled record some node is current
  const Chapter* const above = thread.current.node->chapter;
  Arena& arena = chapter->arena;
  char* const memory = arena.cursor;
  const std::size_t size = (sizeof(Node) + name.size() + 7U) & ~std::size_t{7};
  if (__builtin_expect(static_cast<long>(thread.current.scoped ||
                                         (above != chapter && above != chapter->above) ||
                                         arena.room == 0 || name.size() > short_text ||
                                         static_cast<std::size_t>(arena.limit - memory) < size ||
                                         record->generation != fork_generation ||
                                         thread.ready != fork_generation),
                       0) != 0) {
    return nullptr;
  }
  --arena.room;
  arena.cursor = memory + size;
  copy_short_text(memory + sizeof(Node), name.data(), name.size());
  const std::uint64_t id = next_random(thread);
  Node* const node = append_node(chapter, memory, name.size(), thread.current.node, name_space,
                                 NodeFlags{}, NodeState::open, id != 0 ? id : 1, counter_now());
  thread.current.node = node;
  return node;
}

/// Begins a child of the given entity, which never becomes the thread's current one and may end on
/// any thread. The caller's hold on the parent keeps the record.
inline Node* begin_detached(std::string_view name, Namespace name_space, Record* record,
                            Node* parent) noexcept {
  ThreadState& thread = thread_state;
  if (thread.sending || !record->sampled || record->generation != fork_generation) return nullptr;
  if (!thread.exit_hook_set) hook_thread_exit(thread);
  NodeFlags flags{};
  flags.detached = flags.holds_reference = true;
  const bool late = is_over(record);
  retain(record);
  Node* const node = add_node(thread, strand_of(thread, record), name, parent, name_space, flags,
                              late ? NodeState::left_behind : NodeState::open);
  if (node == nullptr) release(record);
  return node;
}

/// Ends what is not simply the thread's current entity in a segment of its own.
[[gnu::noinline]] inline void end_elsewhere(ThreadState& thread, Node* node) noexcept {
  Chapter* const chapter = node->chapter;
  Record* const record = chapter->record;
  const NodeFlags flags = node->flags;
  bool pinned = false;
  // In order: what is current in the place where it began, or in one that took over from it.
  const bool in_order =
      thread.current.node == node && !(thread.current.scoped && thread.current.base == node);
  if (in_order) thread.current.node = running_above(thread.current, node);
  if (!flags.detached && (!in_order || chapter->thread != &thread)) {
    chapter->stays.store(true, std::memory_order_relaxed);
  }
  if (flags.detached && chapter->thread != &thread) {
    // Its own thread must not send it away while this one still looks at it.
    chapter->pins.fetch_add(1, std::memory_order_relaxed);
    pinned = true;
  }
  // Once it has ended, the node may be sent and its memory reused at any moment.
  const bool of_parent_process = record->generation != fork_generation;
  // Not an exchange: a node that was left behind must never look as if it had ended in time.
  NodeState before = NodeState::open;
  const bool in_time = node->state.compare_exchange_strong(before, NodeState::ended);
  if (of_parent_process) {
    if (flags.holds_reference || !in_time) release(record);
    return;
  }
  if (!in_time) {
    if (!pinned) pin(node);
    node->state.store(NodeState::alone, std::memory_order_release);
    send_alone(node);
    return;
  }
  if (!flags.holds_reference) {
    // Ended on another thread just now, and collected without this node: the thread's place still
    // holds the record.
    if (thread.current.record == record && is_over(record)) settle_own_strand(record);
    return;
  }
  // A read-modify-write on both sides: if the gate is still open here, who closes it sees the node.
  if (record->gate.fetch_add(0, std::memory_order_acq_rel) != 0) {
    NodeState ended = NodeState::ended;
    if (!pinned) pin(node);
    pinned = true;
    if (node->state.compare_exchange_strong(ended, NodeState::alone)) {
      send_alone(node);
      return;
    }
  }
  if (pinned) chapter->pins.fetch_sub(1, std::memory_order_release);
  if (record->facade && thread.current.record == record && thread.current.node == &record->root &&
      thread.current.strand != nullptr) {
    send_completed_calls(thread, *thread.current.strand);
  }
  release(record);
}

/// Where the processor's counter is of no use.
[[gnu::noinline]] inline void end_by_the_clock(ThreadState& thread, Node* node) noexcept {
  node->end_ticks = ticks_now();
  end_elsewhere(thread, node);
}

/// The segment has been ended on another thread just now.
[[gnu::noinline]] inline void settle_after_end(Record* record) noexcept {
  if (record->generation == fork_generation) settle_own_strand(record);
}

/// Ends a subsegment. Like its begin: the usual case in full, without a call.
[[gnu::always_inline]] inline void end_subsegment(ThreadState& thread, Node* node) noexcept {
  if (__builtin_expect(static_cast<long>(!counter_is_steady), 0) != 0) {
    return end_by_the_clock(thread, node);
  }
  node->end_ticks = counter_now();
  Node* const parent = node->parent;
  Record* const record = thread.current.record;
  // Current, in a segment that began on this thread and runs on, under a parent that runs on.
  if (__builtin_expect(
          static_cast<long>(thread.current.node != node || thread.current.scoped ||
                            node->flags.holds_reference || is_over(record) || !is_running(parent)),
          0) != 0) {
    return end_elsewhere(thread, node);
  }
  NodeState before = NodeState::open;
  if (__builtin_expect(
          static_cast<long>(!node->state.compare_exchange_strong(before, NodeState::ended)), 0) !=
      0) {
    return end_elsewhere(thread, node);
  }
  thread.current.node = parent;
  if (__builtin_expect(static_cast<long>(is_over(record)), 0) != 0) settle_after_end(record);
}

}  // namespace detail
XRAY_NAMESPACE_END
