#pragma once

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <mutex>
#include <new>
#include <utility>

#include <xray/impl/environment.hpp>
#include <xray/impl/exceptions.hpp>
#include <xray/impl/helper_thread.hpp>
#include <xray/impl/id_source.hpp>
#include <xray/impl/keep_loaded.hpp>
#include <xray/impl/no_cancellation.hpp>
#include <xray/impl/off_switch.hpp>
#include <xray/impl/plugins.ipp>
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

/// fork() waits so long for an emitter that is at work.
inline constexpr std::int64_t longest_wait_in_fork = 50'000'000;

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
  explicit SendLock(pthread_mutex_t& mutex) noexcept : lock_(mutex) {
    thread_state.sending = true;
    thread_state.ready = 0;
  }
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
    emitter_counts_ = true;
  }
  apart_.reserve(64);
  tick_rate_.observe(ClockPair::closest());
}

XRAY_DECL void Runtime::send(const Emission& emission) noexcept {
  // An emitter may end what began outside of it. It can't wait for itself: whoever runs it looks at
  // the queue again afterwards.
  const bool inside_emitter = thread_state.sending;
  if (!inside_emitter && (settings_.synchronous || !start_sender())) {
    const NoCancellation no_cancellation;
    look_around();
    send_now(emission);
    return;
  }
  if (!queue_.push(emission)) {
    drop(emission);
    return;
  }
  if (inside_emitter) return;
  // Sequentially consistent with the sender's going to sleep: either it sees the entry, or this
  // thread sees that it sleeps.
  const std::uint64_t enough = std::min<std::uint64_t>(high_water, settings_.queue_capacity / 2);
  if (asleep_.load() ? asleep_.exchange(false) : queue_.pushed() - queue_.popped() == enough) {
    work_.wake();
  }
  // It may have ended, at shutdown, between the look at its state and the push.
  if (sender_state_.load() != SenderState::running && !sender_lingers()) drain();
}

/// What kept it in memory is not needed any more.
inline void let_go(const Emission& emission) noexcept {
  if (emission.kind == Emission::Kind::chapter) {
    give_back(*emission.chapter);
  } else if (!emission.node->is_segment() || emission.kind == Emission::Kind::announcement) {
    unpin(emission.node);
  } else {
    emission.record()->written.store(true, std::memory_order_release);
  }
}

/// Gives up what found no room in the queue.
XRAY_DECL void Runtime::drop(const Emission& emission) noexcept {
  count(counters.dropped_queue_full);
  reports.queue_full("xray: segments end faster than they can be sent; some are being dropped");
  Record* const record = emission.record();
  if (emission.kind == Emission::Kind::entity && emission.node == &record->root) {
    collect(*record);  // what is still open must outlive this
  }
  let_go(emission);
  release(record);
}

XRAY_DECL bool Runtime::has_room() const noexcept {
  return settings_.synchronous || queue_.pushed() - queue_.popped() < settings_.queue_capacity;
}

XRAY_DECL void Runtime::drain() noexcept {
  while (send_burst().entries != 0) {
  }
}

XRAY_DECL bool Runtime::sender_lingers() const noexcept {
  return stopping_.load() && !sender_left_.load();
}

/// Whether there is a sender to take what is pushed.
XRAY_DECL bool Runtime::start_sender() noexcept {
  const SenderState state = sender_state_.load(std::memory_order_acquire);
  if (__builtin_expect(static_cast<long>(state == SenderState::running), 1) != 0) return true;
  if (state == SenderState::ended) return sender_lingers();
  look_around();
  keep_loaded(&Runtime::run_sender);
  int error = 0;
  {
    const MutexLock lock(start_mutex_);
    if (sender_state_.load() != SenderState::none) {
      return sender_state_.load() == SenderState::running || sender_lingers();
    }
    error = create_sender();
    if (error == 0) sender_state_.store(SenderState::running, std::memory_order_release);
  }
  if (error != 0) {
    reports.thread("xray: no sender thread could be started; segments are sent where they end");
  }
  return error == 0;
}

