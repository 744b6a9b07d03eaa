// How segments begin and end.
#pragma once

#include <string_view>

#include <xray/impl/departure.hpp>
#include <xray/impl/diagnostics.hpp>
#include <xray/impl/id_source.hpp>
#include <xray/impl/leaving_alone.hpp>
#include <xray/impl/off_switch.hpp>
#include <xray/impl/places.hpp>
#include <xray/impl/runtime.hpp>
#include <xray/impl/surroundings.hpp>
#include <xray/sampler.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

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

}  // namespace detail
XRAY_NAMESPACE_END
