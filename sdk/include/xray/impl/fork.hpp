// What happens to the SDK when the process forks.
#pragma once

#include <pthread.h>

#include <cstdint>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Counts the forks behind this process, from 1. Thread state and records of an earlier generation
/// belong to the parent.
inline std::uint32_t fork_generation = 1;

/// Guards the making of the runtime.
inline pthread_mutex_t runtime_mutex = PTHREAD_MUTEX_INITIALIZER;

// The runtime's part, where there is one: runtime.ipp.
void lock_for_fork() noexcept;
void unlock_after_fork() noexcept;
void start_anew_after_fork() noexcept;

/// From the first use of anything on: a child counts up, and finds no lock held by a thread that it
/// does not have.
inline void watch_forks() noexcept {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, [] {
    pthread_atfork(
        [] {
          pthread_mutex_lock(&runtime_mutex);
          lock_for_fork();
        },
        [] {
          unlock_after_fork();
          pthread_mutex_unlock(&runtime_mutex);
        },
        [] {
          ++fork_generation;
          start_anew_after_fork();
          pthread_mutex_unlock(&runtime_mutex);
        });
  });
}

}  // namespace detail
XRAY_NAMESPACE_END
