#include "preload/process_segment.hpp"

#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include <xray/xray.hpp>

#include "clients/keep_errno.hpp"
#include "preload/trace_variable.hpp"
#include "preload/watcher.hpp"

XRAY_NAMESPACE_BEGIN
namespace preload {
namespace {

/// Never destroyed: other threads may be copying its context.
struct Live {
  Live(std::string_view name, const TraceHeader& header)
      : segment(name, header),
        context(segment.context()),
        tracing(clients::tracing_within(context)) {}

  Segment segment;
  Context context;
  clients::Tracing tracing;
};

enum class Stage : unsigned char { not_allowed, waiting, left_for_program, over };

std::atomic<Stage> stage{Stage::not_allowed};
std::atomic<Live*> live{nullptr};
std::atomic<pid_t> own_process{0};
/// Held while the segment begins, is announced and ends.
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
thread_local bool beginning = false;

/// False after longest_end: its holder may be what a signal handler has interrupted.
bool lock_in_time() noexcept {
  timespec until{};
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += std::chrono::seconds(ProcessSegment::longest_end).count();
  return pthread_mutex_timedlock(&mutex, &until) == 0;
}

void describe(Segment& segment) noexcept {
  // The program's name only: its arguments hold secrets.
  segment.add_metadata("program", program_invocation_short_name, "process");
  segment.add_metadata("pid", static_cast<int>(getpid()), "process");
}

/// With the mutex held. Null where nothing can be recorded.
Live* begin() noexcept {
  // Not current on this thread afterwards: it is no thread's more than another's.
  const ContextScope nothing{Context()};
  const TraceHeader header = TraceHeader::parse(TraceVariable::text());
  auto* const made = new (std::nothrow) Live(program_invocation_short_name, header);
  if (made == nullptr || !made->context) return nullptr;
  TraceVariable::change(made->segment.trace_header().to_string());
  if (made->segment.sampled()) {
    describe(made->segment);
    Watcher::start();
  }
  static const int at_quick_exit_too = at_quick_exit([] { ProcessSegment::end(Leaving::process); });
  static_cast<void>(at_quick_exit_too);
  return made;
}

/// The parent's segment is the parent's; what threads were doing with it, none of ours does.
void start_anew_in_child() noexcept {
  new (&mutex) pthread_mutex_t(PTHREAD_MUTEX_INITIALIZER);
  beginning = false;
  own_process.store(getpid());
  if (live.exchange(nullptr) != nullptr) TraceVariable::note_fork();
  if (stage.load() != Stage::not_allowed) stage.store(Stage::waiting);
  Watcher::forget_in_child();
}

}  // namespace

void ProcessSegment::allow() noexcept {
  own_process.store(getpid());
  pthread_atfork(nullptr, nullptr, &start_anew_in_child);
  stage.store(Stage::waiting);
}

namespace {

/// The process's segment, which begins here if need be; null: there is none.
const Live* living() noexcept {
  if (const Live* const known = live.load(std::memory_order_acquire)) return known;
  if (stage.load() != Stage::waiting || beginning) return nullptr;
  const clients::KeepErrno errno_kept;
  beginning = true;
  pthread_mutex_lock(&mutex);
  Live* here = live.load();
  if (here == nullptr && stage.load() == Stage::waiting) {
    here = begin();
    live.store(here, std::memory_order_release);
    if (here == nullptr) stage.store(Stage::over);
  }
  pthread_mutex_unlock(&mutex);
  beginning = false;
  return here;
}

}  // namespace

Context ProcessSegment::context() noexcept {
  const Live* const here = living();
  return here != nullptr ? here->context : Context();
}

clients::Tracing ProcessSegment::tracing() noexcept {
  const Live* const here = living();
  return here != nullptr ? here->tracing : clients::Tracing::none;
}

void ProcessSegment::end(Leaving leaving) noexcept {
  if (!is_own_process() || stage.load() == Stage::not_allowed) return;
  if (leaving == Leaving::program && stage.load() == Stage::over) return;
  const clients::KeepErrno errno_kept;
  stage.store(leaving == Leaving::process ? Stage::over : Stage::left_for_program);
  // Without it: a segment that another thread is just beginning is lost with the process.
  const auto deadline = std::chrono::steady_clock::now() + longest_end;
  if (!lock_in_time()) return;
  Live* const ending = live.exchange(nullptr);
  if (ending != nullptr) {
    detail::end_open_calls(ending->context);
    ending->segment.end();
  }
  pthread_mutex_unlock(&mutex);
  if (ending == nullptr) return;
  flush(std::chrono::duration_cast<std::chrono::milliseconds>(deadline -
                                                              std::chrono::steady_clock::now()));
}

void ProcessSegment::stay() noexcept {
  if (!is_own_process()) return;
  Stage left = Stage::left_for_program;
  stage.compare_exchange_strong(left, Stage::waiting);
}

void ProcessSegment::announce() noexcept {
  pthread_mutex_lock(&mutex);
  if (Live* const running = live.load()) running->segment.announce();
  pthread_mutex_unlock(&mutex);
}

bool ProcessSegment::is_own_process() noexcept {
  return own_process.load() == getpid();
}

}  // namespace preload
XRAY_NAMESPACE_END
