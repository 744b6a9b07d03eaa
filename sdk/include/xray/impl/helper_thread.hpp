// Threads of the SDK's own.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <cstddef>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

enum class ThreadEnd : unsigned char { joined, detached };

/// Starts a thread that none of the program's signals reaches, with a stack large enough for the
/// system's resolver. 0, or the error. The thread names itself: it may be gone before anybody else
/// could.
inline int start_thread(pthread_t& thread, ThreadEnd end, void* (*run)(void*),
                        void* argument) noexcept {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, std::size_t{512} << 10U);
  if (end == ThreadEnd::detached) {
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  }
  const int error = pthread_create(&thread, &attributes, run, argument);
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return error;
}

}  // namespace detail
XRAY_NAMESPACE_END
