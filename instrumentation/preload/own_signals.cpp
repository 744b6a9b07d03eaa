// Signals that a process sends to itself: who has handled one and cleaned up dies of it at last.
#include <signal.h>
#include <unistd.h>

#include "clients/keep_errno.hpp"
#include "preload/next_function.hpp"
#include "preload/process_segment.hpp"

XRAY_NAMESPACE_BEGIN
namespace preload {
namespace {

NextFunction<int(pid_t, int)> next_kill("kill");
NextFunction<int(int)> next_raise("raise");

/// What programs hand on to the system so. By abort() and the like no segment ends.
bool is_a_way_out(int number) noexcept {
  return number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT ||
         number == SIGPIPE;
}

bool ends_process(int number) noexcept {
  if (!is_a_way_out(number)) return false;
  const clients::KeepErrno errno_kept;
  struct sigaction action {};
  return sigaction(number, nullptr, &action) == 0 && (action.sa_flags & SA_SIGINFO) == 0 &&
         action.sa_handler == SIG_DFL;
}

/// Around a call that returns only if the signal is blocked.
class Dying {
 public:
  explicit Dying(bool is_the_end) noexcept : is_the_end_(is_the_end) {
    if (is_the_end_) ProcessSegment::end(Leaving::program);
  }
  Dying(const Dying&) = delete;
  Dying& operator=(const Dying&) = delete;
  ~Dying() {
    if (is_the_end_) ProcessSegment::stay();
  }

 private:
  const bool is_the_end_;
};

}  // namespace

void find_next_signals() noexcept {
  next_kill.find();
  next_raise.find();
}

}  // namespace preload
XRAY_NAMESPACE_END

// Named for the linker alone: the headers' declarations have attributes that differ by version.
extern "C" {

[[gnu::visibility("default")]] int xray_preload_kill(pid_t process, int number) asm("kill");
int xray_preload_kill(pid_t process, int number) {
  const xray::preload::Dying dying(process == getpid() && xray::preload::ends_process(number));
  return xray::preload::next_kill(process, number);
}

[[gnu::visibility("default")]] int xray_preload_raise(int number) asm("raise");
int xray_preload_raise(int number) {
  const xray::preload::Dying dying(xray::preload::ends_process(number));
  return xray::preload::next_raise(number);
}
}
