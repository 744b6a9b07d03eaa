// Code that outlives dlclose.
#pragma once

#include <dlfcn.h>

#include <atomic>
#include <cstring>
#include <type_traits>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// What is kept for good: nobody asks for it twice. In a child of fork() the loader may be in use
/// by a thread that the child does not have, and then it answers nobody any more.
XRAY_PROCESS_WIDE inline std::atomic<const void*> kept_for_good[32] = {};

inline bool was_kept(const void* inside) noexcept {
  for (std::atomic<const void*>& kept : kept_for_good) {
    const void* const known = kept.load(std::memory_order_acquire);
    if (known == inside) return true;
    if (known == nullptr) return false;
  }
  return false;
}

inline void note_kept(const void* inside) noexcept {
  for (std::atomic<const void*>& kept : kept_for_good) {
    const void* known = nullptr;
    if (kept.compare_exchange_strong(known, inside) || known == inside) return;
  }
}

/// Keeps the library that `inside` points into in the process. Whoever gives out the address of a
/// function (to a thread, to fork, to exit, to a thread's end) calls this first: the library may be
/// a plugin, and closed before the call comes. Takes the loader's lock: hold none of ours, for a
/// library's constructor that traces holds the two the other way round.
inline void keep_loaded(const void* inside) noexcept {
  if (inside == nullptr || was_kept(inside)) return;
  Dl_info library{};
  if (dladdr(inside, &library) != 0 && library.dli_fname != nullptr) {
    dlopen(library.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  }
  note_kept(inside);
}

/// The same, of a function.
template <typename Result, typename... Arguments>
void keep_loaded(Result (*function)(Arguments...)) noexcept {
  keep_loaded(reinterpret_cast<const void*>(function));
}

/// The same, of an object with virtual functions: of the library that they come from.
template <typename Object>
void keep_loaded_for(const Object* object) noexcept {
  static_assert(std::is_polymorphic_v<Object>);
  if (object == nullptr) return;
  const void* functions = nullptr;  // where every object of the Itanium ABI says so: at its begin
  std::memcpy(&functions, static_cast<const void*>(object), sizeof functions);
  keep_loaded(functions);
}

}  // namespace detail
XRAY_NAMESPACE_END
