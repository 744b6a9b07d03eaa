#pragma once

#include <dlfcn.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <mutex>
#include <new>
#include <utility>

#include <xray/impl/environment.hpp>
#include <xray/impl/exceptions.hpp>
#include <xray/impl/recorder.hpp>
#include <xray/impl/runtime.hpp>
#include <xray/impl/thread_exit.hpp>
#include <xray/statistics.hpp>
#include <xray/testing.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// The sender takes so many entries at a time, and leaves the receiver this long to read them.
inline constexpr unsigned entries_a_burst = 32;
inline constexpr std::int64_t pause_between_bursts = 200'000;
/// It naps while there is traffic, so that a segment's end makes no system call, and falls asleep
/// after so many naps without any.
inline constexpr std::int64_t nap = 5'000'000;
inline constexpr unsigned naps_before_sleep = 100;
inline constexpr std::int64_t longest_sleep = 3'600'000'000'000;
/// A backlog of so many entries ends a nap early.
inline constexpr std::uint64_t high_water = 128;

/// Holds a pthread mutex, which unlike std::mutex can be re-made in a forked child.
class MutexLock {
 public:
  explicit MutexLock(pthread_mutex_t& mutex) noexcept : mutex_(&mutex) {
    pthread_mutex_lock(mutex_);
  }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;
  ~MutexLock() { pthread_mutex_unlock(mutex_); }

 private:
  pthread_mutex_t* mutex_;
};

/// The same for the time in which an emitter runs: it may call back, and fork.
class SendLock {
 public:
  explicit SendLock(pthread_mutex_t& mutex) noexcept : lock_(mutex) { thread_state.sending = true; }
  SendLock(const SendLock&) = delete;
  SendLock& operator=(const SendLock&) = delete;
  ~SendLock() { thread_state.sending = false; }

 private:
  MutexLock lock_;
};

XRAY_DECL Runtime::Runtime(Settings settings)
    : settings_(std::move(settings)),
      queue_(settings_.queue_capacity),
      emitter_(settings_.emitter) {
  if (emitter_ == nullptr) {
    auto made = make_emitter(settings_.daemon);
    daemon_ = made.get();
    emitter_ = std::move(made);
  }
  apart_.reserve(64);
}

XRAY_DECL void Runtime::send(Node* node) noexcept {
  if (settings_.synchronous || !start_sender()) {
    send_now(node);
    return;
  }
  if (!queue_.push(node)) {
    count(counters.dropped_queue_full);
    reports.queue_full("xray: segments end faster than they can be sent; some are being dropped");
    Record* const record = node->strand->record;
    if (node == &record->root) collect(*record);  // what is still open must outlive this
    release(record);
    return;
  }
  // Sequentially consistent with the sender's going to sleep: either it sees the entry, or this
  // thread sees that it sleeps.
  const std::uint64_t enough = std::min<std::uint64_t>(high_water, settings_.queue_capacity / 2);
  if (asleep_.load() ? asleep_.exchange(false) : queue_.pushed() - queue_.popped() == enough) {
    work_.wake();
  }
  // It may have ended, at shutdown, between the look at its state and the push.
  if (sender_state_.load() != SenderState::running) drain();
}

XRAY_DECL void Runtime::drain() noexcept {
  while (send_burst().entries != 0) {
  }
}

XRAY_DECL bool Runtime::start_sender() noexcept {
  const SenderState state = sender_state_.load(std::memory_order_acquire);
  if (__builtin_expect(static_cast<long>(state == SenderState::running), 1) != 0) return true;
  if (state == SenderState::ended) return false;
  const MutexLock lock(start_mutex_);
  if (sender_state_.load() != SenderState::none) {
    return sender_state_.load() == SenderState::running;
  }
  // The program's signals are not for this thread.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, std::size_t{512} << 10U);
  const int error = pthread_create(&sender_thread_, &attributes, &Runtime::run_sender, this);
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error != 0) {
    reports.thread("xray: no sender thread could be started; segments are sent where they end");
    return false;
  }
  pthread_setname_np(sender_thread_, "xray-sender");
  sender_state_.store(SenderState::running, std::memory_order_release);
  return true;
}

XRAY_DECL void* Runtime::run_sender(void* runtime) noexcept {
  auto& self = *static_cast<Runtime*>(runtime);
  self.sender_loop();
  self.sender_left_.store(true);
  self.done_.wake();
  return nullptr;
}

