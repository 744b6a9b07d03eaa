// A thread's part of a record: its memory, and the ways to walk through what lies in it.
#pragma once

#include <sched.h>

#include <cstring>
#include <string_view>
#include <type_traits>

#include <xray/impl/diagnostics.hpp>
#include <xray/impl/fork.hpp>
#include <xray/impl/record.hpp>
#include <xray/impl/thread_state.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Subsegments of a thread that stay together before completed ones may leave. Set once, from the
/// configuration.
XRAY_PROCESS_WIDE inline std::uint32_t entities_a_chapter = 100;

inline void say_no_memory(std::uint32_t times = 1) noexcept {
  count(counters.dropped_no_memory, times);
  reports.no_memory(
      "xray: no memory, or more than Configuration::segment_memory in one segment; some of it was "
      "dropped");
}

/// The same for a part of a segment. While that may yet be forgotten whole, it is no loss.
inline void say_no_memory(Record& record) noexcept {
  if (record.provisional && record.gate.load(std::memory_order_relaxed) == 0) {
    record.missing.fetch_add(1, std::memory_order_relaxed);
  } else {
    say_no_memory();
  }
}

/// A chapter at the beginning of a block, behind `used` bytes of it.
inline void begin_chapter(Chapter& chapter, Strand* strand, Block* block,
                          std::size_t used) noexcept {
  chapter.record = strand->record;
  chapter.strand = strand;
  chapter.thread = strand->thread;
  chapter.next.store(nullptr, std::memory_order_relaxed);
  chapter.first.store(nullptr, std::memory_order_relaxed);
  chapter.end = &chapter.first;
  chapter.arena.begin(block, strand->bytes);
  chapter.arena.cursor += (used + 7U) & ~std::size_t{7};
  chapter.arena.room = entities_a_chapter;
  chapter.pins.store(0, std::memory_order_relaxed);
  chapter.held_count = 0;
  chapter.above = &strand->record->own.first;  // with the segment itself; it stays
  chapter.stays.store(false, std::memory_order_relaxed);
  chapter.nodes = 0;
}

inline void begin_strand(Strand& strand, Record* record, const ThreadState& thread, Block* block,
                         std::size_t used) noexcept {
  strand.record = record;
  strand.thread = &thread;
  strand.next = nullptr;
  strand.current = &strand.first;
  strand.busy.store(false, std::memory_order_relaxed);
  strand.bytes = 0;
  begin_chapter(strand.first, &strand, block, used);
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
  auto* const strand = new (block->begin()) Strand;
  begin_strand(*strand, record, thread, block, sizeof(Strand));
  if (record->facade) strand->first.arena.room = 0;
  Strand* head = record->strands.load(std::memory_order_relaxed);
  do {
    strand->next = head;
  } while (!record->strands.compare_exchange_weak(head, strand, std::memory_order_release,
                                                  std::memory_order_relaxed));
  return strand;
}

/// Keeps a chapter of the calling thread from leaving before the other thread's node that it speaks
/// of.
inline bool hold_elsewhere(ThreadState& thread, Node* node, Chapter* chapter) noexcept {
  for (Detail* detail = node->flags.has_elsewhere ? node->details : nullptr; detail != nullptr;
       detail = detail->next) {
    if (detail->kind == Detail::Kind::elsewhere &&
        static_cast<ElsewhereDetail*>(detail)->chapter == chapter) {
      return true;
    }
  }
  void* const memory = chapter->arena.allocate(thread, sizeof(ElsewhereDetail));
  if (memory == nullptr) return false;
  auto* const held = new (memory) ElsewhereDetail;
  held->kind = Detail::Kind::elsewhere;
  held->next = node->details;
  held->chapter = chapter;
  node->details = held;
  node->flags.has_elsewhere = true;
  chapter->pins.fetch_add(1, std::memory_order_relaxed);
  return true;
}

/// The way of allocate() that is not the usual one.
[[gnu::noinline]] inline void* allocate_elsewhere(ThreadState& thread, Node* node,
                                                  std::size_t size) noexcept {
  Chapter* chapter = node->chapter;
  void* memory = nullptr;
  if (chapter->thread != &thread) {
    Strand* const strand = strand_of(thread, chapter->record);
    chapter = strand != nullptr ? strand->current : nullptr;
    if (chapter != nullptr && !hold_elsewhere(thread, node, chapter)) chapter = nullptr;
  }
  if (chapter != nullptr) memory = chapter->arena.allocate(thread, size);
  if (memory == nullptr) say_no_memory(*node->chapter->record);
  return memory;
}

/// Memory that belongs to the node's record: beside the node, where this is the thread that made
/// it, else from the calling thread's part of the record. Says so when there is none.
inline void* allocate(Node* node, std::size_t size) noexcept {
  ThreadState& thread = thread_state;
  Chapter* const chapter = node->chapter;
  if (__builtin_expect(static_cast<long>(chapter->thread == &thread), 1) != 0) {
    Arena& arena = chapter->arena;
    const std::size_t rounded = (size + 7U) & ~std::size_t{7};
    char* const memory = arena.cursor;
    if (__builtin_expect(
            static_cast<long>(static_cast<std::size_t>(arena.limit - memory) >= rounded), 1) != 0) {
      arena.cursor = memory + rounded;
      return memory;
    }
  }
  return allocate_elsewhere(thread, node, size);
}

