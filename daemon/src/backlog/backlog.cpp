#include "backlog/backlog.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "backlog/lanes.hpp"
#include "config/log.hpp"
#include "config/log_throttle.hpp"

namespace xrayd::backlog {
namespace {

using Clock = Backlog::Clock;
using Lock = std::unique_lock<std::mutex>;

enum class Loss { memory, spool, stop, too_large, unreadable };
constexpr std::array<const char*, 5> loss_names = {"memory", "spool", "stop", "too_large",
                                                   "unreadable"};

/// Buffers of batches that are done are used again, so that steady load allocates nothing; a few
/// small ones, for what is kept here counts as nobody's memory.
constexpr std::size_t most_spare = 8;
constexpr std::size_t largest_spare = std::size_t{128} << 10U;

}  // namespace

class Backlog::Impl {
 public:
  explicit Impl(const BacklogSettings& settings)
      : limit_(settings.memory_bytes),
        batch_bytes_(std::min<std::uint64_t>(settings.batch_bytes, limit_ / 8)),
        batch_time_(settings.batch_time),
        longest_(static_cast<std::size_t>(
            std::min<std::uint64_t>(std::uint64_t{1} << 20U, limit_ / 2))) {}

  void offer(std::span<const std::string_view> bodies) noexcept {
    const Clock::time_point now = Clock::now();
    std::uint64_t spilled = 0;
    {
      const Lock lock(mutex_);
      if (closed_) {
        lose(Loss::stop, bodies.size());
        return;
      }
      lanes_.note(bodies.size(), now);
      for (const std::string_view body : bodies) {
        if (body.size() > longest_) {
          lose(Loss::too_large, 1);
        } else {
          add(body, now);
        }
      }
      if (spilled_ > 0 && throttle_.admit(now)) spilled = std::exchange(spilled_, 0);
    }
    if (spilled > 0) log::warn("Spilling over " + std::to_string(spilled) + " segments");
  }

  [[nodiscard]] bool has_room() const noexcept {
    const Lock lock(mutex_);
    return used_ < limit_ / 4 * 3;
  }

  [[nodiscard]] std::size_t longest_document() const noexcept { return longest_; }

  std::optional<Batch> take(Clock::time_point until) noexcept {
    Lock lock(mutex_);
    while (true) {
      const Clock::time_point now = Clock::now();
      seal_due(now);
      if (std::optional<Batch> batch = pick()) {
        if (closed_ || (waiting_ > 0 && !watched_)) takers_.notify_one();
        return batch;
      }
      if (closed_ || now >= until) {
        if (waiting_ > 0) takers_.notify_one();
        return std::nullopt;
      }
      wait(lock, now, until);
    }
  }

  void done(Batch&& batch) noexcept {
    const Lock lock(mutex_);
    leave_books(batch);
    recycle(std::move(batch.body));
  }

  void put_back(Batch&& batch) noexcept {
    const Lock lock(mutex_);
    leave_books(batch);
    batch.charge = {0, 0, batch.charge.number};
    batch.place.reset();
    if (saved_) {
      lose(Loss::stop, batch.documents.size());
      return;
    }
    used_ += memory_of(batch);
    documents_ += batch.documents.size();
    const auto at = std::upper_bound(
        returned_.begin(), returned_.end(), batch,
        [](const Batch& a, const Batch& b) { return a.charge.number < b.charge.number; });
    try {
      returned_.insert(at, std::move(batch));
    } catch (const std::bad_alloc&) {
      drop(std::move(batch), Loss::memory);
    }
    if (waiting_ > 0) takers_.notify_one();
  }

  void close() noexcept {
    const Lock lock(mutex_);
    closed_ = true;
    takers_.notify_all();
  }

  void save(Clock::time_point) noexcept {
    const Lock lock(mutex_);
    closed_ = true;
    saved_ = true;
    seal_due(Clock::now());
    for (std::deque<Batch>* queue : {&returned_, &ready_}) {
      for (Batch& batch : *queue) drop(std::move(batch), Loss::stop);
      queue->clear();
    }
    takers_.notify_all();
  }

