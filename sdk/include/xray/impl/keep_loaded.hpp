// Code that outlives dlclose.
#pragma once

#include <dlfcn.h>

#include <cstring>
#include <type_traits>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Keeps the library that `inside` points into in the process. Whoever gives out the address of a
/// function (to a thread, to fork, to exit, to a thread's end) calls this first: the library may be
/// a plugin, and closed before the call comes. Takes the loader's lock: hold none of ours, for a
/// library's constructor that traces holds the two the other way round.
inline void keep_loaded(const void* inside) noexcept {
  Dl_info library{};
  if (inside != nullptr && dladdr(inside, &library) != 0 && library.dli_fname != nullptr) {
    dlopen(library.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  }
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
