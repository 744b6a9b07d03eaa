#include "clients/handle_map.hpp"

#include <xray/impl/keep_loaded.hpp>

XRAY_NAMESPACE_BEGIN
namespace clients {

struct AllForkSafeLocks {
  static inline std::atomic<ForkSafeLock*> first{nullptr};
  /// One fork at a time, and the locks that it holds: one that is made meanwhile is none of them.
  static inline pthread_mutex_t forking = PTHREAD_MUTEX_INITIALIZER;
  static inline ForkSafeLock* held = nullptr;

  static void add(ForkSafeLock& lock) noexcept {
    lock.next_ = first.load(std::memory_order_relaxed);
    while (!first.compare_exchange_weak(lock.next_, &lock, std::memory_order_acq_rel)) {
    }
    static const bool is_watched = watch();
    static_cast<void>(is_watched);
  }

 private:
  static bool watch() noexcept {
    xray::detail::keep_loaded(&hold);
    pthread_atfork(&hold, &release, &release);
    return true;
  }
  static void hold() noexcept {
    pthread_mutex_lock(&forking);
    held = first.load(std::memory_order_acquire);
    for (ForkSafeLock* lock = held; lock != nullptr; lock = lock->next_) lock->lock();
  }
  static void release() noexcept {
    for (ForkSafeLock* lock = held; lock != nullptr; lock = lock->next_) lock->unlock();
    pthread_mutex_unlock(&forking);
  }
};

ForkSafeLock::ForkSafeLock() noexcept {
  AllForkSafeLocks::add(*this);
}

}  // namespace clients
XRAY_NAMESPACE_END
