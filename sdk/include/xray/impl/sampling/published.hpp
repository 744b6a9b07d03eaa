// An object that many threads read and one replaces.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <xray/impl/thread_state.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Readers neither lock nor wait: each counts itself in and out, on one of a few counters, so that
/// threads seldom share one. What was replaced is freed once every counter has been seen at zero
/// since then.
///
/// Why that is enough: a reader counts itself in before it loads the pointer, and the writer
/// replaces the pointer before it looks at the counters. All four are sequentially consistent, so a
/// reader that still got the old object had counted itself in when the writer looked; a counter at
/// zero then means that this reader has counted itself out, by a release that the writer's look
/// acquires (directly, or through the counting of others: those are read-modify-writes). Who counts
/// itself in later loads the pointer later, too, and gets the new object. The counters need not be
/// at zero at the same time.
template <typename Object>
class Published {
 public:
  Published() = default;
  Published(const Published&) = delete;
  Published& operator=(const Published&) = delete;
  ~Published() = default;

  /// What get() gives stays as long as this lives.
  class Reading {
   public:
    explicit Reading(Published& published) noexcept : counter_(published.counter_of_this_thread()) {
      counter_.fetch_add(1, std::memory_order_seq_cst);
      object_ = published.current_.load(std::memory_order_seq_cst);
    }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    ~Reading() { counter_.fetch_sub(1, std::memory_order_release); }

    [[nodiscard]] Object* get() const noexcept { return object_; }

   private:
    std::atomic<std::uint64_t>& counter_;
    Object* object_;
  };

  /// Null at first. What was published before stays with its owner, who retires it.
  void publish(Object* object) noexcept { current_.store(object, std::memory_order_seq_cst); }

  /// What a reader would get now.
  [[nodiscard]] Object* current() const noexcept { return current_.load(); }

  // Of the one thread that replaces.

  /// Makes room for one more to retire: once it is published no more, it must not find itself
  /// without.
  void prepare_to_retire() { retired_.reserve(retired_.size() + 1); }

  /// Frees an object that is published no more, when nobody reads it any longer.
  void retire(std::unique_ptr<Object> object) noexcept {
    if (object != nullptr) retired_.push_back({std::move(object), all_counters});
  }

  /// Frees what can be freed by now; how many objects can't.
  std::size_t reclaim() noexcept {
    std::uint32_t at_zero = 0;
    for (std::size_t i = 0; i < counters; ++i) {
      if (readers_[i].count.load(std::memory_order_seq_cst) == 0) at_zero |= 1U << i;
    }
    std::size_t kept = 0;
    for (Retired& retired : retired_) {
      retired.not_at_zero &= ~at_zero;
      if (retired.not_at_zero == 0) {
        retired.object.reset();
      } else {
        if (&retired != &retired_[kept]) retired_[kept] = std::move(retired);
        ++kept;
      }
    }
    retired_.resize(kept);
    return kept;
  }

 private:
  static constexpr std::size_t counters = 16;
  static constexpr std::uint32_t all_counters = (1U << counters) - 1U;

  struct alignas(64) Readers {
    std::atomic<std::uint64_t> count{0};
  };

  struct Retired {
    std::unique_ptr<Object> object;
    std::uint32_t not_at_zero = 0;  ///< a bit for each counter not yet seen there
  };

  /// Threads' states lie far apart, at addresses whose lower bits are much the same.
  std::atomic<std::uint64_t>& counter_of_this_thread() noexcept {
    const auto address =
        static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(&thread_state));
    return readers_[(address * 0x9e3779b97f4a7c15U) >> 60U].count;
  }

  std::array<Readers, counters> readers_;
  alignas(64) std::atomic<Object*> current_{nullptr};
  std::vector<Retired> retired_;
};

}  // namespace detail
XRAY_NAMESPACE_END
