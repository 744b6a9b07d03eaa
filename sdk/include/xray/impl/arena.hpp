// Memory of records: fixed blocks that circulate between the threads that record and the sender.
#pragma once

#include <pthread.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#include <xray/impl/thread_state.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Size of a pooled block, header included: room for a segment with some 15 annotated subsegments.
inline constexpr std::size_t block_bytes = 4096;
/// Blocks a thread keeps for itself, and takes from the shared pool at a time.
inline constexpr std::uint32_t thread_blocks = 16;
/// Blocks the shared pool keeps (16 MiB); more go back to malloc.
inline constexpr std::size_t pooled_blocks = 4096;

struct Block {
  Block* next;
  std::size_t size;  ///< bytes, header included; other than block_bytes: not pooled

  [[nodiscard]] char* begin() noexcept { return reinterpret_cast<char*>(this) + sizeof(Block); }
  [[nodiscard]] char* end() noexcept { return reinterpret_cast<char*>(this) + size; }
};

/// The shared pool. Touched once for every `thread_blocks` segments of a thread, and once for every
/// record by the sender.
struct BlockPool {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  Block* head = nullptr;
  std::size_t count = 0;

  /// Up to `thread_blocks` blocks for a thread that has none.
  void refill(ThreadState& thread) noexcept {
    pthread_mutex_lock(&mutex);
    while (head != nullptr && thread.free_count < thread_blocks) {
      Block* const block = head;
      head = block->next;
      --count;
      block->next = thread.free_blocks;
      thread.free_blocks = block;
      ++thread.free_count;
    }
    pthread_mutex_unlock(&mutex);
  }

  /// Takes back a chain.
  void give_back(Block* chain) noexcept {
    Block* surplus = nullptr;
    pthread_mutex_lock(&mutex);
    while (chain != nullptr) {
      Block* const block = chain;
      chain = block->next;
      Block*& list = block->size == block_bytes && count < pooled_blocks ? head : surplus;
      if (&list == &head) ++count;
      block->next = list;
      list = block;
    }
    pthread_mutex_unlock(&mutex);
    while (surplus != nullptr) {
      Block* const block = surplus;
      surplus = block->next;
      std::free(block);
    }
  }
};

XRAY_PROCESS_WIDE inline BlockPool block_pool;

inline void hook_thread_exit(ThreadState& thread) noexcept;

/// A block of the pooled size, or null when there is no memory.
inline Block* take_block(ThreadState& thread) noexcept {
  if (thread.free_blocks == nullptr) {
    // A thread that will not be asked to give its blocks back gets none to keep.
    if (!thread.exit_hook_set) hook_thread_exit(thread);
    if (thread.exit_hook_set) block_pool.refill(thread);
    if (thread.free_blocks == nullptr) {
      void* const memory = std::malloc(block_bytes);
      return memory != nullptr ? new (memory) Block{nullptr, block_bytes} : nullptr;
    }
  }
  Block* const block = thread.free_blocks;
  thread.free_blocks = block->next;
  --thread.free_count;
  block->next = nullptr;
  return block;
}

/// Returns a chain from a thread that records: what it may keep, it keeps.
inline void return_blocks(ThreadState& thread, Block* chain) noexcept {
  while (chain != nullptr && chain->size == block_bytes && thread.exit_hook_set &&
         thread.free_count < 2 * thread_blocks) {
    Block* const block = chain;
    chain = block->next;
    block->next = thread.free_blocks;
    thread.free_blocks = block;
    ++thread.free_count;
  }
  if (chain != nullptr) block_pool.give_back(chain);
}

/// What one thread may keep of one open segment, in bytes. Set once, from the configuration.
XRAY_PROCESS_WIDE inline std::size_t segment_memory = std::size_t{64} << 20U;
/// A chapter of so many bytes is followed by another one.
XRAY_PROCESS_WIDE inline std::size_t chapter_memory = std::size_t{1} << 20U;

/// Bump allocation from a chain of blocks; one thread at a time.
struct Arena {
  char* cursor = nullptr;
  char* limit = nullptr;
  Block* blocks = nullptr;
  std::size_t bytes = 0;        ///< of all blocks
  std::size_t* kept = nullptr;  ///< bytes of all arenas that share a limit, this one's among them
  std::uint32_t room = 0;       ///< entities that may still begin here

  void begin(Block* first, std::size_t& all) noexcept {
    kept = &all;
    all += first->size;
    blocks = first;
    cursor = first->begin();
    limit = first->end();
    bytes = first->size;
  }

  /// Memory for `size` bytes, aligned for anything here; null when there is none left.
  void* allocate(ThreadState& thread, std::size_t size) noexcept {
    const std::size_t rounded = (size + 7U) & ~std::size_t{7};
    if (__builtin_expect(static_cast<long>(static_cast<std::size_t>(limit - cursor) < rounded),
                         0) != 0) {
      return allocate_more(thread, rounded);
    }
    char* const result = cursor;
    cursor += rounded;
    return result;
  }

 private:
  void* allocate_more(ThreadState& thread, std::size_t rounded) noexcept {
    if (rounded > segment_memory || *kept + rounded > segment_memory) return nullptr;
    if (bytes > chapter_memory) room = 0;
    if (rounded > block_bytes - sizeof(Block)) {
      // A long string gets a block of its own; the current one stays in use.
      const std::size_t size = sizeof(Block) + rounded;
      void* const memory = std::malloc(size);
      if (memory == nullptr) return nullptr;
      auto* const block = new (memory) Block{blocks, size};
      blocks = block;
      bytes += size;
      *kept += size;
      return block->begin();
    }
    Block* const block = take_block(thread);
    if (block == nullptr) return nullptr;
    block->next = blocks;
    blocks = block;
    bytes += block->size;
    *kept += block->size;
    cursor = block->begin() + rounded;
    limit = block->end();
    return block->begin();
  }
};

}  // namespace detail
XRAY_NAMESPACE_END
