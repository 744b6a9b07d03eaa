// The recording path: what segments and subsegments do to records.
#pragma once

#include <cstring>
#include <string_view>
#include <type_traits>

#include <xray/impl/diagnostics.hpp>
#include <xray/impl/random.hpp>
#include <xray/impl/record.hpp>
#include <xray/impl/runtime.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

inline void say_no_memory() noexcept {
  count(counters.dropped_no_memory);
  reports.no_memory("xray: no memory (or more than 64 MiB in one segment); some of it was dropped");
}

/// This thread's strand of a record, made on first use; null when there is no memory.
inline Strand* strand_of(ThreadState& thread, Record* record) noexcept {
  if (thread.current.record == record && thread.current.strand != nullptr) {
    return thread.current.strand;
  }
  for (Strand* strand = record->strands.load(std::memory_order_acquire); strand != nullptr;
       strand = strand->next) {
    if (strand->thread == &thread) return strand;
  }
  Block* const block = take_block(thread);
  if (block == nullptr) return nullptr;
  auto* const strand = new (block->begin()) Strand{};
  strand->record = record;
  strand->thread = &thread;
  strand->arena.begin(block);
  strand->arena.cursor += (sizeof(Strand) + 7U) & ~std::size_t{7};
  Strand* head = record->strands.load(std::memory_order_relaxed);
  do {
    strand->next = head;
  } while (!record->strands.compare_exchange_weak(head, strand, std::memory_order_release,
                                                  std::memory_order_relaxed));
  return strand;
}

/// A place that was made on another thread and came here with a coroutine: what is recorded there
/// from now on goes into this thread's part of the record.
inline void adopt(ThreadState& thread, Place& place) noexcept {
  if (place.strand == nullptr || place.strand->thread == &thread || !place.record->sampled) return;
  place.strand = nullptr;
  place.strand = strand_of(thread, place.record);
  if (place.strand == nullptr) say_no_memory();
}

/// Memory that belongs to the node's record, from the calling thread's part of it.
inline void* allocate(const Node* node, std::size_t size) noexcept {
  ThreadState& thread = thread_state;
  Strand* strand = node->strand;
  if (strand->thread != &thread) {
    strand = strand_of(thread, strand->record);
    if (strand == nullptr) return nullptr;
  }
  return strand->arena.allocate(thread, size);
}

/// What comes next has `count` bytes of text behind it.
template <typename Type>
Type* allocate_with_text(const Node* node, std::size_t count) noexcept {
  static_assert(std::is_trivially_destructible_v<Type>);
  void* const memory = allocate(node, sizeof(Type) + count);
  if (__builtin_expect(static_cast<long>(memory == nullptr), 0) != 0) {
    say_no_memory();
    return nullptr;
  }
  return new (memory) Type;
}