XRAY_DECL void Runtime::sender_loop() noexcept {
  unsigned idle = 0;
  while (true) {
    const std::uint32_t seen = work_.read();
    const Progress progress = send_burst();
    if (progress.entries != 0) {
      idle = 0;
      if (queue_.pushed() != queue_.popped() && !stopping_.load()) {
        timespec pause{0, pause_between_bursts};
        nanosleep(&pause, nullptr);
      }
      continue;
    }
    if (progress.wait) {
      if (gave_up_.load()) return;
      idle = 0;
      progress.wait.wait(work_, seen);
      continue;
    }
    if (stopping_.load()) return;
    if (queue_.pushed() != queue_.popped()) {
      sched_yield();  // an entry is being written right now
      continue;
    }
    if (idle < naps_before_sleep) {
      ++idle;
      work_.wait(seen, nap);
      continue;
    }
    if (!progress.settled) {
      work_.wait(seen, 20 * nap);
      continue;
    }
    asleep_.store(true);
    if (queue_.pushed() == queue_.popped() && !stopping_.load()) work_.wait(seen, longest_sleep);
    asleep_.store(false);
    idle = 0;
  }
}

/// Sends what waits, at most a burst, unless the daemon must be waited for first.
XRAY_DECL Runtime::Progress Runtime::send_burst() noexcept {
  Progress progress;
  {
    const SendLock lock(send_mutex_);
    if (daemon_ != nullptr && (queue_.pushed() != queue_.popped() || !daemon_->settled())) {
      progress.wait = daemon_->advance();
    }
    while (!progress.wait && progress.entries < entries_a_burst) {
      Node* const node = queue_.pop();
      if (node == nullptr) break;
      write(node);
      ++progress.entries;
    }
    if (progress.entries != 0) emitter_->flush();
    held_ += progress.entries;
    note_sent();
    progress.settled = daemon_ == nullptr || daemon_->settled();
  }
  return progress;
}

/// With send_mutex_ held.
XRAY_DECL void Runtime::note_sent() noexcept {
  if (held_ == 0 || (daemon_ != nullptr && daemon_->pending())) return;
  completed_.fetch_add(held_);
  held_ = 0;
  done_.wake();
}

XRAY_DECL void Runtime::send_now(Node* node) noexcept {
  wait_a_little_for_daemon();
  if (queue_.pushed() != queue_.popped()) drain();  // what a shutdown in haste left
  {
    const SendLock lock(send_mutex_);
    write(node);
    emitter_->flush();
  }
  wait_a_little_for_daemon();
}

/// On a thread of the program's: where the daemon is there but slow, or its name is being looked
/// up.
XRAY_DECL void Runtime::wait_a_little_for_daemon() noexcept {
  constexpr std::int64_t patience = 1'000'000'000;
  std::int64_t deadline = 0;
  while (true) {
    DaemonWait wait;
    {
      const SendLock lock(send_mutex_);
      if (daemon_ == nullptr) return;
      wait = daemon_->advance();
      note_sent();
    }
    if (!wait || !wait.is_short) return;
    const std::int64_t now = nanoseconds_of(CLOCK_MONOTONIC);
    if (deadline == 0) deadline = now + patience;
    if (now >= deadline) return;
    wait.wait(done_, done_.read());
  }
}

/// Where no sender looks after them.
XRAY_DECL bool Runtime::emitter_holds_documents() noexcept {
  if (sender_state_.load() == SenderState::running || thread_state.sending) return false;
  const SendLock lock(send_mutex_);
  if (daemon_ == nullptr) return false;
  daemon_->advance();
  note_sent();
  return daemon_->pending();
}

/// Writes one entry and drops its reference.
XRAY_DECL void Runtime::write(Node* node) {
  Record& record = *node->strand->record;
  const auto emit = [this](std::string_view document) {
    if (daemon_ == nullptr) {
      count(counters.documents_sent);
      count(counters.bytes_sent, document.size());
    }
    emitter_->emit(document);
  };
  XRAY_TRY {
    if (node == &record.root) {
      collect(record);
      link(record);
      writer_.write_segment(record, ClockMap(record.begin, record.begin_wall, record.end), apart_,
                            emit);
    } else {
      writer_.write_alone(record, ClockMap(record.begin, record.begin_wall, ClockPair::now()), node,
                          emit);
    }
  }
  XRAY_CATCH_BAD_ALLOC {
    say_no_memory();
  }
  release(&record);
}

/// Makes the tree of what was taken. A node whose parent is not part of it stands apart.
XRAY_DECL void Runtime::link(Record& record) {
  apart_.clear();
  record.root.state.store(NodeState::taken, std::memory_order_relaxed);
  for (Strand* strand = record.strands.load(std::memory_order_acquire); strand != nullptr;
       strand = strand->next) {
    for (Node* node = strand->first.load(std::memory_order_acquire); node != nullptr;
         node = node->next_in_strand.load(std::memory_order_acquire)) {
      if (node->state.load(std::memory_order_acquire) != NodeState::taken) continue;
      Node* const parent = node->parent;
      if (parent->state.load(std::memory_order_acquire) != NodeState::taken) {
        apart_.push_back(node);
      } else if (parent->last_child == nullptr) {
        parent->first_child = parent->last_child = node;
      } else {
        parent->last_child->next_sibling = node;
        parent->last_child = node;
      }
    }
  }
}

