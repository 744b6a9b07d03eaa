// Giving back what a thread holds when it ends.
#pragma once

#include <pthread.h>

#include <xray/impl/arena.hpp>
#include <xray/impl/record.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

inline void release(Record* record) noexcept;

inline pthread_key_t thread_exit_key;
inline bool thread_exit_key_made = false;

/// Called by pthread at thread exit; a thread that traces after this sets the hook again, and is
/// called again.
inline void at_thread_exit(void* state) noexcept {
  auto& thread = *static_cast<ThreadState*>(state);
  thread.exit_hook_set = false;
  while (thread.record != nullptr) {
    Record* const record = thread.record;
    const bool mine = record->own.thread == &thread;
    // Segments of this thread that were left open: their handles live on, elsewhere or leaked.
    thread.record = mine ? record->outer.record : nullptr;
    thread.node = nullptr;
    thread.strand = nullptr;
    if (mine) record->outer = {};
    release(record);
  }
  Block* const blocks = thread.free_blocks;
  thread.free_blocks = nullptr;
  thread.free_count = 0;
  if (blocks != nullptr) block_pool.give_back(blocks);
}

inline void make_thread_exit_key() noexcept {
  thread_exit_key_made =
      pthread_key_create(&thread_exit_key, [](void* state) { at_thread_exit(state); }) == 0;
}

inline void hook_thread_exit(ThreadState& thread) noexcept {
  thread.exit_hook_set = true;
  if (thread_exit_key_made) pthread_setspecific(thread_exit_key, &thread);
}

}  // namespace detail
XRAY_NAMESPACE_END