XRAY_DECL int Runtime::create_sender() noexcept {
  const int error = start_thread(sender_thread_, ThreadEnd::joined, &Runtime::run_sender, this);
  if (error == 0) pthread_setname_np(sender_thread_, "xray-sender");
  return error;
}

XRAY_DECL void* Runtime::run_sender(void* runtime) noexcept {
  auto& self = *static_cast<Runtime*>(runtime);
  self.sender_loop();
  self.sender_left_.store(true);
  self.done_.wake();
  self.drain();  // what was pushed by who saw it still here
  return nullptr;
}

XRAY_DECL void Runtime::sender_loop() noexcept {
  unsigned idle = 0;
  while (true) {
    const std::uint32_t seen = work_.read();
    const bool stop = stopping_.load();  // before the look at the queue: nothing is left in it
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
    if (queue_.pushed() != queue_.popped()) {
      sched_yield();  // an entry is being written right now
      continue;
    }
    if (stop) return;
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
    DaemonEmitter* const daemon = daemon_.load();
    // One look: what is pushed after it is for the next burst, or it would be sent before the
    // daemon was waited for.
    const bool any = queue_.pushed() != queue_.popped();
    if (daemon != nullptr && (any || !daemon->settled())) progress.wait = daemon->advance();
    while (any && !progress.wait && progress.entries < entries_a_burst) {
      Emission emission;
      if (!queue_.pop(emission)) break;
      if (progress.entries == 0 && tick_rate_.is_due(ticks_now())) {
        tick_rate_.observe(ClockPair::closest());
      }
      write(emission);
      ++progress.entries;
    }
    if (progress.entries != 0) emitter_->flush();
    held_ += progress.entries;
    note_sent();
    progress.settled = daemon == nullptr || daemon->settled();
  }
  return progress;
}

/// With send_mutex_ held.
XRAY_DECL void Runtime::note_sent() noexcept {
  DaemonEmitter* const daemon = daemon_.load();
  const bool pending = daemon != nullptr && daemon->pending();
  emitter_pending_.store(pending);
  if (held_ == 0 || pending) return;
  completed_.fetch_add(held_);
  held_ = 0;
  done_.wake();
}

XRAY_DECL void Runtime::send_now(const Emission& emission) noexcept {
  wait_a_little_for_daemon();
  if (queue_.pushed() != queue_.popped()) drain();  // what a shutdown in haste left
  {
    const SendLock lock(send_mutex_);
    if (tick_rate_.is_due(ticks_now())) tick_rate_.observe(ClockPair::closest());
    write(emission);
    emitter_->flush();
  }
  wait_a_little_for_daemon();
  if (queue_.pushed() != queue_.popped()) drain();  // the emitter ended something
}

/// On a thread of the program's: where the daemon is there but slow, or its name is being looked
/// up. Not again and again for one that doesn't read at all.
XRAY_DECL void Runtime::wait_a_little_for_daemon() noexcept {
  constexpr std::int64_t patience = 1'000'000'000;
  std::int64_t deadline = 0;
  while (daemon_.load() != nullptr) {
    DaemonWait wait;
    {
      const SendLock lock(send_mutex_);
      DaemonEmitter* const daemon = daemon_.load();
      if (daemon == nullptr) return;
      wait = daemon->advance();
      note_sent();
      if (!wait || !wait.is_short) patience_is_out_ = false;
      if (!wait || !wait.is_short || patience_is_out_) return;
      const std::int64_t now = nanoseconds_of(CLOCK_MONOTONIC);
      if (deadline == 0) deadline = now + patience;
      patience_is_out_ = now >= deadline;
      if (patience_is_out_) return;
    }
    wait.wait(done_, done_.read());
  }
}

/// Where no sender looks after them.
XRAY_DECL bool Runtime::emitter_holds_documents() noexcept {
  if (daemon_.load() == nullptr || sender_state_.load() == SenderState::running ||
      thread_state.sending) {
    return false;
  }
  if (pthread_mutex_trylock(&send_mutex_) != 0) return true;  // somebody is at it, for now
  thread_state.sending = true;
  thread_state.ready = 0;
  DaemonEmitter* const daemon = daemon_.load();
  if (daemon != nullptr) daemon->advance();
  note_sent();
  const bool holds = daemon != nullptr && daemon->pending();
  thread_state.sending = false;
  pthread_mutex_unlock(&send_mutex_);
  return holds;
}

