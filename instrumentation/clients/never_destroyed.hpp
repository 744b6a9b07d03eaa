// Statics that live until the very end of the process.
#pragma once

#include <new>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace clients {

/// Wrappers run in static destructors and exit handlers, too. Made in its own memory: nothing is
/// asked for that could be lacking. As `static NeverDestroyed<T> name;` in a function.
template <typename T>
class NeverDestroyed {
 public:
  NeverDestroyed() noexcept : made_(::new (static_cast<void*>(place_)) T) {}
  NeverDestroyed(const NeverDestroyed&) = delete;
  NeverDestroyed& operator=(const NeverDestroyed&) = delete;
  ~NeverDestroyed() = default;

  T& operator*() noexcept { return *made_; }

 private:
  alignas(T) unsigned char place_[sizeof(T)];
  T* made_;
};

}  // namespace clients
XRAY_NAMESPACE_END