/// What comes next has `count` bytes of text behind it.
template <typename Type>
Type* allocate_with_text(Node* node, std::size_t count) noexcept {
  static_assert(std::is_trivially_destructible_v<Type>);
  void* const memory = allocate(node, sizeof(Type) + count);
  return memory != nullptr ? new (memory) Type : nullptr;
}

/// Texts up to this long take the shortest way through the recording path.
inline constexpr std::size_t short_text = 32;

/// memcpy for short texts: two moves that overlap, and no call.
[[gnu::always_inline]] inline void copy_short_text(char* to, const char* from,
                                                   std::size_t size) noexcept {
  if (size >= 16) {
    std::memcpy(to, from, 16);
    std::memcpy(to + size - 16, from + size - 16, 16);
  } else if (size >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(to + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(to + size - 4, from + size - 4, 4);
  } else if (size != 0) {
    to[0] = from[0];
    to[size / 2] = from[size / 2];
    to[size - 1] = from[size - 1];
  }
}

/// Copies a text to `cursor` and moves that behind it.
inline Text put(char*& cursor, std::string_view text) noexcept {
  if (!text.empty()) std::memcpy(cursor, text.data(), text.size());
  const Text result{cursor, static_cast<std::uint32_t>(text.size())};
  cursor += text.size();
  return result;
}

/// The longest text that can matter where `characters` are kept: four bytes each, and one to see
/// that it was longer.
inline std::string_view bounded(std::string_view text, std::size_t characters) noexcept {
  const std::size_t most = characters * 4 + 1;
  return __builtin_expect(static_cast<long>(text.size() <= most), 1) != 0 ? text
                                                                          : text.substr(0, most);
}

/// Puts a chapter's blocks in front of a chain.
inline void unchain(Chapter* chapter, Block*& chain) noexcept {
  // The chapter itself lies in one of them.
  Block* block = chapter->arena.blocks;
  while (block != nullptr) {
    Block* const following = block->next;
    block->next = chain;
    chain = block;
    block = following;
  }
}

/// Gives back the memory of a chapter that left, and lets go of what it held elsewhere.
inline void give_back(Chapter& chapter) noexcept {
  for (Node* node = chapter.first.load(std::memory_order_acquire); node != nullptr;
       node = node->next_in_chapter.load(std::memory_order_acquire)) {
    if (!node->flags.has_elsewhere) continue;
    for (const Detail* detail = node->details; detail != nullptr;) {
      const Detail* const next = detail->next;
      if (detail->kind == Detail::Kind::elsewhere) {
        // The last look at it: it lies in the chapter that it holds.
        static_cast<const ElsewhereDetail*>(detail)->chapter->pins.fetch_sub(
            1, std::memory_order_release);
      }
      detail = next;
    }
  }
  Block* chain = nullptr;
  unchain(&chapter, chain);
  block_pool.give_back(chain);
}

/// Gives the memory of a record back; returns the segment around it, whose reference it held. Only
/// who dropped the last reference calls this.
inline Record* recycle(Record* record) noexcept {
  Record* const outer = record->outer.record;
  const bool sampled = record->sampled;
  Block* chain = nullptr;
  for (Strand* strand = record->strands.load(std::memory_order_acquire); strand != nullptr;) {
    // The strand lies in its first chapter: read all of it first.
    Strand* const next = strand->next;
    for (Chapter* chapter = &strand->first; chapter != nullptr;) {
      Chapter* const following = chapter->next.load(std::memory_order_relaxed);
      unchain(chapter, chain);
      chapter = following;
    }
    strand = next;
  }
  if (sampled) {
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

/// Keeps the chapters of a strand where they are. A record that a forked child inherited is used by
/// its one thread alone, whatever the parent's threads were doing.
class ChaptersInUse {
 public:
  explicit ChaptersInUse(Strand& strand) noexcept : strand_(strand) {
    if (strand_.record->generation != fork_generation) return;
    while (strand_.busy.exchange(true, std::memory_order_acquire)) sched_yield();
    held_ = true;
  }
  ChaptersInUse(const ChaptersInUse&) = delete;
  ChaptersInUse& operator=(const ChaptersInUse&) = delete;
  ~ChaptersInUse() {
    if (held_) strand_.busy.store(false, std::memory_order_release);
  }

 private:
  Strand& strand_;
  bool held_ = false;
};

template <typename Visit>
void for_each_node(const Chapter& chapter, Visit&& visit) {
  for (Node* node = chapter.first.load(std::memory_order_acquire); node != nullptr;
       node = node->next_in_chapter.load(std::memory_order_acquire)) {
    visit(node);
  }
}

/// For the strand's own thread, or with its chapters in use.
template <typename Visit>
void for_each_node(const Strand& strand, Visit&& visit) {
  for (const Chapter* chapter = &strand.first; chapter != nullptr;
       chapter = chapter->next.load(std::memory_order_acquire)) {
    for_each_node(*chapter, visit);
  }
}

}  // namespace detail
XRAY_NAMESPACE_END
