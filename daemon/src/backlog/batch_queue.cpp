#include "backlog/batch_queue.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace xrayd::backlog {
namespace {

/// Buffers of batches that are done are used again, so that steady load allocates nothing; a few
/// small ones, for what is kept here counts as nobody's memory.
constexpr std::size_t most_spare = 8;
constexpr std::size_t largest_spare = std::size_t{128} << 10U;

}  // namespace

BatchQueue::BatchQueue(std::uint64_t memory_bytes, std::size_t batch_bytes,
                       std::chrono::milliseconds batch_time)
    : limit_(memory_bytes),
      batch_bytes_(static_cast<std::size_t>(std::min<std::uint64_t>(batch_bytes, limit_ / 8))),
      batch_time_(batch_time),
      longest_(
          static_cast<std::size_t>(std::min<std::uint64_t>(std::uint64_t{1} << 20U, limit_ / 2))) {
  spare_.reserve(most_spare);
}

std::size_t BatchQueue::add(std::span<const std::string_view> bodies,
                            Clock::time_point now) noexcept {
  const std::uint64_t formed = formed_;
  lanes_.note(bodies.size(), now);
  for (const std::string_view body : bodies) {
    if (body.size() > longest_) {
      lose(1, Loss::too_large);
    } else {
      add(body, now);
    }
  }
  return static_cast<std::size_t>(formed_ - formed);
}

void BatchQueue::add(std::string_view body, Clock::time_point now) noexcept {
  OpenBatch& lane = lanes_.at(lanes_.lane_of(body));
  if (!lane.empty() && lane.size() + body.size() + 3 > batch_bytes_) seal(lane);
  const std::uint64_t before = lane.memory();
  try {
    if (lane.empty()) lane.begin(buffer(), now);
    lane.add(body);
    ++documents_;
  } catch (const std::bad_alloc&) {
    lose(1, Loss::memory);
  }
  bytes_ = bytes_ - before + lane.memory();
  if (lane.size() > batch_bytes_ && lane.documents() > 1) move_last(lane, now);
  if (lane.size() >= batch_bytes_ || lane.documents() == most_documents) seal(lane);
  make_room();
}

/// Escaped, the last document proved too long for this batch.
void BatchQueue::move_last(OpenBatch& lane, Clock::time_point now) noexcept {
  const std::uint64_t before = lane.memory();
  OpenBatch next;
  try {
    lane.move_last_to(next, buffer(), now);
  } catch (const std::bad_alloc&) {
    return;  // the batch is a little longer than it should be
  }
  bytes_ = bytes_ - before + lane.memory() + next.memory();
  seal(lane);
  lane = std::move(next);
}

void BatchQueue::seal(OpenBatch& lane) noexcept {
  if (lane.empty()) return;
  const std::uint64_t before = lane.memory();
  const std::size_t documents = lane.documents();
  Batch batch;
  try {
    batch = lane.seal();
  } catch (const std::bad_alloc&) {
    // No room for the last two bytes.
    bytes_ -= before;
    documents_ -= documents;
    lose(documents, Loss::memory);
    lane = {};
    return;
  }
  last_size_ = batch.body.size();
  // What may wait for long keeps no reserve; what leaves at once need not be copied for it.
  const std::size_t reserve = batch.body.capacity() - batch.body.size();
  if (reserve > largest_spare / 2 || (!ready_.empty() && reserve > batch.body.size() / 8)) {
    batch.body.shrink_to_fit();
    batch.documents.shrink_to_fit();
  }
  bytes_ = bytes_ - before + memory_of(batch);
  batch.charge = {memory_of(batch), static_cast<std::uint32_t>(documents), ++formed_};
  try {
    ready_.push_back(std::move(batch));
  } catch (const std::bad_alloc&) {
    drop(std::move(batch), Loss::memory);
  }
}

void BatchQueue::seal_due(Clock::time_point now, bool all) noexcept {
  while (OpenBatch* lane = lanes_.oldest()) {
    if (!all && now < lane->begun() + batch_time_) break;
    seal(*lane);
  }
}

std::optional<BatchQueue::Clock::time_point> BatchQueue::next_due() noexcept {
  const OpenBatch* first = lanes_.oldest();
  if (first == nullptr) return std::nullopt;
  return first->begun() + batch_time_;
}

/// The oldest go until what is left fits; what is under way stays.
void BatchQueue::make_room() noexcept {
  while (bytes_ > limit_) {
    if (!empty()) {
      drop(pop(), Loss::memory);
    } else if (OpenBatch* lane = lanes_.oldest()) {
      seal(*lane);
    } else {
      return;
    }
  }
}

Batch BatchQueue::pop() noexcept {
  std::deque<Batch>& queue = returned_.empty() ? ready_ : returned_;
  Batch batch = std::move(queue.front());
  queue.pop_front();
  return batch;
}

void BatchQueue::unpop(Batch&& batch) noexcept {
  try {
    ready_.push_front(std::move(batch));
  } catch (const std::bad_alloc&) {
    drop(std::move(batch), Loss::memory);
  }
}

void BatchQueue::charge(Batch& batch) noexcept {
  batch.charge = {memory_of(batch), 0, 0};
  bytes_ += batch.charge.bytes;
}

void BatchQueue::settle(Batch&& batch) noexcept {
  bytes_ -= batch.charge.bytes;
  documents_ -= batch.charge.documents;
  recycle(std::move(batch.body));
}

/// In the books it is what it is now, not what was taken.
void BatchQueue::charge_anew(Batch& batch) noexcept {
  bytes_ = bytes_ - batch.charge.bytes + memory_of(batch);
  documents_ = documents_ - batch.charge.documents + batch.documents.size();
  batch.charge = {memory_of(batch), static_cast<std::uint32_t>(batch.documents.size()),
                  batch.charge.number};
}

void BatchQueue::put_back(Batch&& batch) noexcept {
  charge_anew(batch);
  const auto at = std::upper_bound(
      returned_.begin(), returned_.end(), batch,
      [](const Batch& a, const Batch& b) { return a.charge.number < b.charge.number; });
  try {
    returned_.insert(at, std::move(batch));
  } catch (const std::bad_alloc&) {
    drop(std::move(batch), Loss::memory);
  }
}

void BatchQueue::put_behind(Batch&& batch) noexcept {
  charge_anew(batch);
  try {
    ready_.push_back(std::move(batch));
  } catch (const std::bad_alloc&) {
    drop(std::move(batch), Loss::memory);
  }
}

void BatchQueue::drop(Batch&& batch, Loss loss) noexcept {
  lose(batch.charge.documents, loss);
  settle(std::move(batch));
}

std::uint64_t BatchQueue::lost() const noexcept {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : lost_) sum += count;
  return sum;
}

std::string BatchQueue::buffer() {
  std::string found;
  if (!spare_.empty()) {
    found = std::move(spare_.back());
    spare_.pop_back();
  } else {
    found.reserve(std::min({last_size_ + last_size_ / 16, batch_bytes_, largest_spare}));
  }
  return found;
}

void BatchQueue::recycle(std::string&& body) noexcept {
  const std::size_t size = body.capacity();
  if (spare_.size() < most_spare && size > sizeof(std::string) &&
      size <= std::min(largest_spare, 2 * batch_bytes_)) {
    spare_.push_back(std::move(body));
  } else {
    const std::string gone = std::move(body);
  }
}

}  // namespace xrayd::backlog
