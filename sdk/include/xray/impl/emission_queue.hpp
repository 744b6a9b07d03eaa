// What is to be written and sent, on its way to the sender.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include <xray/impl/record.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// A bounded lock-free queue of many producers and one consumer (after Vyukov's ring: each slot
/// carries the turn at which it may be written or read).
class EmissionQueue {
 public:
  /// `capacity`: a power of two. Throws std::bad_alloc.
  explicit EmissionQueue(std::size_t capacity) : mask_(capacity - 1), slots_(new Slot[capacity]) {
    reset();
  }

  /// False when the queue is full.
  bool push(const Emission& entry) noexcept {
    std::uint64_t position = tail_.load(std::memory_order_relaxed);
    while (true) {
      Slot& slot = slots_[position & mask_];
      const std::uint64_t turn = slot.turn.load(std::memory_order_acquire);
      if (turn == position) {
        if (tail_.compare_exchange_weak(position, position + 1)) {
          slot.entry = entry;
          slot.turn.store(position + 1, std::memory_order_release);
          return true;
        }
      } else if (static_cast<std::int64_t>(turn - position) < 0) {
        return false;
      } else {
        position = tail_.load(std::memory_order_relaxed);
      }
    }
  }

  /// False when nothing is ready. Consumer only.
  bool pop(Emission& entry) noexcept {
    const std::uint64_t position = head_.load(std::memory_order_relaxed);
    Slot& slot = slots_[position & mask_];
    if (slot.turn.load(std::memory_order_acquire) != position + 1) return false;
    entry = slot.entry;
    slot.turn.store(position + mask_ + 1, std::memory_order_release);
    head_.store(position + 1, std::memory_order_relaxed);
    return true;
  }

  /// How many entries were ever pushed: also counts one that is being written right now.
  [[nodiscard]] std::uint64_t pushed() const noexcept { return tail_.load(); }
  [[nodiscard]] std::uint64_t popped() const noexcept {
    return head_.load(std::memory_order_relaxed);
  }

  /// Forgets everything. Only while nobody else uses the queue: made, or in a forked child.
  void reset() noexcept {
    for (std::uint64_t i = 0; i <= mask_; ++i) slots_[i].turn.store(i, std::memory_order_relaxed);
    tail_.store(0);
    head_.store(0);
  }

 private:
  struct Slot {
    std::atomic<std::uint64_t> turn;
    Emission entry;
  };

  const std::uint64_t mask_;
  const std::unique_ptr<Slot[]> slots_;
  alignas(64) std::atomic<std::uint64_t> tail_{0};
  alignas(64) std::atomic<std::uint64_t> head_{0};
};

}  // namespace detail
XRAY_NAMESPACE_END
