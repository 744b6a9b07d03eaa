#include <pthread.h>

#include <atomic>

#include <xray/impl/keep_loaded.hpp>

#include "patching/follow.hpp"
#include "patching/patcher.hpp"

XRAY_NAMESPACE_BEGIN
namespace patching {
namespace {

Patcher* make_process_patcher() {
  auto* const patcher = new Patcher;
  patcher->add(follow_client());
  follow_from_now_on();
  return patcher;
}

}  // namespace

Patcher& process_patcher() {
  // Wrappers and fork handlers are called from everywhere, so this module stays. Before the statics
  // are made, for that takes the loader's lock: a library's constructor may hold it and come here.
  static std::atomic<bool> is_kept{false};
  if (!is_kept.load(std::memory_order_acquire)) {
    detail::keep_loaded(&make_process_patcher);
    is_kept.store(true, std::memory_order_release);
  }
  static Patcher* const patcher = make_process_patcher();
  static const int watched =
      pthread_atfork([] { process_patcher().lock(); }, [] { process_patcher().unlock(); },
                     [] { process_patcher().unlock(); });
  static_cast<void>(watched);
  return *patcher;
}

}  // namespace patching
XRAY_NAMESPACE_END
