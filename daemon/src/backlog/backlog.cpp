#include "backlog/backlog.hpp"

#include <malloc.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "backlog/backlog_rows.hpp"
#include "backlog/batch_queue.hpp"
#include "backlog/spool.hpp"
#include "config/log.hpp"
#include "config/log_throttle.hpp"

namespace xrayd::backlog {
namespace {

using namespace std::chrono_literals;
using Clock = Backlog::Clock;
using Lock = std::unique_lock<std::mutex>;

/// So long after a failure the spool is tried again.
constexpr auto spool_pause = 500ms;

}  // namespace

/// One lock for all that is in memory; nobody waits for the disk while holding it. The spool has
/// its own, and a thread that writes to it.
class Backlog::Impl {
 public:
  explicit Impl(const BacklogSettings& settings)
      : batch_time_(std::max(settings.batch_time, std::chrono::milliseconds{1})),
        queue_(settings.memory_bytes, settings.batch_bytes, batch_time_) {
    if (settings.spool_dir.empty()) return;
    spool_ = std::make_unique<Spool>(settings.spool_dir, settings.spool_bytes);
    spooler_ = std::thread([this] { spool_batches(); });
  }

  ~Impl() {
    if (!spooler_.joinable()) return;
    {
      const Lock lock(mutex_);
      ended_ = true;
    }
    for_spooler_.notify_all();
    spooler_.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void offer(std::span<const std::string_view> bodies) noexcept {
    const Clock::time_point now = Clock::now();
    std::uint64_t spilled = 0;
    {
      const Lock lock(mutex_);
      if (closed_) {
        queue_.lose(bodies.size(), Loss::stop);
        return;
      }
      const std::size_t full = queue_.add(bodies, now);
      for (std::size_t i = 0; i < full; ++i) wake_taker();
      if (full > 0) offer_to_spooler(now);
      if (queue_.bytes() > queue_.limit() / 4) was_much_ = true;
      const std::uint64_t lost = queue_.lost(Loss::memory);
      if (lost > told_ && throttle_.admit(now)) spilled = lost - std::exchange(told_, lost);
    }
    if (spilled > 0) log::warn("Spilling over " + std::to_string(spilled) + " segments");
  }

  [[nodiscard]] bool has_room() const noexcept {
    const Lock lock(mutex_);
    return queue_.bytes() < queue_.limit() / 4 * 3;
  }

  [[nodiscard]] std::size_t longest_document() const noexcept { return queue_.longest_document(); }

  std::optional<Batch> take(Clock::time_point until) noexcept {
    Lock lock(mutex_);
    while (!saved_) {
      const Clock::time_point now = Clock::now();
      queue_.seal_due(now, closed_);
      if (queue_.has_returned() && !all_goes_to_spool()) return from_memory();
      if (next_in_spool() <= now) {
        if (std::optional<Batch> batch = from_spool(lock)) return batch;
        continue;
      }
      if (!queue_.empty() && !all_goes_to_spool()) return from_memory();
      if (closed_ && queue_.empty() && !in_hand_) break;
      if (now >= until) break;
      wait(lock, now, until);
    }
    // Who looked after what becomes due leaves; another must.
    wake_taker();
    return std::nullopt;
  }

  void done(Batch&& batch) noexcept {
    if (batch.place) spool_->done(*batch.place);
    bool was_much = false;
    {
      const Lock lock(mutex_);
      queue_.settle(std::move(batch));
      if (queue_.bytes() < queue_.limit() / 16) was_much = std::exchange(was_much_, false);
    }
    // What an outage filled goes back to the system, not to the allocator's own store alone.
    if (was_much) ::malloc_trim(0);
  }

  void put_back(Batch&& batch) noexcept {
    const std::optional<SpoolPlace> place = std::exchange(batch.place, std::nullopt);
    // In the spool it need not be in memory as well.
    if (place && spool_->give_back(*place, batch.attempts)) {
      const Lock lock(mutex_);
      queue_.settle(std::move(batch));
      wake_taker();
      return;
    }
    const Lock lock(mutex_);
    queue_.put_back(std::move(batch));
    note_return();
  }

  void put_behind(Batch&& batch) noexcept {
    const Lock lock(mutex_);
    queue_.put_behind(std::move(batch));
    note_return();
  }

  void upstream_fails(bool failing) noexcept {
    const Lock lock(mutex_);
    failing_ = failing;
    for_takers_.notify_all();
    for_spooler_.notify_one();
  }

  void close() noexcept {
    const Lock lock(mutex_);
    closed_ = true;
    queue_.seal_due(Clock::now(), true);
    for_takers_.notify_all();
    for_spooler_.notify_one();
  }

  void save(Clock::time_point deadline) noexcept {
    Lock lock(mutex_);
    closed_ = true;
    saved_ = true;
    queue_.seal_due(Clock::now(), true);
    for_takers_.notify_all();
    if (spool_) {
      for_spooler_.notify_one();
      while ((!queue_.empty() || in_hand_) && Clock::now() < deadline) {
        for_saver_.wait_until(lock, deadline);
      }
      late_ = Clock::now() >= deadline;
    }
    drop_all();
  }

  [[nodiscard]] std::uint64_t waiting() const noexcept {
    // In this order what moves from the one to the other is counted twice, not left out.
    const std::uint64_t in_memory = [this] {
      const Lock lock(mutex_);
      return queue_.documents();
    }();
    return in_memory + (spool_ ? spool_->figures().documents : 0);
  }

  [[nodiscard]] std::uint64_t dropped() const noexcept {
    std::uint64_t sum = 0;
    if (spool_) {
      const Spool::Figures figures = spool_->figures();
      sum = figures.dropped + figures.unreadable;
    }
    const Lock lock(mutex_);
    return sum + queue_.lost();
  }

  [[nodiscard]] std::string trouble() const {
    const Lock lock(mutex_);
    return trouble_;
  }

  void report(CounterRows& rows) const {
    const std::optional<Spool::Figures> spool =
        spool_ ? std::optional(spool_->figures()) : std::nullopt;
    const Lock lock(mutex_);
    add_rows(rows, queue_, spool, trouble_.empty());
  }

 private:
  /// While the service fails and the spool does not, every batch is on disk before it is tried.
  /// With the lock held, as all below unless they say otherwise.
  [[nodiscard]] bool all_goes_to_spool() const noexcept {
    return spool_ && failing_ && trouble_.empty();
  }

  void wake_taker() noexcept {
    if (takers_ > 0) for_takers_.notify_one();
  }
  /// A batch has come back into memory.
  void note_return() noexcept {
    if (saved_ && (!spool_ || late_)) drop_all();
    wake_taker();
    offer_to_spooler(Clock::now());
  }
  void offer_to_spooler(Clock::time_point now) noexcept {
    if (spooler_waits_ && !queue_.empty() && wants_spool(now)) for_spooler_.notify_one();
  }

  std::optional<Batch> from_memory() noexcept {
    std::optional<Batch> batch = queue_.pop();
    // Another looks after what becomes due, and hears that there is nothing left to wait for.
    if (!watched_ || closed_) wake_taker();
    return batch;
  }

  /// Without the lock while it reads.
  std::optional<Batch> from_spool(Lock& lock) noexcept {
    lock.unlock();
    std::optional<Batch> batch;
    if (const auto ticket = spool_->next()) batch = spool_->read(*ticket);
    lock.lock();
    if (!batch) return batch;
    queue_.charge(*batch);
    if (!watched_ || closed_) wake_taker();
    return batch;
  }

  /// Until a batch is full or due, or until `until`. One of those who wait looks after what becomes
  /// due, so that a document that comes need wake nobody: with nothing begun it looks again after
  /// the time that a batch has, and so before what comes meanwhile is due.
  void wait(Lock& lock, Clock::time_point now, Clock::time_point until) noexcept {
    ++takers_;
    if (watched_) {
      for_takers_.wait_until(lock, until);
    } else {
      watched_ = true;
      const Clock::time_point due = queue_.next_due().value_or(now + batch_time_);
      for_takers_.wait_until(lock, std::min({due, next_in_spool(), until}));
      watched_ = false;
    }
    --takers_;
  }

  [[nodiscard]] Clock::time_point next_in_spool() const noexcept {
    const auto at = spool_ ? spool_->next_at() : std::nullopt;
    return at.value_or(Clock::time_point::max());
  }

  void drop_all() noexcept {
    while (!queue_.empty()) queue_.drop(queue_.pop(), Loss::stop);
  }

  [[nodiscard]] bool wants_spool(Clock::time_point now) const noexcept {
    if (saved_) return !late_;
    return now >= try_again_ && (failing_ || queue_.bytes() > queue_.limit() / 2);
  }

  /// The spooler's thread.
  void spool_batches() noexcept {
    Lock lock(mutex_);
    while (true) {
      const Clock::time_point now = Clock::now();
      if (failing_) queue_.seal_due(now, closed_);
      if (!queue_.empty() && wants_spool(now)) {
        spool_one(lock);
        continue;
      }
      if (!trouble_.empty() && now >= try_again_) {
        lock.unlock();
        std::string why = spool_->probe();
        lock.lock();
        note(lock, std::move(why));
        continue;
      }
      if (saved_) for_saver_.notify_all();
      if (ended_) return;
      Clock::time_point until = now + 1h;
      if (!trouble_.empty()) until = try_again_;
      if (failing_) until = std::min(until, queue_.next_due().value_or(now + batch_time_));
      spooler_waits_ = true;
      for_spooler_.wait_until(lock, until);
      spooler_waits_ = false;
    }
  }

  /// The oldest batch. Without the lock while it writes.
  void spool_one(Lock& lock) noexcept {
    Batch batch = queue_.pop();
    in_hand_ = true;
    lock.unlock();
    std::string why = spool_->write(batch);
    lock.lock();
    in_hand_ = false;
    if (why.empty()) {
      queue_.settle(std::move(batch));
    } else if (saved_) {
      queue_.drop(std::move(batch), Loss::stop);
    } else {
      queue_.unpop(std::move(batch));
    }
    wake_taker();
    note(lock, std::move(why));
  }

  /// How the last attempt to write ended. Without the lock while the log is told.
  void note(Lock& lock, std::string why) noexcept {
    if (!why.empty()) try_again_ = Clock::now() + spool_pause;
    const bool changed = why.empty() != trouble_.empty();
    trouble_ = std::move(why);
    if (!changed) return;
    for_takers_.notify_all();
    const std::string line = trouble_;
    lock.unlock();
    if (line.empty()) {
      log::info("The spool can be written again");
    } else {
      log::error(line);
    }
    lock.lock();
  }

  const std::chrono::milliseconds batch_time_;
  std::unique_ptr<Spool> spool_;

  mutable std::mutex mutex_;
  std::condition_variable for_takers_;
  std::condition_variable for_spooler_;
  std::condition_variable for_saver_;
  BatchQueue queue_;
  int takers_ = 0;
  bool watched_ = false;
  bool spooler_waits_ = false;
  /// The spooler has a batch that is in no queue.
  bool in_hand_ = false;
  bool failing_ = false;
  bool closed_ = false;
  bool saved_ = false;
  /// save()'s deadline is over.
  bool late_ = false;
  bool ended_ = false;
  std::string trouble_;
  Clock::time_point try_again_{};
  /// Memory has held much since it was last given back.
  bool was_much_ = false;
  /// Documents spilled that the log was told of.
  std::uint64_t told_ = 0;
  log::Throttle throttle_{1};

  std::thread spooler_;
};

Backlog::Backlog(const BacklogSettings& settings) : impl_(std::make_unique<Impl>(settings)) {
}
Backlog::~Backlog() = default;

void Backlog::offer(std::span<const std::string_view> bodies) noexcept {
  impl_->offer(bodies);
}
bool Backlog::has_room() const noexcept {
  return impl_->has_room();
}
std::size_t Backlog::longest_document() const noexcept {
  return impl_->longest_document();
}
std::optional<Batch> Backlog::take(Clock::time_point until) noexcept {
  return impl_->take(until);
}
void Backlog::done(Batch&& batch) noexcept {
  impl_->done(std::move(batch));
}
void Backlog::put_back(Batch&& batch) noexcept {
  impl_->put_back(std::move(batch));
}
void Backlog::put_behind(Batch&& batch) noexcept {
  impl_->put_behind(std::move(batch));
}
void Backlog::upstream_fails(bool failing) noexcept {
  impl_->upstream_fails(failing);
}
void Backlog::close() noexcept {
  impl_->close();
}
void Backlog::save(Clock::time_point deadline) noexcept {
  impl_->save(deadline);
}
std::uint64_t Backlog::waiting() const noexcept {
  return impl_->waiting();
}
std::uint64_t Backlog::dropped() const noexcept {
  return impl_->dropped();
}
std::string Backlog::trouble() const {
  return impl_->trouble();
}
void Backlog::report(CounterRows& rows) const {
  impl_->report(rows);
}

}  // namespace xrayd::backlog