/// Writes one entry and drops its reference.
XRAY_DECL void Runtime::write(const Emission& emission) {
  Record& record = *emission.record();
  const auto emit = [this](std::string_view document) {
    if (!emitter_counts_) {
      count(counters.documents_sent);
      count(counters.bytes_sent, document.size());
    }
    emitter_->emit(document);
  };
  XRAY_TRY {
    if (emission.kind == Emission::Kind::chapter) {
      write_chapter(*emission.chapter, emit);
    } else if (emission.node == &record.root) {
      write_record(record, emit);
    } else {
      Node* const node = emission.node;
      node->first_child = nullptr;
      apart_.assign(1, node);
      writer_.write(record, clock_until_now(record), apart_,
                    emission.kind == Emission::Kind::announcement, emit);
    }
  }
  XRAY_CATCH_BAD_ALLOC {
    say_no_memory();
  }
  let_go(emission);
  release(&record);
}

/// For what is sent while its segment runs, or after it.
XRAY_DECL ClockMap Runtime::clock_until_now(const Record& record) const noexcept {
  return {record.begin, record.begin_wall, ClockPair::closest(), tick_rate_};
}

/// Appends to the tree that is being put together.
inline void adopt(Node* parent, Node* child) noexcept {
  child->next_sibling = nullptr;
  if (parent->first_child == nullptr) {
    parent->first_child = child;
  } else {
    parent->last_child->next_sibling = child;
  }
  parent->last_child = child;
}

/// A segment that is over, and all of it that is: one tree, and apart from it what hangs on an
/// entity that is still running or has left already.
template <typename Emit>
void Runtime::write_record(Record& record, Emit& emit) {
  collect(record);
  Node* const root = &record.root;
  apart_.clear();
  if (!record.facade) apart_.push_back(root);
  root->state.store(NodeState::taken, std::memory_order_relaxed);
  root->first_child = nullptr;
  const auto for_each_taken = [&record](auto&& visit) {
    for (Strand* strand = record.strands.load(std::memory_order_acquire); strand != nullptr;
         strand = strand->next) {
      for_each_node(*strand, [&visit](Node* node) {
        if (node->state.load(std::memory_order_acquire) == NodeState::taken) visit(node);
      });
    }
  };
  for_each_taken([](Node* node) { node->first_child = nullptr; });
  for_each_taken([this](Node* node) {
    if (node->flags.orphan ||
        node->parent->state.load(std::memory_order_acquire) != NodeState::taken) {
      apart_.push_back(node);
    } else {
      adopt(node->parent, node);
    }
  });
  if (record.facade) {
    for (Node* child = root->first_child; child != nullptr; child = child->next_sibling) {
      apart_.push_back(child);
    }
  }
  writer_.write(record, ClockMap(record.begin, record.begin_wall, record.end, tick_rate_), apart_,
                false, emit);
}

/// Completed subsegments of a segment that is not over.
template <typename Emit>
void Runtime::write_chapter(Chapter& chapter, Emit& emit) {
  apart_.clear();
  for_each_node(chapter, [](Node* node) { node->first_child = nullptr; });
  for_each_node(chapter, [this](Node* node) {
    if (node->flags.orphan) {
      apart_.push_back(node);
    } else {
      adopt(node->parent, node);
    }
  });
  const Record& record = *chapter.record;
  writer_.write(record, clock_until_now(record), apart_, false, emit);
}

XRAY_DECL bool Runtime::flush(std::chrono::nanoseconds timeout) noexcept {
  const std::uint64_t target = queue_.pushed();
  const std::int64_t deadline = nanoseconds_of(CLOCK_MONOTONIC) + timeout.count();
  while (true) {
    const std::uint32_t seen = done_.read();
    if (completed_.load() >= target && !emitter_holds_documents() && !emitter_pending_.load()) {
      return true;
    }
    if (thread_state.sending) return false;  // an emitter would wait for itself
    const std::int64_t left = deadline - nanoseconds_of(CLOCK_MONOTONIC);
    if (left <= 0) return false;
    work_.wake();
    done_.wait(seen, std::min(left, nap));
  }
}

