// What happens to the SDK when the process forks.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>

#include <xray/config.hpp>
#include <xray/impl/keep_loaded.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Counts the forks behind this process, from 1. Thread state and records of an earlier generation
/// belong to the parent.
XRAY_PROCESS_WIDE inline std::uint32_t fork_generation = 1;

/// Guards the making of the runtime.
XRAY_PROCESS_WIDE inline pthread_mutex_t runtime_mutex = PTHREAD_MUTEX_INITIALIZER;

/// Whether fork handlers were registered, and the doing of it.
XRAY_PROCESS_WIDE inline std::atomic<bool> forks_are_watched{false};
XRAY_PROCESS_WIDE inline pthread_once_t forks_watched = PTHREAD_ONCE_INIT;

// The runtime's part, where there is one: runtime.ipp.
XRAY_DECL void lock_for_fork() noexcept;
XRAY_DECL void unlock_after_fork() noexcept;
XRAY_DECL void start_anew_after_fork() noexcept;

inline void before_fork() noexcept {
  pthread_mutex_lock(&runtime_mutex);
  lock_for_fork();
}

inline void after_fork_in_parent() noexcept {
  unlock_after_fork();
  pthread_mutex_unlock(&runtime_mutex);
}

inline void after_fork_in_child() noexcept {
  ++fork_generation;
  start_anew_after_fork();
  pthread_mutex_unlock(&runtime_mutex);
}

/// From the first use of anything on: a child counts up, and finds no lock held by a thread that it
/// does not have. Registered handlers leave with the library they were registered from, so that
/// one stays.
inline void watch_forks() noexcept {
  if (forks_are_watched.load(std::memory_order_acquire)) return;
  keep_loaded(&before_fork);
  pthread_once(&forks_watched, [] {
    pthread_atfork(&before_fork, &after_fork_in_parent, &after_fork_in_child);
    forks_are_watched.store(true, std::memory_order_release);
  });
}

}  // namespace detail
XRAY_NAMESPACE_END