/// memcpy for texts, most of which are shorter than the call is worth: two moves that overlap.
inline void copy_text(char* to, const char* from, std::size_t size) noexcept {
  if (size > 32) {
    std::memcpy(to, from, size);
  } else if (size >= 16) {
    std::memcpy(to, from, 16);
    std::memcpy(to + size - 16, from + size - 16, 16);
  } else if (size >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(to + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(to + size - 4, from + size - 4, 4);
  } else {
    for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
  }
}

/// Copies a text to `cursor` and moves that behind it.
inline Text put(char*& cursor, std::string_view text) noexcept {
  copy_text(cursor, text.data(), text.size());
  const Text result{cursor, static_cast<std::uint32_t>(text.size())};
  cursor += text.size();
  return result;
}

/// The longest text that can matter where `characters` are kept: four bytes each, and one to see
/// that it was longer.
inline std::string_view bounded(std::string_view text, std::size_t characters) noexcept {
  return text.substr(0, characters * 4 + 1);
}

/// Gives the memory of a record back; returns the segment around it, whose reference it held. Only
/// who dropped the last reference calls this.
inline Record* recycle(Record* record) noexcept {
  Record* const outer = record->outer.record;
  Block* chain = nullptr;
  for (Strand* strand = record->strands.load(std::memory_order_acquire); strand != nullptr;) {
    // The strand itself lies in one of its blocks: read all of it first.
    Strand* const next = strand->next;
    Block* block = strand->arena.blocks;
    while (block != nullptr) {
      Block* const following = block->next;
      block->next = chain;
      chain = block;
      block = following;
    }
    strand = next;
  }
  if (record->sampled) {
    block_pool.give_back(chain);
  } else {
    return_blocks(thread_state, chain);
  }
  return outer;
}

inline void retain(Record* record) noexcept {
  record->references.fetch_add(1, std::memory_order_relaxed);
}

inline void release(Record* record) noexcept {
  while (record != nullptr && record->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    record = recycle(record);
  }
}

inline bool is_over(const Record* record) noexcept {
  return record->gate.load(std::memory_order_acquire) != 0;
}

/// Settles for every node of a closed record whether it is part of the document. What is still
/// running gets a reference of its own.
inline void collect(Record& record) noexcept {
  for (Strand* strand = record.strands.load(std::memory_order_acquire); strand != nullptr;
       strand = strand->next) {
    for (Node* node = strand->first.load(std::memory_order_acquire); node != nullptr;
         node = node->next_in_strand.load(std::memory_order_acquire)) {
      NodeState state = node->state.load(std::memory_order_acquire);
      if (state == NodeState::open) {
        if (!node->holds_reference) retain(&record);
        if (node->state.compare_exchange_strong(state, NodeState::left_behind)) continue;
        if (!node->holds_reference) release(&record);
      }
      if (state == NodeState::ended) node->state.compare_exchange_strong(state, NodeState::taken);
    }
  }
  record.collected.store(true, std::memory_order_release);
}

/// Looks after the nodes of this thread's strand that the writer did not see because they came just
/// when another thread ended the segment: those that are over leave alone, the others hold on to
/// it.
inline void settle_own_strand(Record* record) noexcept {
  if (!record->sampled || !record->collected.load(std::memory_order_acquire)) return;
  for (Node* node = record->own.first.load(std::memory_order_acquire); node != nullptr;
       node = node->next_in_strand.load(std::memory_order_acquire)) {
    NodeState state = node->state.load(std::memory_order_acquire);
    if (state == NodeState::open) {
      if (!node->holds_reference) retain(record);
      if (node->state.compare_exchange_strong(state, NodeState::left_behind)) continue;
      if (!node->holds_reference) release(record);
    }
    if (state == NodeState::ended && node->state.compare_exchange_strong(state, NodeState::alone)) {
      retain(record);
      runtime()->send(node);
    }
  }
}

/// A place for a scope to put: what it names as seen by this thread, with a reference.
inline Place scoped_place(ThreadState& thread, Record* record, Node* node) noexcept {
  Strand* strand = nullptr;
  if (record != nullptr) {
    if (!thread.exit_hook_set) hook_thread_exit(thread);
    retain(record);
    if (record->sampled) {
      strand = strand_of(thread, record);
      if (strand == nullptr) say_no_memory();
    }
  }
  return {record, node, strand, true};
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
    settle_own_strand(record);
    release(record);
  }
}

