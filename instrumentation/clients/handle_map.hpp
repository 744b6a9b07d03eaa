// What is known of the handles that C libraries give out.
#pragma once

#include <pthread.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>

#include <xray/config.hpp>

#include "clients/keep_errno.hpp"
#include "patching/hook_changes.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {

/// A lock that no child of fork() finds taken by a thread that it does not have: all of them are
/// held around fork. Never destroyed while the process lives, so for statics only.
class ForkSafeLock {
 public:
  ForkSafeLock() noexcept;
  ForkSafeLock(const ForkSafeLock&) = delete;
  ForkSafeLock& operator=(const ForkSafeLock&) = delete;
  ~ForkSafeLock() = default;

  void lock() noexcept { pthread_mutex_lock(&mutex_); }
  void unlock() noexcept { pthread_mutex_unlock(&mutex_); }

 private:
  friend struct AllForkSafeLocks;
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  ForkSafeLock* next_;
};

class HeldLock {
 public:
  explicit HeldLock(ForkSafeLock& lock) noexcept : lock_(lock) { lock_.lock(); }
  HeldLock(const HeldLock&) = delete;
  HeldLock& operator=(const HeldLock&) = delete;
  ~HeldLock() { lock_.unlock(); }

 private:
  ForkSafeLock& lock_;
};

/// What becomes of what is known when hooks are taken away: from then on handles may be closed, and
/// their addresses given to others, where nobody sees it.
enum class OnceUnhooked : unsigned char {
  forgotten,
  kept,  ///< the values know by themselves what they are worth
};

/// A value for each handle, by its address. Thread-safe; handles are spread over several locks. An
/// instance is made once and never destroyed: see NeverDestroyed. Under the lock nothing foreign
/// may be called: no library, no SDK.
template <typename Value, OnceUnhooked OnUnhooking = OnceUnhooked::forgotten>
class HandleMap {
 public:
  HandleMap() = default;
  HandleMap(const HandleMap&) = delete;
  HandleMap& operator=(const HandleMap&) = delete;
  ~HandleMap() = delete;

  /// Whether there is nothing in it: a nanosecond, so that wrappers ask before they look.
  [[nodiscard]] bool empty() const noexcept { return size_.load(std::memory_order_acquire) == 0; }

  /// Replaces what was known and returns it. Throws std::bad_alloc, and has changed nothing then.
  std::optional<Value> put(const void* handle, Value value) {
    forget_what_is_stale();
    Part& part = part_of(handle);
    const HeldLock lock(part.lock);
    const auto known = part.values.find(handle);
    if (known != part.values.end()) return std::exchange(known->second, std::move(value));
    if (part.spare) {
      part.spare.key() = handle;
      part.spare.mapped() = std::move(value);
      part.values.insert(std::move(part.spare));
    } else {
      part.values.emplace(handle, std::move(value));
    }
    size_.fetch_add(1, std::memory_order_release);
    return std::nullopt;
  }

  std::optional<Value> take(const void* handle) noexcept {
    if (empty()) return std::nullopt;
    forget_what_is_stale();
    Part& part = part_of(handle);
    const HeldLock lock(part.lock);
    const auto entry = part.values.find(handle);
    if (entry == part.values.end()) return std::nullopt;
    std::optional<Value> value(std::move(entry->second));
    part.spare = part.values.extract(entry);
    size_.fetch_sub(1, std::memory_order_release);
    return value;
  }

  /// Calls `look(Value&)` under the lock; false if nothing is known of the handle.
  template <typename Look>
  bool with(const void* handle, Look&& look) {
    if (empty()) return false;
    forget_what_is_stale();
    Part& part = part_of(handle);
    const HeldLock lock(part.lock);
    const auto entry = part.values.find(handle);
    if (entry == part.values.end()) return false;
    look(entry->second);
    return true;
  }

  /// A copy of what is known.
  std::optional<Value> find(const void* handle) {
    std::optional<Value> value;
    with(handle, [&value](const Value& known) { value = known; });
    return value;
  }

 private:
  using Values = std::unordered_map<const void*, Value>;
  struct Part {
    ForkSafeLock lock;
    Values values;
    /// Of what was taken last: handles that come and go ask for no memory.
    typename Values::node_type spare;
  };

  /// By the first thread that comes by after a change; one that puts something in meanwhile may
  /// lose that.
  void forget_what_is_stale() noexcept {
    if constexpr (OnUnhooking == OnceUnhooked::kept) return;
    const patching::SeenSince now = patching::HookChanges::about_now();
    patching::SeenSince since = since_.load(std::memory_order_acquire);
    if (since == now || !since_.compare_exchange_strong(since, now)) return;
    if (empty()) return;
    const KeepErrno errno_kept;
    for (Part& part : parts_) {
      Values stale;  // ends outside the lock
      const HeldLock lock(part.lock);
      stale.swap(part.values);
      size_.fetch_sub(stale.size(), std::memory_order_release);
    }
  }

  Part& part_of(const void* handle) noexcept {
    // Allocations are 16 bytes apart or more, big ones often at the same place of a page.
    const auto address = reinterpret_cast<std::uintptr_t>(handle);
    return parts_[((address >> 4U) ^ (address >> 12U)) % parts_.size()];
  }

  std::array<Part, 16> parts_;
  std::atomic<std::size_t> size_{0};
  std::atomic<patching::SeenSince> since_{patching::HookChanges::about_now()};
};

}  // namespace clients
XRAY_NAMESPACE_END