XRAY_DECL bool Runtime::shutdown(std::chrono::nanoseconds timeout) noexcept {
  const std::int64_t deadline = nanoseconds_of(CLOCK_MONOTONIC) + timeout.count();
  // Both end within milliseconds, but for the system's resolver: what is left is for sending.
  static constexpr std::int64_t longest = 100'000'000;
  const auto left = [deadline] {
    const std::int64_t time = deadline - nanoseconds_of(CLOCK_MONOTONIC);
    return std::chrono::nanoseconds(std::clamp<std::int64_t>(time, 0, longest));
  };
  settings_.sampler->stop(left());
  plugins_.stop(left());
  SenderState before = SenderState::none;
  {
    const MutexLock lock(start_mutex_);
    before = sender_state_.load();
    if (before == SenderState::running) stopping_.store(true);
    sender_state_.store(SenderState::ended);
  }
  if (before == SenderState::running && !wait_for_sender(deadline)) return false;
  // What other threads pushed meanwhile they are sending now.
  return flush(std::chrono::nanoseconds(
      std::max<std::int64_t>(0, deadline - nanoseconds_of(CLOCK_MONOTONIC))));
}

/// Forgets the sender if it is not gone in time.
XRAY_DECL bool Runtime::wait_for_sender(std::int64_t deadline) noexcept {
  work_.wake();
  while (true) {
    const std::uint32_t seen = done_.read();
    if (sender_left_.load()) break;
    const std::int64_t left = deadline - nanoseconds_of(CLOCK_MONOTONIC);
    if (left <= 0 || thread_state.sending) {
      gave_up_.store(true);
      pthread_detach(sender_thread_);
      return false;
    }
    done_.wait(seen, left);
  }
  // It is on its last steps; but those may be the user's, who gave the thread something to destroy.
  const std::int64_t until =
      nanoseconds_of(CLOCK_REALTIME) + deadline - nanoseconds_of(CLOCK_MONOTONIC);
  const timespec time{static_cast<time_t>(until / 1'000'000'000),
                      static_cast<long>(until % 1'000'000'000)};
  if (pthread_timedjoin_np(sender_thread_, nullptr, &time) != 0) pthread_detach(sender_thread_);
  return true;
}

XRAY_DECL void Runtime::replace_emitter(std::shared_ptr<Emitter> emitter) noexcept {
  if (thread_state.sending) {
    log_line("xray: an emitter can't be replaced from within emit(); it stays");
    return;
  }
  keep_loaded_for(emitter.get());
  {
    const SendLock lock(send_mutex_);
    emitter_->flush();
    emitter_.swap(emitter);
    emitter_counts_ = false;
    daemon_ = nullptr;
    note_sent();
  }
  emitter.reset();  // the old one, whose end may be traced
  if (settings_.synchronous && queue_.pushed() != queue_.popped()) drain();
}

/// The child must find no lock held by a thread that it does not have. All but one are held for
/// moments only. An emitter may be at work for long (its host name is being looked up, its peer
/// does not read): fork() waits for it a little, and otherwise leaves it behind.
XRAY_DECL void Runtime::before_fork() noexcept {
  send_is_locked_ = thread_state.sending;
  const std::int64_t deadline = nanoseconds_of(CLOCK_MONOTONIC) + longest_wait_in_fork;
  while (!send_is_locked_) {
    send_is_locked_ = pthread_mutex_trylock(&send_mutex_) == 0;
    if (send_is_locked_ || nanoseconds_of(CLOCK_MONOTONIC) >= deadline) break;
    const timespec pause{0, 200'000};
    nanosleep(&pause, nullptr);
  }
  pthread_mutex_lock(&start_mutex_);
  pthread_mutex_lock(&block_pool.mutex);
  pthread_mutex_lock(&unsampled_mutex);
}

XRAY_DECL void Runtime::after_fork_in_parent() noexcept {
  pthread_mutex_unlock(&unsampled_mutex);
  pthread_mutex_unlock(&block_pool.mutex);
  pthread_mutex_unlock(&start_mutex_);
  if (send_is_locked_ && !thread_state.sending) pthread_mutex_unlock(&send_mutex_);
}

/// What waits in the queue is the parent's to send.
XRAY_DECL void Runtime::after_fork_in_child() noexcept {
  plugins_.after_fork_in_child();
  queue_.reset();
  completed_.store(0);
  asleep_.store(false);
  stopping_.store(false);
  gave_up_.store(false);
  held_ = 0;
  emitter_pending_.store(false);
  sender_left_.store(false);
  sender_state_.store(SenderState::none);
  new (&counters) Counters;
  if (!send_is_locked_) start_sending_anew();
  after_fork_in_parent();
}

/// In a child whose parent was sending: what that thread was changing is never looked at again,
/// not even to free it.
XRAY_DECL void Runtime::start_sending_anew() noexcept {
  new (&send_mutex_) pthread_mutex_t(PTHREAD_MUTEX_INITIALIZER);
  // Nobody owns this pointer, and so nothing is allocated.
  auto* const emitter =
      new (&emitter_) std::shared_ptr<Emitter>(std::shared_ptr<Emitter>(), &lost_emitter_);
  const bool built_in = daemon_.exchange(nullptr) != nullptr;
  emitter_counts_ = true;
  new (&apart_) std::vector<Node*>();
  new (&tick_rate_) TickRate();
  XRAY_TRY {
    new (&writer_) DocumentWriter();
    if (built_in) {
      auto made = make_emitter(settings_.daemon);
      daemon_ = made.get();
      *emitter = std::move(made);
    }
  }
  XRAY_CATCH_BAD_ALLOC {
    say_no_memory();
  }
}

XRAY_DECL void lock_for_fork() noexcept {
  if (Runtime* const run = runtime_instance.load()) run->before_fork();
}

XRAY_DECL void unlock_after_fork() noexcept {
  if (Runtime* const run = runtime_instance.load()) run->after_fork_in_parent();
}

XRAY_DECL void start_anew_after_fork() noexcept {
  if (Runtime* const run = runtime_instance.load()) run->after_fork_in_child();
}

/// At exit.
inline void send_the_rest() noexcept {
  xray::shutdown(std::chrono::seconds(1));
}

/// What comes before the lock, see keep_loaded().
inline void prepare_for_runtime() noexcept {
  watch_forks();
  keep_loaded(&at_thread_exit);
  keep_loaded(&send_the_rest);
}

/// With runtime_mutex held, after prepare_for_runtime().
XRAY_DECL Runtime* make_runtime(Settings settings) {
  counter_is_steady = detect_steady_counter();
  make_thread_exit_key();
  entities_a_chapter = settings.streaming_threshold;
  segment_memory = settings.segment_memory;
  chapter_memory = std::min(segment_memory / 4, std::size_t{1} << 20U);
  streaming_strategy = settings.streaming.get();
  if (streaming_strategy != nullptr) entities_a_chapter = 1;
  auto* const made = new Runtime(std::move(settings));  // NOLINT: leaked on purpose
  id_generator.store(made->settings().id_generator.get(), std::memory_order_release);
  runtime_instance.store(made, std::memory_order_release);
  std::atexit(&send_the_rest);
  return made;
}

XRAY_DECL Runtime* make_default_runtime() noexcept {
  if (is_switched_off()) return nullptr;
  if (enabled_by_environment() == Switch::off) {
    switched_off.store(true);
    return nullptr;
  }
  prepare_for_runtime();
  XRAY_TRY {
    const MutexLock lock(runtime_mutex);
    if (Runtime* const made = runtime_instance.load()) return made;
    if (is_switched_off()) return nullptr;
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

inline bool sender_has_room() noexcept {
  Runtime* const run = runtime_instance.load(std::memory_order_acquire);
  return run != nullptr && run->has_room();
}

inline void send_chapter(Chapter* chapter) noexcept {
  runtime_instance.load(std::memory_order_acquire)->send(Emission(chapter));
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
