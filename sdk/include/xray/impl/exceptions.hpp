// What the C++ runtime says of exceptions, in programs built with them and without.
#pragma once

#include <cxxabi.h>

#include <new>

#include <xray/impl/thread_state.hpp>

#if defined(__cpp_exceptions)
#define XRAY_TRY try
#define XRAY_CATCH_BAD_ALLOC catch (const std::bad_alloc&)
#else
#define XRAY_TRY
#define XRAY_CATCH_BAD_ALLOC if constexpr (false)
#endif

XRAY_NAMESPACE_BEGIN
namespace detail {

/// The C++ runtime's account of a thread's exceptions; the Itanium ABI fixes how it begins.
struct ThreadExceptions {
  void* caught;
  unsigned uncaught;
};

/// std::uncaught_exceptions() where the thread's account has been looked up.
inline int known_uncaught_exceptions(const ThreadState& thread) noexcept {
  return static_cast<int>(static_cast<const ThreadExceptions*>(thread.exceptions)->uncaught);
}

/// std::uncaught_exceptions(), without looking up the thread's account each time.
inline int uncaught_exceptions(ThreadState& thread) noexcept {
  if (__builtin_expect(static_cast<long>(thread.exceptions == nullptr), 0) != 0) {
    thread.exceptions = abi::__cxa_get_globals();
  }
  return known_uncaught_exceptions(thread);
}

}  // namespace detail
XRAY_NAMESPACE_END