  [[nodiscard]] std::uint64_t waiting() const noexcept {
    const Lock lock(mutex_);
    return documents_;
  }

  [[nodiscard]] std::uint64_t dropped() const noexcept {
    const Lock lock(mutex_);
    std::uint64_t sum = 0;
    for (const std::uint64_t count : lost_) sum += count;
    return sum;
  }

  void report(CounterRows& rows) const {
    const Lock lock(mutex_);
    const auto add_row = [&rows](const char* name, const char* help, std::uint64_t value,
                                 bool gauge, std::string labels = {}) {
      rows.push_back(
          {name, help, std::move(labels), static_cast<std::int64_t>(value), gauge, false});
    };
    add_row("xrayd_batches_formed_total", "Batches that were filled or became due.", formed_,
            false);
    add_row("xrayd_queue_bytes", "Memory of batches that wait or are under way.", used_, true);
    add_row("xrayd_queue_documents", "Documents in them.", documents_, true);
    for (std::size_t i = 0; i < lost_.size(); ++i) {
      add_row("xrayd_documents_dropped_total", "Accepted documents that were lost, by reason.",
              lost_[i], false, std::string("reason=\"") + loss_names[i] + "\"");
    }
  }

 private:
  // All that follows wants the lock held.

  void add(std::string_view body, Clock::time_point now) noexcept {
    OpenBatch& lane = lanes_.at(lanes_.lane_of(body));
    if (!lane.empty() && lane.size() + body.size() + 3 > batch_bytes_) seal(lane);
    const std::uint64_t before = lane.memory();
    try {
      if (lane.empty()) lane.begin(buffer(), now);
      lane.add(body);
    } catch (const std::bad_alloc&) {
      used_ = used_ - before + lane.memory();
      lose(Loss::memory, 1);
      return;
    }
    used_ = used_ - before + lane.memory();
    ++documents_;
    if (lane.size() > batch_bytes_ && lane.documents() > 1) move_last(lane, now);
    if (lane.size() >= batch_bytes_ || lane.documents() == most_documents) seal(lane);
    make_room();
  }

  /// Escaped, the last document proved too long for this batch.
  void move_last(OpenBatch& lane, Clock::time_point now) noexcept {
    const std::uint64_t before = lane.memory();
    OpenBatch next;
    try {
      lane.move_last_to(next, buffer(), now);
    } catch (const std::bad_alloc&) {
      return;  // the batch is a little longer than it should be
    }
    used_ = used_ - before + lane.memory() + next.memory();
    seal(lane);
    lane = std::move(next);
  }

  void seal(OpenBatch& lane) noexcept {
    const std::uint64_t before = lane.memory();
    Batch batch;
    try {
      batch = lane.seal();
      expected_size_ = batch.body.size();
      // What may wait for long keeps no reserve; what leaves at once need not be copied for it.
      const std::size_t reserve = batch.body.capacity() - batch.body.size();
      if (reserve > largest_spare / 2 || (!ready_.empty() && reserve > batch.body.size() / 8)) {
        batch.body.shrink_to_fit();
      }
    } catch (const std::bad_alloc&) {
      // No room for the last two bytes.
      used_ -= before;
      documents_ -= lane.documents();
      lose(Loss::memory, lane.documents());
      lane = {};
      return;
    }
    used_ = used_ - before + memory_of(batch);
    batch.charge.number = ++formed_;
    try {
      ready_.push_back(std::move(batch));
    } catch (const std::bad_alloc&) {
      drop(std::move(batch), Loss::memory);
      return;
    }
    if (waiting_ > 0) takers_.notify_one();
  }

  void seal_due(Clock::time_point now) noexcept {
    while (OpenBatch* lane = lanes_.oldest()) {
      if (!closed_ && now < lane->begun() + batch_time_) break;
      seal(*lane);
    }
  }

