#include "local/ingest.hpp"

#include <algorithm>
#include <exception>
#include <unordered_map>
#include <utility>

#include "config/log.hpp"

namespace xrayd::local {
namespace {

using namespace std::chrono_literals;

// Documents wait for company this long, for a transaction costs the same with one or a thousand.
constexpr auto gather_time = 25ms;
constexpr std::size_t max_batch_documents = 5000;
// Documents take several times their text while they are parsed.
constexpr std::uint64_t max_batch_bytes = std::uint64_t{4} << 20U;
constexpr auto maintenance_interval = 1s;
constexpr auto retry_interval = 500ms;

// A queued body's own size and what its string and the allocator add.
std::uint64_t cost_of(std::string_view body) {
  return body.size() + 64;
}

// Documents that are to be written together: one batch for each trace, in order of arrival.
class ByTrace {
 public:
  void add(SegmentDocument document) {
    const auto [place, inserted] = place_.try_emplace(document.trace_id, batches_.size());
    if (inserted) batches_.push_back({document.trace_id, {}});
    batches_[place->second].documents.push_back(std::move(document));
  }

  std::vector<TraceBatch> take() { return std::move(batches_); }

 private:
  std::vector<TraceBatch> batches_;
  std::unordered_map<TraceId, std::size_t, TraceIdHash> place_;
};

std::int64_t count_documents(const std::vector<TraceBatch>& batches) {
  std::size_t count = 0;
  for (const auto& batch : batches) count += batch.documents.size();
  return static_cast<std::int64_t>(count);
}

std::string left_out_note(std::uint64_t left_out) {
  return left_out == 0 ? "" : " (" + std::to_string(left_out) + " such lines left out)";
}

}  // namespace

Ingest::Ingest(Store& store, IngestCounters& counters, std::uint64_t queue_bytes)
    : store_(store), counters_(counters), max_queue_bytes_(queue_bytes) {
  thread_ = std::thread([this] { run(); });
}

Ingest::~Ingest() {
  if (thread_.joinable()) drain(2s);
}

// ---- callers' threads ------------------------------------------------------------------------

void Ingest::offer(std::span<const std::string_view> bodies) noexcept {
  if (bodies.empty()) return;
  counters_.received += static_cast<std::int64_t>(bodies.size());
  std::size_t taken = 0;
  bool wake = true;
  try {
    const std::lock_guard lock(mutex_);
    const bool was_empty = queue_.empty();
    for (const auto body : bodies) {
      // For what has no room in an empty queue, the others need not make any.
      if (cost_of(body) > max_queue_bytes_) {
        ++counters_.dropped_queue_full;
      } else {
        drop_oldest(cost_of(body));
        if (queue_.empty()) oldest_queued_ = Clock::now();
        queue_.emplace_back(body);
        queued_bytes_ += cost_of(body);
      }
      ++taken;
    }
    wake = was_empty || is_worth_a_batch();
  } catch (const std::exception&) {
    counters_.dropped_queue_full += static_cast<std::int64_t>(bodies.size() - taken);
  }
  if (wake) wake_.notify_one();
}

bool Ingest::is_worth_a_batch() const {
  return queue_.size() >= max_batch_documents ||
         queued_bytes_ > std::min(max_batch_bytes, max_queue_bytes_ / 2);
}

void Ingest::drop_oldest(std::uint64_t room_for) {
  while (!queue_.empty() && queued_bytes_ + room_for > max_queue_bytes_) {
    queued_bytes_ -= cost_of(queue_.front());
    queue_.pop_front();
    ++counters_.dropped_queue_full;
  }
}

std::string Ingest::store(std::vector<SegmentDocument> documents) {
  std::future<std::string> answer;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      counters_.dropped_at_stop += static_cast<std::int64_t>(documents.size());
      return "the daemon is stopping";
    }
    auto& request = requests_.emplace_back();
    request.documents = std::move(documents);
    answer = request.answer.get_future();
  }
  wake_.notify_one();
  return answer.get();
}

void Ingest::drain(std::chrono::milliseconds deadline) noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    stop_at_ = Clock::now() + deadline;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::string Ingest::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

std::uint64_t Ingest::queued_bytes() const {
  const std::lock_guard lock(mutex_);
  return queued_bytes_;
}

// ---- the writer's thread ---------------------------------------------------------------------