XRAY_DECL bool Runtime::flush(std::chrono::nanoseconds timeout) noexcept {
  const std::uint64_t target = queue_.pushed();
  const std::int64_t deadline = nanoseconds_of(CLOCK_MONOTONIC) + timeout.count();
  while (true) {
    const std::uint32_t seen = done_.read();
    if (completed_.load() >= target && !emitter_holds_documents()) return true;
    const std::int64_t left = deadline - nanoseconds_of(CLOCK_MONOTONIC);
    if (left <= 0) return false;
    work_.wake();
    done_.wait(seen, std::min(left, nap));
  }
}

XRAY_DECL bool Runtime::shutdown(std::chrono::nanoseconds timeout) noexcept {
  const MutexLock lock(start_mutex_);
  const SenderState before = sender_state_.exchange(SenderState::ended);
  if (before != SenderState::running) return queue_.pushed() == completed_.load();
  const std::int64_t deadline = nanoseconds_of(CLOCK_MONOTONIC) + timeout.count();
  stopping_.store(true);
  work_.wake();
  while (true) {
    const std::uint32_t seen = done_.read();
    if (sender_left_.load()) break;
    const std::int64_t left = deadline - nanoseconds_of(CLOCK_MONOTONIC);
    if (left <= 0) {
      gave_up_.store(true);
      pthread_detach(sender_thread_);
      return false;
    }
    done_.wait(seen, left);
  }
  pthread_join(sender_thread_, nullptr);  // it is on its last steps
  drain();  // what another thread pushed while the sender was on its way out
  return queue_.pushed() == completed_.load();
}

XRAY_DECL void Runtime::replace_emitter(std::shared_ptr<Emitter> emitter) noexcept {
  const MutexLock lock(send_mutex_);
  emitter_->flush();
  emitter_ = std::move(emitter);
  daemon_ = nullptr;
  note_sent();
}

XRAY_DECL void Runtime::before_fork() noexcept {
  pthread_mutex_lock(&start_mutex_);
  if (!thread_state.sending) pthread_mutex_lock(&send_mutex_);
  pthread_mutex_lock(&block_pool.mutex);
  pthread_mutex_lock(&unsampled_mutex);
}

XRAY_DECL void Runtime::after_fork_in_parent() noexcept {
  pthread_mutex_unlock(&unsampled_mutex);
  pthread_mutex_unlock(&block_pool.mutex);
  if (!thread_state.sending) pthread_mutex_unlock(&send_mutex_);
  pthread_mutex_unlock(&start_mutex_);
}

/// What waits in the queue is the parent's to send.
XRAY_DECL void Runtime::after_fork_in_child() noexcept {
  queue_.reset();
  completed_.store(0);
  asleep_.store(false);
  stopping_.store(false);
  gave_up_.store(false);
  held_ = 0;
  sender_left_.store(false);
  sender_state_.store(SenderState::none);
  new (&counters) Counters;
  after_fork_in_parent();
}

inline void lock_for_fork() noexcept {
  if (Runtime* const run = runtime_instance.load()) run->before_fork();
}

inline void unlock_after_fork() noexcept {
  if (Runtime* const run = runtime_instance.load()) run->after_fork_in_parent();
}

inline void start_anew_after_fork() noexcept {
  if (Runtime* const run = runtime_instance.load()) run->after_fork_in_child();
}

/// Keeps this code in the process: threads that end, fork and exit call into it after a plugin that
/// brought it was closed.
inline void stay_loaded() noexcept {
  Dl_info self{};
  if (dladdr(reinterpret_cast<void*>(&at_thread_exit), &self) != 0 && self.dli_fname != nullptr) {
    dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  }
}

/// With runtime_mutex held.
XRAY_DECL Runtime* make_runtime(Settings settings) {
  counter_is_steady = detect_steady_counter();
  stay_loaded();
  make_thread_exit_key();
  auto* const made = new Runtime(std::move(settings));  // NOLINT: leaked on purpose
  runtime_instance.store(made, std::memory_order_release);
  std::atexit([] { xray::shutdown(std::chrono::seconds(1)); });
  return made;
}

XRAY_DECL Runtime* make_default_runtime() noexcept {
  watch_forks();
  XRAY_TRY {
    const MutexLock lock(runtime_mutex);
    if (Runtime* const made = runtime_instance.load()) return made;
    ConfigureResult result;
    Settings settings = checked(Configuration(), result);
    if (result) log_line(result.message);
    return make_runtime(std::move(settings));
  }
  XRAY_CATCH_BAD_ALLOC {
    say_no_memory();
    return nullptr;
  }
}

inline Runtime* runtime() noexcept {
  Runtime* const made = runtime_instance.load(std::memory_order_acquire);
  return __builtin_expect(static_cast<long>(made != nullptr), 1) != 0 ? made
                                                                      : make_default_runtime();
}

XRAY_DECL void replace_emitter(std::shared_ptr<Emitter> emitter) noexcept {
  if (Runtime* const run = runtime()) run->replace_emitter(std::move(emitter));
}

}  // namespace detail
XRAY_NAMESPACE_END
