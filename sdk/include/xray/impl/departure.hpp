// How completed subsegments of a long segment leave before it ends, so that what is kept of an open
// segment is bounded by leaving, not by losing.
//
// When a thread's chapter has had its subsegments (Configuration::streaming_threshold) or its
// bytes, the next subsegment begins a new one, and those before it are looked at: a chapter leaves
// when every node in it has ended and nothing points there any more. Things that may point to a
// node:
//   a thread's place      while the node is open; longer only if it ended elsewhere: `stays`
//   a Context             `pins`
//   a child               in the same chapter: leaves with it; one in another chapter keeps its
//                         parent's (`held`) until it leaves, and then knows its parent's id only
//   a handle              until the node has ended
//   an announcement       `pins`
#pragma once

#include <atomic>
#include <cstdint>

#include <xray/impl/fork.hpp>
#include <xray/impl/record.hpp>
#include <xray/impl/strand.hpp>
#include <xray/streaming.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Decides in place of the threshold. Set once, from the configuration; never freed.
XRAY_PROCESS_WIDE inline StreamingStrategy* streaming_strategy = nullptr;

/// Whether the sender can take more.
bool sender_has_room() noexcept;
/// Hands over a chapter with one reference of its record.
void send_chapter(Chapter* chapter) noexcept;

inline void pin(Node* node) noexcept {
  if (node != nullptr) node->chapter->pins.fetch_add(1, std::memory_order_relaxed);
}

inline void unpin(Node* node) noexcept {
  if (node != nullptr) node->chapter->pins.fetch_sub(1, std::memory_order_release);
}

/// Whether all of a chapter is over and unreachable. Its own thread asks, once it records
/// elsewhere: what is so stays so. `over`: what its nodes have come to then.
inline bool may_leave(const Chapter& chapter, NodeState over) noexcept {
  if (chapter.stays.load(std::memory_order_relaxed) ||
      chapter.pins.load(std::memory_order_relaxed) != 0) {
    return false;
  }
  for (const Node* node = chapter.first.load(std::memory_order_relaxed); node != nullptr;
       node = node->next_in_chapter.load(std::memory_order_relaxed)) {
    if (node->state.load(std::memory_order_acquire) != over) return false;
  }
  // Again: who ended a node may have pinned its chapter before that, and still hold it.
  return !chapter.stays.load(std::memory_order_relaxed) &&
         chapter.pins.load(std::memory_order_acquire) == 0;
}

/// Keeps the chapter of a parent as long as this chapter, with its child, is here.
inline void hold_parent(Chapter& chapter, const Node* parent) noexcept {
  Chapter* const above = parent->chapter;
  if (above == &chapter || above == chapter.above) return;
  chapter.above = above;
  if (above == &above->strand->first) return;  // that stays anyway
  for (std::uint32_t i = 0; i < chapter.held_count; ++i) {
    if (chapter.held[i] == above) return;
  }
  if (chapter.held_count == Chapter::most_held) {
    above->stays.store(true, std::memory_order_relaxed);
    return;
  }
  chapter.held[chapter.held_count++] = above;
  above->pins.fetch_add(1, std::memory_order_relaxed);
}

/// Cuts the nodes of a chapter that leaves loose from parents in other chapters, and lets go of
/// those.
inline void cut_loose(Chapter& chapter) noexcept {
  for_each_node(chapter, [](Node* node) {
    if (node->parent->chapter == node->chapter) return;
    node->parent_id = node->parent->id;
    node->flags.orphan = true;
  });
  for (std::uint32_t i = 0; i < chapter.held_count; ++i) {
    chapter.held[i]->pins.fetch_sub(1, std::memory_order_release);
  }
  chapter.held_count = 0;
}

/// Takes chapters before the current one that may leave out of a strand.
inline unsigned take_out(Strand& strand, NodeState over, Chapter** leaving,
                         unsigned most) noexcept {
  unsigned count = 0;
  Chapter* const current = strand.current;
  for (Chapter* chapter = strand.first.next.load(std::memory_order_relaxed);
       chapter != current && chapter != nullptr && count < most;
       chapter = chapter->next.load(std::memory_order_relaxed)) {
    if (may_leave(*chapter, over)) leaving[count++] = chapter;
  }
  Chapter* before = &strand.first;
  for (unsigned i = 0; i < count; ++i) {
    while (before->next.load(std::memory_order_relaxed) != leaving[i]) {
      before = before->next.load(std::memory_order_relaxed);
    }
    before->next.store(leaving[i]->next.load(std::memory_order_relaxed), std::memory_order_release);
    cut_loose(*leaving[i]);
    strand.bytes -= leaving[i]->arena.bytes;
  }
  return count;
}