void Ingest::run() {
  for (;;) {
    Work work = wait_for_work();
    parse(work.bodies);
    std::string failure = write_queued(!work.requests.empty());
    write_requests(work.requests, failure);

    std::unique_lock lock(mutex_);
    if (stopping_) {
      const bool finished = queue_.empty() && requests_.empty() && batches_.empty();
      if (finished || Clock::now() >= stop_at_) break;
    }
    // A disk that failed just now is given time, not hammered.
    if (!failure.empty()) {
      wake_.wait_until(lock, Clock::now() + (stopping_ ? retry_interval / 5 : retry_interval),
                       [this] { return stopping_ && Clock::now() >= stop_at_; });
    }
  }
  count_what_is_left();
}

// Waits until there is enough to do, or the time for maintenance has come.
Ingest::Work Ingest::wait_for_work() {
  Work work;
  std::unique_lock lock(mutex_);
  // What failed to be written comes first: while it waits the queue does, and drops its oldest.
  if (batches_.empty()) {
    const auto something = [this] { return stopping_ || !requests_.empty() || !queue_.empty(); };
    wake_.wait_for(lock, maintenance_interval, something);
    if (!queue_.empty()) {
      wake_.wait_until(lock, oldest_queued_ + gather_time,
                       [this] { return stopping_ || !requests_.empty() || is_worth_a_batch(); });
    }
    std::uint64_t taken = 0;
    while (!queue_.empty() && work.bodies.size() < max_batch_documents && taken < max_batch_bytes) {
      taken += cost_of(queue_.front());
      queued_bytes_ -= cost_of(queue_.front());
      work.bodies.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    if (!queue_.empty()) oldest_queued_ = Clock::now();
  }
  work.requests = std::exchange(requests_, {});
  return work;
}

void Ingest::parse(std::vector<std::string>& bodies) {
  if (bodies.empty()) return;
  ByTrace documents;
  for (auto& body : bodies) {
    const auto size = body.size();
    auto parsed = parse_segment_document(std::move(body));
    if (auto* document = std::get_if<SegmentDocument>(&parsed)) {
      documents.add(std::move(*document));
      continue;
    }
    const auto reason = std::get<Rejection>(parsed).reason;
    counters_.reject(reason);
    if (const auto left_out = refusals_.admit(Clock::now())) {
      log::warn("document of " + std::to_string(size) +
                " bytes refused: " + std::string(reason_label(reason)) + left_out_note(*left_out));
    }
  }
  batches_ = documents.take();
}

// What came from the queue stays for another try where the disk fails.
std::string Ingest::write_queued(bool has_requests) {
  if (!batches_.empty()) return write(batches_);
  if (has_requests) return {};
  const bool well = trouble().empty();
  return attempt([this, well] { well ? store_.maintain() : store_.probe(); });
}

// Requests are answered at once and, where the disk fails, forgotten: their senders know, and may
// come by the thousand.
void Ingest::write_requests(std::vector<Request>& requests, std::string& failure) {
  if (requests.empty()) return;
  ByTrace documents;
  for (auto& request : requests) {
    for (auto& document : request.documents) documents.add(std::move(document));
  }
  auto batches = documents.take();
  if (failure.empty()) failure = write(batches);
  counters_.dropped_store_failed += count_documents(batches);
  for (auto& request : requests) request.answer.set_value(failure);
}

std::string Ingest::write(std::vector<TraceBatch>& batches) {
  WriteCounts counts;
  auto failure = attempt([&] { store_.write(batches, counts); });
  counters_.add(counts);
  return failure;
}

// Answers an empty text, or what trouble() says from now on.
template <typename Action>
std::string Ingest::attempt(Action&& action) {
  std::string failure;
  std::string details;
  try {
    action();
  } catch (const SqliteError& error) {
    failure = std::string("the store takes no writes: ") + error.cause();
    details = error.what();
  } catch (const std::exception& error) {
    failure = "the store takes no writes";
    details = error.what();
  }
  if (!failure.empty()) ++counters_.commit_errors;
  set_trouble(failure, details);
  return failure;
}

void Ingest::set_trouble(const std::string& text, const std::string& details) {
  bool was_well = false;
  const bool is_well = text.empty();
  {
    const std::lock_guard lock(mutex_);
    was_well = trouble_.empty();
    trouble_ = text;
  }
  if (was_well && !is_well) log::error("the store takes no writes: " + details);
  if (!was_well && is_well) log::info("the store takes writes again");
}

void Ingest::count_what_is_left() {
  const std::lock_guard lock(mutex_);
  counters_.dropped_at_stop += static_cast<std::int64_t>(queue_.size()) + count_documents(batches_);
  queue_.clear();
  queued_bytes_ = 0;
  for (auto& request : std::exchange(requests_, {})) {
    counters_.dropped_at_stop += static_cast<std::int64_t>(request.documents.size());
    request.answer.set_value("the daemon is stopping");
  }
}

}  // namespace xrayd::local
