// Whether wrappers have seen all calls of a handle, or some while they were not hooked.
#pragma once

#include <atomic>
#include <cstdint>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace patching {

/// A moment from which on wrappers see everything; 0 is none.
using SeenSince = std::uint32_t;

/// Hooks come one after another: a module's call of one function may be hooked while its call of
/// the next is not yet. And once hooks are taken away, anything may happen unseen.
class HookChanges {
 public:
  /// For a wrapper at the beginning of a handle's life. None while hooks come or go.
  static SeenSince now() noexcept {
    const SeenSince unhooked = times_unhooked.load(std::memory_order_acquire);
    return changes_under_way.load(std::memory_order_acquire) == 0 ? unhooked : 0;
  }
  /// The same where it does no harm that a call or two may be missed while hooks come or go.
  static SeenSince about_now() noexcept { return times_unhooked.load(std::memory_order_acquire); }
  /// Whether no hook was taken away since.
  static bool saw_everything(SeenSince since) noexcept {
    return since != 0 && since == times_unhooked.load(std::memory_order_acquire);
  }

  /// Around a change of hooks.
  explicit HookChanges(bool takes_away) noexcept {
    changes_under_way.fetch_add(1, std::memory_order_acq_rel);
    if (takes_away) times_unhooked.fetch_add(1, std::memory_order_acq_rel);
  }
  HookChanges(const HookChanges&) = delete;
  HookChanges& operator=(const HookChanges&) = delete;
  ~HookChanges() { changes_under_way.fetch_sub(1, std::memory_order_acq_rel); }

 private:
  static inline std::atomic<unsigned> changes_under_way{0};
  static inline std::atomic<SeenSince> times_unhooked{1};
};

}  // namespace patching
XRAY_NAMESPACE_END
