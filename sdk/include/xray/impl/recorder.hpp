// The recording path: what segments and subsegments do to records.
#pragma once

#include <string_view>

#include <xray/impl/departure.hpp>
#include <xray/impl/diagnostics.hpp>
#include <xray/impl/exceptions.hpp>
#include <xray/impl/header_access.hpp>
#include <xray/impl/id_source.hpp>
#include <xray/impl/off_switch.hpp>
#include <xray/impl/record.hpp>
#include <xray/impl/runtime.hpp>
#include <xray/impl/strand.hpp>
#include <xray/impl/surroundings.hpp>
#include <xray/sampler.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

inline bool is_over(const Record* record) noexcept {
  return record->gate.load(std::memory_order_acquire) != 0;
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

inline void send_alone(Node* node) noexcept;

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

/// Whether an entity has not ended, be its segment over or not.
inline bool is_running(const Node* node) noexcept {
  const NodeState state = node->state.load(std::memory_order_relaxed);
  return state == NodeState::open || state == NodeState::left_behind;
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

/// Copies what a header brought for the next service to `cursor`.
inline void put_carried(char* cursor, Record& record, const TraceHeader& header) noexcept {
  record.extras = put(cursor, header.extras());
  record.tracestate = put(cursor, header.tracestate());
}

inline std::size_t carried_size(const TraceHeader& header) noexcept {
  return header.extras().size() + header.tracestate().size();
}

/// A segment's record: everything but what only a sampled one needs.
inline void begin_record(Record* record, ThreadState& thread, const TraceHeader& header) noexcept {
  record->references.store(2, std::memory_order_relaxed);  // the handle's and the thread's
  record->gate.store(0, std::memory_order_relaxed);
  record->collected.store(false, std::memory_order_relaxed);
  record->written.store(false, std::memory_order_relaxed);
  record->generation = fork_generation;
  record->facade = false;
  record->provisional = record->observed = record->forgotten = false;
  record->missing.store(0, std::memory_order_relaxed);
  record->pass_through = false;
  record->asked = header.sampling();
  record->trace_id = header.trace_id();
  record->parent_id = header.parent_id().value();
  record->unsampled_id = 0;
  record->extras = record->tracestate = record->sampling_rule = {};
  record->outer = thread.current;
}

/// A block with a record that has a strand of the calling thread's; null when there is no memory.
inline Record* make_record(ThreadState& thread) noexcept {
  Block* const block = take_block(thread);
  if (block == nullptr) {
    say_no_memory();
    return nullptr;
  }
  auto* const record = new (block->begin()) Record;
  begin_strand(record->own, record, thread, block, sizeof(Record));
  record->strands.store(&record->own, std::memory_order_relaxed);
  return record;
}

inline Record* begin_unsampled_segment(ThreadState& thread, const TraceHeader& header) noexcept {
  Record* record = thread.unsampled;
  if (record != nullptr) {
    thread.unsampled = nullptr;
  } else {
    record = make_record(thread);
    if (record == nullptr) return nullptr;
    record->sampled = false;
    record->root.id = 0;
  }
  begin_record(record, thread, header);
  const std::size_t carried = carried_size(header);
  if (carried != 0) {
    char* text = static_cast<char*>(record->own.first.arena.allocate(thread, carried));
    if (text != nullptr) put_carried(text, *record, header);
  }
  thread.current = {record, nullptr, &record->own, false};
  return record;
}

/// The name that a segment gets.
inline std::string_view segment_name(std::string_view name, const Settings& settings) noexcept {
  return settings.name_is_forced || name.empty() ? settings.service_name : name;
}

inline Record* begin_sampled_segment(ThreadState& thread, std::string_view name,
                                     const TraceHeader& header, const Settings& settings,
                                     std::string_view sampling_rule = {}) noexcept {
  Record* const record = make_record(thread);
  if (record == nullptr) return nullptr;
  record->sampled = true;
  begin_record(record, thread, header);
  Strand& strand = record->own;
  name = bounded(segment_name(name, settings), longest_name);
  Node& root = record->root;
  root.name = {};
  const std::size_t carried = carried_size(header);
  char* text = static_cast<char*>(
      strand.first.arena.allocate(thread, name.size() + sampling_rule.size() + carried));
  if (text != nullptr) {
    root.name = put(text, name);
    if (!sampling_rule.empty()) record->sampling_rule = put(text, sampling_rule);
    if (carried != 0) put_carried(text, *record, header);
  }
  root.next_in_chapter.store(nullptr, std::memory_order_relaxed);
  root.parent = nullptr;
  root.chapter = &strand.first;
  root.id = new_segment_id(thread);
  root.annotations = nullptr;
  root.details = nullptr;
  root.state.store(NodeState::open, std::memory_order_relaxed);
  root.name_space = Namespace::local;
  root.flags = {};
  record->begin_wall = nanoseconds_of(CLOCK_REALTIME);
  record->begin = ClockPair::now();
  root.begin_ticks = record->begin.ticks;
  if (!record->trace_id.valid()) record->trace_id = new_trace_id(thread, record->begin_wall);
  thread.current = {record, &root, &strand, false};
  return record;
}

/// The program's code runs, and nothing that it does is recorded.
class UnrecordedScope {
 public:
  explicit UnrecordedScope(ThreadState& thread) noexcept
      : thread_(thread), ready_(thread.ready), sending_(thread.sending) {
    thread_.sending = true;
    thread_.ready = 0;
  }
  UnrecordedScope(const UnrecordedScope&) = delete;
  UnrecordedScope& operator=(const UnrecordedScope&) = delete;
  ~UnrecordedScope() {
    thread_.sending = sending_;
    thread_.ready = ready_;
  }

 private:
  ThreadState& thread_;
  std::uint32_t ready_;
  bool sending_;
};

/// Asks the sampler, which is code that may be the program's: nothing that it does is recorded.
inline SamplingDecision decide(ThreadState& thread, const Settings& settings, std::string_view name,
                               const SamplingRequest* request) noexcept {
  SamplingRequest asked = request != nullptr ? *request : SamplingRequest();
  asked.service_name = segment_name(name, settings);
  if (asked.service_type.view().empty()) {
    const Surroundings* const around = surroundings.load(std::memory_order_acquire);
    if (around != nullptr) asked.service_type = around->origin;
  }
  const UnrecordedScope scope(thread);
  return settings.sampler->decide(asked);
}

/// A segment of a trace that begins here.
[[gnu::noinline]] inline Record* begin_head_segment(ThreadState& thread, std::string_view name,
                                                    const TraceHeader& header,
                                                    const Settings& settings,
                                                    const SamplingRequest* request) noexcept {
  const SamplingDecision decision = decide(thread, settings, name, request);
  const bool provisional =
      !decision.sampled && (decision.observed || settings.keep.per_second != 0);
  if (!decision.sampled && !provisional) return begin_unsampled_segment(thread, header);
  Record* const record =
      begin_sampled_segment(thread, name, header, settings, decision.rule_name.view());
  if (record != nullptr) {
    record->provisional = provisional;
    record->observed = decision.observed;
  }
  return record;
}

/// `request`: what is known for the sampling decision; may be null.
inline Record* begin_segment(std::string_view name, const TraceHeader& header,
                             const SamplingRequest* request = nullptr) noexcept {
  if (is_switched_off()) return nullptr;
  const Runtime* const run = runtime();
  ThreadState& thread = thread_state;
  if (run == nullptr || thread.sending) return nullptr;
  if (!thread.exit_hook_set) hook_thread_exit(thread);
  if (thread.current.record != nullptr) leave_what_is_over(thread);
  switch (header.sampling()) {
    case Sampling::sampled:
      return begin_sampled_segment(thread, name, header, run->settings());
    case Sampling::not_sampled:
      return begin_unsampled_segment(thread, header);
    default:
      return begin_head_segment(thread, name, header, run->settings(), request);
  }
}

/// A segment that somebody else sends (a Lambda function's, by the service): its subsegments leave
/// on their own, under the id that the header gives. Without a decision nothing is recorded and the
/// header travels on as it came.
inline Record* begin_facade(const TraceHeader& header) noexcept {
  const bool decided =
      header.trace_id().valid() && header.parent_id().valid() &&
      (header.sampling() == Sampling::sampled || header.sampling() == Sampling::not_sampled);
  TraceHeader given = header;
  if (!decided) given.set_sampling(Sampling::not_sampled);
  Record* const record = begin_segment("facade", given);
  if (record == nullptr) return nullptr;
  record->facade = true;
  record->own.first.arena.room = 0;
  record->pass_through = !decided;
  record->asked = header.sampling();
  if (record->sampled) {
    record->root.id = header.parent_id().value();
  } else {
    record->unsampled_id = header.parent_id().value();
  }
  return record;
}

/// Puts an unsampled record by for the thread's next one, where nobody else can have hold of it.
inline bool keep_unsampled(ThreadState& thread, Record* record) noexcept {
  if (record->own.thread != &thread || thread.current.record != record || thread.current.scoped ||
      thread.unsampled != nullptr || record->references.load(std::memory_order_acquire) != 2 ||
      record->generation != fork_generation) {
    return false;
  }
  Arena& arena = record->own.first.arena;
  if (arena.blocks->next != nullptr) return false;
  thread.current = record->outer;
  if (thread.current.record != nullptr) {
    adopt(thread, thread.current);
    go_up(thread.current);
  }
  arena.cursor = arena.blocks->begin() + ((sizeof(Record) + 7U) & ~std::size_t{7});
  thread.unsampled = record;
  return true;
}

/// Tells the sampler how a segment ended that it wanted to see, and settles whether one that was
/// not sampled is sent after all.
void settle_how_it_ended(Record& record) noexcept;

/// Ends a segment and sends it; takes the handle's reference.
inline void end_segment(Record* record, bool exception) noexcept {
  ThreadState& thread = thread_state;
  if (!record->sampled) {
    if (keep_unsampled(thread, record)) return;
    record->gate.exchange(1, std::memory_order_acq_rel);
    if (record->own.thread == &thread) leave_what_is_over(thread);
    release(record);
    return;
  }
  const bool send = record->generation == fork_generation;
  if (send) {
    record->end = ClockPair::now();
    record->root.end_ticks = record->end.ticks;
    if (exception) record->root.flags.fault = true;
    record->root.state.store(NodeState::ended, std::memory_order_relaxed);
  }
  // Before the gate: what outlives the segment asks then.
  if (send && (record->provisional || record->observed)) settle_how_it_ended(*record);
  const bool forgotten = record->forgotten;
  record->gate.exchange(1, std::memory_order_acq_rel);
  if (record->own.thread == &thread) leave_what_is_over(thread);
  if (send && !forgotten) {
    runtime()->send(Emission(&record->root));
    return;
  }
  // Forgotten, or a forked child's parent's to send: what is open outlives this.
  collect(*record);
  if (forgotten) record->written.store(true, std::memory_order_release);
  release(record);
}

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

/// The header for a call made on behalf of `node`, or of an unsampled record.
inline TraceHeader header_of(Record* record, const Node* node) noexcept {
  TraceHeader header;
  if (record == nullptr) return header;
  if (record->pass_through) {
    header.set_trace_id(record->trace_id);
    header.set_parent_id(SegmentId(record->parent_id));
    header.set_sampling(record->asked);
  } else if (!record->sampled) {
    // Ids of an unsampled segment are made when somebody asks; this may be several threads at once.
    pthread_mutex_lock(&unsampled_mutex);
    if (!record->trace_id.valid()) {
      record->trace_id = new_trace_id(thread_state, nanoseconds_of(CLOCK_REALTIME));
    }
    if (record->unsampled_id == 0) record->unsampled_id = new_segment_id(thread_state);
    header.set_trace_id(record->trace_id);
    header.set_parent_id(SegmentId(record->unsampled_id));
    pthread_mutex_unlock(&unsampled_mutex);
    header.set_sampling(Sampling::not_sampled);
  } else {
    header.set_trace_id(record->trace_id);
    header.set_parent_id(SegmentId(node->id));
    header.set_sampling(record->provisional ? Sampling::not_sampled : Sampling::sampled);
  }
  header.set_extras(record->extras.view());
  if (record->tracestate.size != 0) HeaderAccess::restore(header, record->tracestate.view());
  return header;
}

}  // namespace detail
XRAY_NAMESPACE_END
