// The function that one of the preload library's own stands before.
#pragma once

#include <dlfcn.h>

#include <atomic>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace preload {

/// Looked up when the library is loaded (find()), or at the first call, if that comes before:
/// in a child of vfork() or in a signal handler the loader is better left alone. Constant-
/// initialised. Called like the function.
template <typename Function>
class NextFunction {
 public:
  constexpr explicit NextFunction(const char* name) noexcept : name_(name) {}
  NextFunction(const NextFunction&) = delete;
  NextFunction& operator=(const NextFunction&) = delete;

  void find() noexcept { address_.store(dlsym(RTLD_NEXT, name_), std::memory_order_release); }

  template <typename... Arguments>
  auto operator()(Arguments... arguments) {
    if (address_.load(std::memory_order_acquire) == nullptr) find();
    return reinterpret_cast<Function*>(address_.load(std::memory_order_acquire))(arguments...);
  }

 private:
  const char* name_;
  std::atomic<void*> address_{nullptr};
};

/// Finds all of them; which those are is the business of the files that have them.
void find_next_exits() noexcept;
void find_next_programs() noexcept;
void find_next_signals() noexcept;

}  // namespace preload
XRAY_NAMESPACE_END
