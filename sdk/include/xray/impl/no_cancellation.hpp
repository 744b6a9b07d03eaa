// Our own work is never the place where a thread is cancelled.
#pragma once

#include <pthread.h>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// As long as it lives, pthread_cancel() of this thread waits: around system calls that functions
/// make which let no exception through, as a cancellation there would end the process. 50 ns.
class NoCancellation {
 public:
  NoCancellation() noexcept { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
  NoCancellation(const NoCancellation&) = delete;
  NoCancellation& operator=(const NoCancellation&) = delete;
  ~NoCancellation() { pthread_setcancelstate(before_, nullptr); }

 private:
  int before_ = PTHREAD_CANCEL_ENABLE;
};

}  // namespace detail
XRAY_NAMESPACE_END
