// Where a wrapper finds the function that it stands for.
#pragma once

#include <atomic>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace patching {

/// The address of the library's own function; set before anything leads to the wrapper, and left
/// there afterwards: a thread may be inside. Constant-initialised, no destructor.
class OriginalAddress {
 public:
  constexpr OriginalAddress() noexcept = default;
  OriginalAddress(const OriginalAddress&) = delete;
  OriginalAddress& operator=(const OriginalAddress&) = delete;

  void set(void* function) noexcept { address_.store(function, std::memory_order_release); }

  /// For wrappers, which run only once it is set.
  [[nodiscard]] void* get() const noexcept {
    void* const address = address_.load(std::memory_order_relaxed);
    return __builtin_expect(address != nullptr, 1) ? address : get_in_order();
  }

 private:
  // A processor may read this before it has read the pointer that led to the wrapper.
  [[gnu::noinline]] void* get_in_order() const noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return address_.load(std::memory_order_acquire);
  }

  std::atomic<void*> address_{nullptr};
};

/// The same with the function's type, and called like it: `original(handle, option, value)`.
template <typename Function>
class Original : public OriginalAddress {
 public:
  operator Function*() const noexcept { return reinterpret_cast<Function*>(get()); }
};

}  // namespace patching
XRAY_NAMESPACE_END
