#include "preload/watcher.hpp"

#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <new>

#include <xray/impl/clock.hpp>
#include <xray/impl/futex.hpp>
#include <xray/impl/helper_thread.hpp>

#include "clients/keep_errno.hpp"
#include "preload/process_segment.hpp"

XRAY_NAMESPACE_BEGIN
namespace preload {
namespace {

using xray::detail::nanoseconds_of;
using xray::detail::WakeWord;

constexpr int watched_signals[] = {SIGTERM, SIGINT};
constexpr std::int64_t longest_sleep = 3'600'000'000'000;

std::atomic<bool> thread_runs{false};
std::atomic<bool> signal_came{false};
std::atomic<bool> segment_was_ended{false};
std::atomic<std::int64_t> announce_at{0};  // 0: no more
WakeWord work;
WakeWord done;

void* watch(void* /*argument*/) noexcept {
  while (true) {
    const std::uint32_t seen = work.read();
    if (signal_came.load()) {
      ProcessSegment::end(Leaving::process);
      segment_was_ended.store(true);
      done.wake();
      return nullptr;
    }
    const std::int64_t due = announce_at.load();
    const std::int64_t left = due - nanoseconds_of(CLOCK_MONOTONIC);
    if (due != 0 && left <= 0) {
      std::int64_t announced = due;
      announce_at.compare_exchange_strong(announced, 0);
      ProcessSegment::announce();
      continue;
    }
    work.wait(seen, due != 0 ? left : longest_sleep);
  }
}

/// In the handler; the thread that was interrupted may hold whatever the sending needs.
void wait_for_the_end() noexcept {
  const std::int64_t deadline = nanoseconds_of(CLOCK_MONOTONIC) +
                                std::chrono::nanoseconds(ProcessSegment::longest_end).count();
  signal_came.store(true);
  work.wake();
  while (true) {
    const std::uint32_t seen = done.read();
    const std::int64_t left = deadline - nanoseconds_of(CLOCK_MONOTONIC);
    if (segment_was_ended.load() || left <= 0) return;
    done.wait(seen, left);
  }
}

void on_signal(int number) noexcept;

bool is_ours(const struct sigaction& action) noexcept {
  return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == &on_signal;
}

/// Whether ours is the handler. A program's own, set since, may call the one that it found: where
/// it found ours there would have been none, and nothing is to happen.
bool is_in_force(int number) noexcept {
  struct sigaction now {};
  return sigaction(number, nullptr, &now) == 0 && is_ours(now);
}

void on_signal(int number) noexcept {
  const clients::KeepErrno errno_kept;
  if (!is_in_force(number)) return;
  if (ProcessSegment::is_own_process() && thread_runs.load()) wait_for_the_end();
  signal(number, SIG_DFL);
  pthread_kill(pthread_self(), number);
  sigset_t it;
  sigemptyset(&it);
  sigaddset(&it, number);
  pthread_sigmask(SIG_UNBLOCK, &it, nullptr);
}

bool is_default(const struct sigaction& action) noexcept {
  return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL;
}

void catch_signal(int number) noexcept {
  struct sigaction before {};
  if (sigaction(number, nullptr, &before) != 0 || !is_default(before)) return;
  struct sigaction ours {};
  ours.sa_handler = &on_signal;
  ours.sa_flags = SA_ONSTACK | SA_RESTART;
  sigemptyset(&ours.sa_mask);
  // Another thread may have set one meanwhile.
  if (sigaction(number, &ours, &before) == 0 && !is_default(before) && !is_ours(before)) {
    sigaction(number, &before, nullptr);
  }
}

}  // namespace

void Watcher::start() noexcept {
  announce_at.store(nanoseconds_of(CLOCK_MONOTONIC) +
                    std::chrono::nanoseconds(announced_after).count());
  if (!thread_runs.load()) {
    pthread_t thread{};
    if (xray::detail::start_thread(thread, xray::detail::ThreadEnd::detached, &watch, nullptr) !=
        0) {
      return;
    }
    thread_runs.store(true);
  }
  work.wake();
  for (const int number : watched_signals) catch_signal(number);
}

void Watcher::forget_in_child() noexcept {
  thread_runs.store(false);
  signal_came.store(false);
  segment_was_ended.store(false);
  announce_at.store(0);
  for (const int number : watched_signals) {
    struct sigaction action {};
    if (sigaction(number, nullptr, &action) == 0 && is_ours(action)) signal(number, SIG_DFL);
  }
}

}  // namespace preload
XRAY_NAMESPACE_END