  /// The oldest go until what is left fits; what is under way stays.
  void make_room() noexcept {
    while (used_ > limit_) {
      if (returned_.empty() && ready_.empty()) {
        OpenBatch* lane = lanes_.oldest();
        if (lane == nullptr) return;
        seal(*lane);
        continue;
      }
      std::deque<Batch>& queue = returned_.empty() ? ready_ : returned_;
      spilled_ += queue.front().documents.size();
      drop(std::move(queue.front()), Loss::memory);
      queue.pop_front();
    }
  }

  std::optional<Batch> pick() noexcept {
    if (saved_) return std::nullopt;
    for (std::deque<Batch>* queue : {&returned_, &ready_}) {
      if (queue->empty()) continue;
      std::optional<Batch> batch = std::move(queue->front());
      queue->pop_front();
      batch->charge = {memory_of(*batch), static_cast<std::uint32_t>(batch->documents.size()),
                       batch->charge.number};
      return batch;
    }
    return std::nullopt;
  }

  /// Until a batch is full or due, or until `until`. One of those who wait looks after what becomes
  /// due, so that a document that comes need wake nobody: with nothing begun it looks again after
  /// the time that a batch has.
  void wait(Lock& lock, Clock::time_point now, Clock::time_point until) noexcept {
    ++waiting_;
    if (watched_) {
      takers_.wait_until(lock, until);
    } else {
      const OpenBatch* first = lanes_.oldest();
      const Clock::time_point due = (first == nullptr ? now : first->begun()) + batch_time_;
      watched_ = true;
      takers_.wait_until(lock, std::min(due, until));
      watched_ = false;
    }
    --waiting_;
  }

  void leave_books(const Batch& batch) noexcept {
    used_ -= batch.charge.bytes;
    documents_ -= batch.charge.documents;
  }

  void lose(Loss loss, std::uint64_t documents) noexcept {
    lost_[static_cast<std::size_t>(loss)] += documents;
  }

  void drop(Batch&& batch, Loss loss) noexcept {
    used_ -= memory_of(batch);
    documents_ -= batch.documents.size();
    lose(loss, batch.documents.size());
    const Batch gone = std::move(batch);
  }

  std::string buffer() {
    std::string found;
    if (!spare_.empty()) {
      found = std::move(spare_.back());
      spare_.pop_back();
    } else {
      found.reserve(std::min({expected_size_ + expected_size_ / 16, batch_bytes_, largest_spare}));
    }
    return found;
  }

  void recycle(std::string&& body) noexcept {
    if (spare_.size() < most_spare && body.capacity() <= largest_spare &&
        body.capacity() > sizeof(std::string)) {
      spare_.push_back(std::move(body));
    }
  }

  const std::uint64_t limit_;
  const std::size_t batch_bytes_;
  const std::chrono::milliseconds batch_time_;
  const std::size_t longest_;

  mutable std::mutex mutex_;
  std::condition_variable takers_;
  int waiting_ = 0;
  bool watched_ = false;

  Lanes lanes_;
  std::deque<Batch> returned_;
  std::deque<Batch> ready_;
  std::vector<std::string> spare_;
  std::size_t expected_size_ = 0;
  bool closed_ = false;
  bool saved_ = false;

  /// Memory of all batches: being filled, waiting, under way.
  std::uint64_t used_ = 0;
  /// Documents in them.
  std::uint64_t documents_ = 0;
  std::uint64_t formed_ = 0;
  std::array<std::uint64_t, loss_names.size()> lost_{};
  std::uint64_t spilled_ = 0;
  log::Throttle throttle_{1};
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
void Backlog::upstream_fails(bool /*failing*/) noexcept {
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
  return {};
}
void Backlog::report(CounterRows& rows) const {
  impl_->report(rows);
}

}  // namespace xrayd::backlog
