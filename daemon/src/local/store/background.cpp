#include "local/store/background.hpp"

#include <sys/resource.h>

namespace xrayd::local {

void let_others_go_first() noexcept {
  // A third of what others get: they hold locks too, and more would make those wait that don't.
  constexpr int niceness = 5;
  // For Linux 0 is the calling thread, not its process.
  const int own = getpriority(PRIO_PROCESS, 0);
  static_cast<void>(setpriority(PRIO_PROCESS, 0, own + niceness));
}

}  // namespace xrayd::local
