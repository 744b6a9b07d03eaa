// Attempts at one AWS call, joined.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include <xray/fixed_text.hpp>

#include "recognised_call.hpp"

namespace xray::instrumentation {

/// Whether an SDK is likely to try again after this answer: none came, the service failed or said
/// "slow down", and another attempt is left (three where the request does not say how many).
bool will_be_retried(const RecognisedCall& call) noexcept;

/// How long the next attempt may let wait for it: SDKs wait up to twice as long each time, and 20 s
/// at most; and a second for the rest.
std::chrono::milliseconds longest_pause_after(int attempt) noexcept;

/// Keeps what belongs to a call between its attempts, so that they become one subsegment. Attempts
/// at one call have one `amz-sdk-invocation-id`; calls without one are never kept. `Held` is the
/// caller's: the open subsegment and what was recognised so far. Pure logic without a clock, memory
/// or lock of its own: one thread at a time.
///
///     if (auto held = joiner.resume(call.invocation_id, now)) ...   // this is another attempt
///     ...
///     auto over = joiner.attempt_over(call, std::move(held), now);  // record and end it, if any
template <typename Held, std::size_t Capacity = 32>
class RetryJoiner {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// What was kept of an earlier attempt, if it can still be the same call.
  std::optional<Held> resume(std::string_view invocation_id, Time now) noexcept {
    if (invocation_id.empty()) return std::nullopt;
    for (std::optional<Slot>& slot : slots_) {
      if (slot && slot->invocation_id.view() == invocation_id && now < slot->until) {
        return take(slot);
      }
    }
    return std::nullopt;
  }

  /// An attempt is over. Returns what is to be ended now: what was given, if no further attempt is
  /// likely, or the oldest that was kept if there was no room; nothing while all is kept.
  std::optional<Held> attempt_over(const RecognisedCall& call, Held held, Time now) noexcept {
    if (call.invocation_id.empty() || !will_be_retried(call)) return held;
    std::optional<Held> displaced;
    std::optional<Slot>& slot = free_or_first_to_expire();
    if (slot) displaced = take(slot);
    slot.emplace(
        Slot{call.invocation_id, now + longest_pause_after(call.attempt), std::move(held)});
    return displaced;
  }

  /// Hands over, one by one, what waited in vain: to be called now and then.
  template <typename End>
  void release_expired(Time now, End&& end) {
    for (std::optional<Slot>& slot : slots_) {
      if (slot && slot->until <= now) end(take(slot));
    }
  }

  /// Hands over everything: when the program ends, or the segment that the calls are part of.
  template <typename End>
  void release_all(End&& end) {
    for (std::optional<Slot>& slot : slots_) {
      if (slot) end(take(slot));
    }
  }

  [[nodiscard]] std::size_t size() const noexcept {
    std::size_t count = 0;
    for (const std::optional<Slot>& slot : slots_) count += slot ? 1U : 0U;
    return count;
  }

 private:
  struct Slot {
    FixedText<64> invocation_id;
    Time until;
    Held held;
  };

  static Held take(std::optional<Slot>& slot) noexcept {
    Held held = std::move(slot->held);
    slot.reset();
    return held;
  }

  std::optional<Slot>& free_or_first_to_expire() noexcept {
    std::optional<Slot>* first = &slots_[0];
    for (std::optional<Slot>& slot : slots_) {
      if (!slot) return slot;
      if (slot->until < (*first)->until) first = &slot;
    }
    return *first;
  }

  std::array<std::optional<Slot>, Capacity> slots_;
};

}  // namespace xray::instrumentation