/// Sends the chapters before the current one that may leave. While the sender is behind they wait,
/// as long as there is memory for that. Once the segment has been sent, what is still begun under
/// it has left alone already, and only its memory is to be given back. Of a segment that may yet be
/// forgotten nothing leaves before its end.
inline void send_completed_chapters(Strand& strand) noexcept {
  Record* const record = strand.record;
  if (record->generation != fork_generation || !sender_has_room()) return;
  if (record->provisional && record->gate.load(std::memory_order_acquire) == 0) return;
  // Busy: the segment has just ended and the writer is here already.
  if (strand.busy.exchange(true, std::memory_order_acquire)) return;
  constexpr unsigned most = 64;
  Chapter* leaving[most];
  unsigned to_send = 0;
  unsigned to_give_back = 0;
  if (record->gate.load(std::memory_order_acquire) == 0) {
    to_send = take_out(strand, NodeState::ended, leaving, most);
    for (unsigned i = 0; i < to_send; ++i) retain(record);
  } else if (record->written.load(std::memory_order_acquire)) {
    to_give_back = take_out(strand, NodeState::alone, leaving, most);
  }
  strand.busy.store(false, std::memory_order_release);
  // Last, for once it is sent a chapter may be gone at any moment.
  for (unsigned i = 0; i < to_send; ++i) send_chapter(leaving[i]);
  for (unsigned i = 0; i < to_give_back; ++i) give_back(*leaving[i]);
}

/// Whether the next subsegment may go into the current chapter, though that has no room: its room
/// is only a reason to ask where a streaming strategy decides, or under a facade. There each
/// subsegment that is the facade's own begins a chapter, so that it can leave as soon as it is
/// over.
inline bool goes_on(const ThreadState& thread, const Strand& strand) noexcept {
  const Record* const record = strand.record;
  Chapter* const chapter = strand.current;
  if (chapter->arena.bytes > chapter_memory) return false;
  if (record->facade) {
    if (chapter == &strand.first) return false;
    const bool empty = chapter->first.load(std::memory_order_relaxed) == nullptr;
    if (!empty && thread.current.node == &record->root) return false;
  }
  ++chapter->nodes;
  if (streaming_strategy != nullptr) {
    return !streaming_strategy->leaves_now({chapter->nodes, chapter->arena.bytes});
  }
  return record->facade && chapter->nodes < entities_a_chapter;
}

/// A new chapter behind the current one; null when there is no memory.
inline Chapter* add_chapter(ThreadState& thread, Strand& strand) noexcept {
  Chapter* const before = strand.current;
  if (strand.bytes + block_bytes > segment_memory) {
    send_completed_chapters(strand);
    if (strand.bytes + block_bytes > segment_memory) return nullptr;
  }
  Block* const block = take_block(thread);
  if (block == nullptr) return nullptr;
  auto* const chapter = new (block->begin()) Chapter;
  begin_chapter(*chapter, &strand, block, sizeof(Chapter));
  strand.current = chapter;
  before->next.store(chapter, std::memory_order_release);
  send_completed_chapters(strand);
  return chapter;
}

/// Where the next subsegment is to be recorded, once the current chapter has no room; null when
/// there is no memory.
inline Chapter* next_chapter(ThreadState& thread, Strand& strand) noexcept {
  Chapter* const before = strand.current;
  if (goes_on(thread, strand)) {
    before->arena.room = 1;
    return before;
  }
  Chapter* const chapter = add_chapter(thread, strand);
  if (chapter != nullptr && strand.record->facade) chapter->arena.room = 1;
  return chapter;
}

/// Sends what is over under a facade, now that nothing but the facade is current: the function may
/// be stopped before it begins another subsegment.
inline void send_completed_calls(ThreadState& thread, Strand& strand) noexcept {
  const Chapter* const current = strand.current;
  if (current == &strand.first || current->first.load(std::memory_order_relaxed) == nullptr) return;
  Chapter* const chapter = add_chapter(thread, strand);
  if (chapter != nullptr) chapter->arena.room = 0;
}

}  // namespace detail
XRAY_NAMESPACE_END