inline Record* begin_segment(std::string_view name, const TraceHeader& header) noexcept {
  Runtime* const run = runtime();
  ThreadState& thread = thread_state;
  if (run == nullptr || !run->settings().enabled || thread.sending) return nullptr;
  if (!thread.exit_hook_set) hook_thread_exit(thread);
  leave_what_is_over(thread);

  Block* const block = take_block(thread);
  if (block == nullptr) {
    say_no_memory();
    return nullptr;
  }
  auto* const record = new (block->begin()) Record;
  Strand& strand = record->own;
  strand.arena.begin(block);
  strand.arena.cursor += (sizeof(Record) + 7U) & ~std::size_t{7};
  strand.record = record;
  strand.thread = &thread;
  strand.next = nullptr;
  strand.first.store(nullptr, std::memory_order_relaxed);
  strand.last = nullptr;
  record->references.store(2, std::memory_order_relaxed);  // the handle's and the thread's
  record->gate.store(0, std::memory_order_relaxed);
  record->collected.store(false, std::memory_order_relaxed);
  record->generation = fork_generation;
  record->sampled = header.sampling() != Sampling::not_sampled;
  record->asked = header.sampling();
  record->trace_id = header.trace_id();
  record->parent_id = header.parent_id().value();
  record->unsampled_id = 0;
  record->outer = thread.current;
  record->strands.store(&strand, std::memory_order_relaxed);
  record->extras = {};

  Node& root = record->root;
  root.strand = &strand;
  root.id = 0;
  if (record->sampled) {
    const Settings& settings = run->settings();
    if (settings.name_is_forced || name.empty()) name = settings.service_name;
    name = bounded(name, longest_name);
    char* text =
        static_cast<char*>(strand.arena.allocate(thread, name.size() + header.extras().size()));
    if (text != nullptr) {
      root.name = put(text, name);
      record->extras = put(text, header.extras());
    }
    root.next_in_strand.store(nullptr, std::memory_order_relaxed);
    root.parent = nullptr;
    root.id = random_id(thread);
    root.annotations = nullptr;
    root.details = nullptr;
    root.state.store(NodeState::open, std::memory_order_relaxed);
    root.name_space = Namespace::local;
    root.fault = root.error = root.throttle = false;
    root.holds_reference = false;
    root.first_child = root.last_child = root.next_sibling = nullptr;

    record->begin_wall = nanoseconds_of(CLOCK_REALTIME);
    record->begin = ClockPair::now();
    root.begin_ticks = record->begin.ticks;
    if (!record->trace_id.valid()) {
      const auto seconds = static_cast<std::uint64_t>(record->begin_wall / 1'000'000'000);
      record->trace_id =
          TraceId((seconds << 32U) | (random_bits(thread) >> 32U), random_bits(thread));
    }
  } else if (!header.extras().empty()) {
    char* text = static_cast<char*>(strand.arena.allocate(thread, header.extras().size()));
    if (text != nullptr) record->extras = put(text, header.extras());
  }

  thread.current = {record, record->sampled ? &root : nullptr, &strand, false};
  return record;
}

/// Ends a segment and sends it; takes the handle's reference.
inline void end_segment(Record* record, bool exception) noexcept {
  ThreadState& thread = thread_state;
  const bool send = record->sampled && record->generation == fork_generation;
  if (send) {
    record->end = ClockPair::now();
    record->root.end_ticks = record->end.ticks;
    if (exception) record->root.fault = true;
    record->root.state.store(NodeState::ended, std::memory_order_relaxed);
  }
  record->gate.exchange(1, std::memory_order_acq_rel);
  if (record->own.thread == &thread) leave_what_is_over(thread);
  if (send) {
    runtime()->send(&record->root);
    return;
  }
  if (record->sampled) collect(*record);  // in a forked child: what is open outlives this
  release(record);
}

/// Begins a child of the thread's current entity. Null if nothing is to be recorded; `missing`
/// tells that this is so for want of a segment.
inline Node* begin_subsegment(std::string_view name, Namespace name_space, bool& missing) noexcept {
  ThreadState& thread = thread_state;
  Record* record = thread.current.record;
  if (record != nullptr && __builtin_expect(static_cast<long>(is_over(record)), 0) != 0) {
    leave_what_is_over(thread);
    record = thread.current.record;
  }
  missing = record == nullptr && !thread.sending;
  if (record == nullptr || thread.sending || !record->sampled ||
      record->generation != fork_generation) {
    return nullptr;
  }
  Strand* const strand = thread.current.strand;
  name = bounded(name, longest_name);
  void* const memory =
      strand != nullptr ? strand->arena.allocate(thread, sizeof(Node) + name.size()) : nullptr;
  if (__builtin_expect(static_cast<long>(memory == nullptr), 0) != 0) {
    say_no_memory();
    return nullptr;
  }
  auto* const node = new (memory) Node;
  char* text = static_cast<char*>(memory) + sizeof(Node);
  node->next_in_strand.store(nullptr, std::memory_order_relaxed);
  node->parent = thread.current.node;
  node->strand = strand;
  node->id = random_id(thread);
  node->name = put(text, name);
  node->annotations = nullptr;
  node->details = nullptr;
  node->name_space = name_space;
  node->fault = node->error = node->throttle = false;
  node->first_child = node->last_child = node->next_sibling = nullptr;
  // Only in another thread's strand, in a scope, or after the end, can a node outlive what its
  // thread holds.
  const bool late = is_over(record);
  node->holds_reference = strand != &record->own || thread.current.scoped || late;
  if (node->holds_reference) retain(record);
  node->state.store(late ? NodeState::left_behind : NodeState::open, std::memory_order_relaxed);
  node->begin_ticks = ticks_now();
  if (strand->last != nullptr) {
    strand->last->next_in_strand.store(node, std::memory_order_release);
  } else {
    strand->first.store(node, std::memory_order_release);
  }
  strand->last = node;
  thread.current.node = node;
  return node;
}

/// Whether an entity has not ended, be its segment over or not.
inline bool is_running(const Node* node) noexcept {
  const NodeState state = node->state.load(std::memory_order_relaxed);
  return state == NodeState::open || state == NodeState::left_behind;
}

inline void end_subsegment(Node* node, bool exception) noexcept {
  ThreadState& thread = thread_state;
  node->end_ticks = ticks_now();
  if (exception) node->fault = true;
  Record* const record = node->strand->record;
  if (thread.current.node == node) {
    Node* parent = node->parent;
    while (parent->parent != nullptr && !is_running(parent)) parent = parent->parent;
    thread.current.node = parent;
  }
  // Once it has ended, the node may be sent and its memory reused at any moment.
  const bool holds_reference = node->holds_reference;
  const bool own = node->strand == &record->own && !holds_reference;
  const bool of_parent_process = record->generation != fork_generation;
  // Not an exchange: a node that was left behind must never look as if it had ended in time.
  NodeState before = NodeState::open;
  const bool in_time = node->state.compare_exchange_strong(before, NodeState::ended);
  if (of_parent_process) {
    if (holds_reference || !in_time) release(record);
    return;
  }
  if (!in_time) {
    node->state.store(NodeState::alone, std::memory_order_relaxed);
    runtime()->send(node);
    return;
  }
  if (own) {
    // Ended on another thread just now, and collected without this node: the thread's place still
    // holds the record.
    if (thread.current.record == record && is_over(record)) settle_own_strand(record);
    return;
  }
  // A read-modify-write on both sides: if the gate is still open here, who closes it sees the node.
  if (record->gate.fetch_add(0, std::memory_order_acq_rel) != 0) {
    NodeState ended = NodeState::ended;
    if (node->state.compare_exchange_strong(ended, NodeState::alone)) {
      runtime()->send(node);
      return;
    }
  }
  release(record);
}

/// The header for a call made on behalf of `node`, or of an unsampled record.
inline TraceHeader header_of(Record* record, const Node* node) noexcept {
  TraceHeader header;
  if (record == nullptr) return header;
  if (!record->sampled) {
    // Ids of an unsampled segment are made when somebody asks; this may be several threads at once.
    pthread_mutex_lock(&unsampled_mutex);
    if (!record->trace_id.valid()) record->trace_id = TraceId::generate();
    if (record->unsampled_id == 0) record->unsampled_id = random_id(thread_state);
    header.set_trace_id(record->trace_id);
    header.set_parent_id(SegmentId(record->unsampled_id));
    pthread_mutex_unlock(&unsampled_mutex);
    header.set_sampling(Sampling::not_sampled);
  } else {
    header.set_trace_id(record->trace_id);
    header.set_parent_id(SegmentId(node->id));
    header.set_sampling(Sampling::sampled);
  }
  header.set_extras(record->extras.view());
  return header;
}

}  // namespace detail
XRAY_NAMESPACE_END
