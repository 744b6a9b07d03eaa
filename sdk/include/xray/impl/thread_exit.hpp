// Giving back what a thread holds when it ends.
#pragma once

#include <pthread.h>

#include <atomic>

#include <xray/impl/arena.hpp>
#include <xray/impl/recorder.hpp>
#include <xray/impl/runtime.hpp>
#include <xray/impl/thrown.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

XRAY_PROCESS_WIDE inline pthread_key_t thread_exit_key = 0;
XRAY_PROCESS_WIDE inline std::atomic<bool> thread_exit_key_made{false};

/// Called by pthread at thread exit; a thread that traces after this sets the hook again, and is
/// called again.
inline void at_thread_exit(void* state) noexcept {
  auto& thread = *static_cast<ThreadState*>(state);
  thread.exit_hook_set = false;
  // Segments of this thread that were left open: their handles live on, elsewhere or leaked.
  while (thread.current.record != nullptr) leave(thread);
  if (Record* const record = thread.unsampled) {
    thread.unsampled = nullptr;
    recycle(record);
  }
  forget_thrown(thread);
  Block* const blocks = thread.free_blocks;
  thread.free_blocks = nullptr;
  thread.free_count = 0;
  if (blocks != nullptr) block_pool.give_back(blocks);
}

/// Once a process, with keep_loaded(&at_thread_exit) before it.
inline void make_thread_exit_key() noexcept {
  thread_exit_key_made.store(pthread_key_create(&thread_exit_key, &at_thread_exit) == 0,
                             std::memory_order_release);
}

inline void hook_thread_exit(ThreadState& thread) noexcept {
  thread.exit_hook_set = thread_exit_key_made.load(std::memory_order_acquire) &&
                         pthread_setspecific(thread_exit_key, &thread) == 0;
  // The first trace of a thread, and so of the process, comes through here.
  if (Runtime* const run = runtime_instance.load(std::memory_order_acquire)) run->look_around();
}

}  // namespace detail
XRAY_NAMESPACE_END
