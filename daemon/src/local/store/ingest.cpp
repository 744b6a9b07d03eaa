#include "local/store/ingest.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>
#include <variant>

#include "config/log.hpp"
#include "local/otlp/otlp_payload.hpp"

namespace xrayd::local {
namespace {

using namespace std::chrono_literals;

// Documents wait for company this long, for a write costs the same with one or a hundred.
constexpr auto gather_time = 10ms;
constexpr std::size_t max_batch_documents = 2000;
// Documents take several times their text while they are parsed.
constexpr std::uint64_t max_batch_bytes = std::uint64_t{2} << 20U;
constexpr auto idle_interval = 1s;
constexpr auto retry_interval = 500ms;
constexpr auto room_interval = 5ms;

// A queued body's own size and what its string and the allocator add.
std::uint64_t cost_of(std::string_view body) {
  return body.size() + 64;
}

// The same, but of a payload of spans what it may become, for that is what is parsed.
std::uint64_t parsing_cost_of(std::string_view body) {
  return is_otlp_payload(body) ? max_otlp_growth * cost_of(body) : cost_of(body);
}

std::string left_out_note(std::uint64_t left_out) {
  return left_out == 0 ? "" : " (" + std::to_string(left_out) + " such lines left out)";
}

}  // namespace

Ingest::Ingest(Store& store, IngestCounters& counters, std::uint64_t queue_bytes)
    : store_(store),
      counters_(counters),
      max_queue_bytes_(queue_bytes),
      flusher_(store, counters),
      record_maker_(store) {
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
  const auto stop_at = Clock::now() + deadline;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    stop_at_ = stop_at;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  record_maker_.stop();
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(stop_at - Clock::now());
  flusher_.stop(std::max(left, std::chrono::milliseconds(0)));
}

std::string Ingest::trouble() const {
  auto text = trouble_.text();
  return text.empty() ? flusher_.trouble() : text;
}

std::uint64_t Ingest::queued_bytes() const {
  const std::lock_guard lock(mutex_);
  return queued_bytes_;
}

// ---- the gatherer's thread -------------------------------------------------------------------

void Ingest::run() {
  for (;;) {
    Work work = wait_for_work();
    parse(work.bodies);
    add_queued();
    add_requests(work.requests);

    std::unique_lock lock(mutex_);
    if (stopping_) {
      const bool finished = queue_.empty() && requests_.empty() && documents_.empty();
      if (finished || Clock::now() >= stop_at_) break;
    }
    // A disk that failed just now is given time, not hammered; nor is one that has no room.
    if (!trouble_.text().empty() || !documents_.empty()) {
      wake_.wait_until(lock, Clock::now() + (stopping_ ? retry_interval / 5 : retry_interval),
                       [this] { return stopping_ && Clock::now() >= stop_at_; });
    }
  }
  count_what_is_left();
}

// Waits until there is enough to do, or it is time to see whether the disk has recovered.
Ingest::Work Ingest::wait_for_work() {
  Work work;
  std::unique_lock lock(mutex_);
  // What failed to be added comes first: while it waits the queue does, and drops its oldest.
  if (documents_.empty()) {
    const auto something = [this] { return stopping_ || !requests_.empty() || !queue_.empty(); };
    wake_.wait_for(lock, idle_interval, something);
    if (!queue_.empty()) {
      wake_.wait_until(lock, oldest_queued_ + gather_time,
                       [this] { return stopping_ || !requests_.empty() || is_worth_a_batch(); });
    }
    std::uint64_t taken = 0;
    while (!queue_.empty() && work.bodies.size() < max_batch_documents && taken < max_batch_bytes) {
      taken += parsing_cost_of(queue_.front());
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
  documents_.reserve(documents_.size() + bodies.size());
  for (auto& body : bodies) {
    if (!is_otlp_payload(body) || !parse_spans(body)) parse_document(std::move(body));
  }
}

// Of spans that came in place of a document there may be many.
bool Ingest::parse_spans(std::string_view body) {
  OtlpSegments spans;
  if (!segments_of_otlp(body, spans)) return false;
  const std::size_t documents = spans.documents.size() + spans.refused;
  // One was counted as it came.
  if (documents > 1) counters_.received += static_cast<std::int64_t>(documents - 1);
  for (auto& document : spans.documents) parse_document(std::move(document));
  for (std::size_t i = 0; i < spans.refused; ++i) counters_.reject(Reason::otlp_payload);
  if (spans.refused > 0) tell_refusal(Reason::otlp_payload, body.size());
  return true;
}

void Ingest::parse_document(std::string text) {
  const auto size = text.size();
  auto parsed = parse_segment_document(std::move(text));
  if (auto* document = std::get_if<SegmentDocument>(&parsed)) {
    documents_.push_back(std::move(*document));
    return;
  }
  const auto reason = std::get<Rejection>(parsed).reason;
  counters_.reject(reason);
  tell_refusal(reason, size);
}

void Ingest::tell_refusal(Reason reason, std::size_t size) {
  if (const auto left_out = refusals_.admit(Clock::now())) {
    log::warn("document of " + std::to_string(size) +
              " bytes refused: " + std::string(reason_label(reason)) + left_out_note(*left_out));
  }
}

// What came from the queue stays for another try where the disk fails, or memory is full.
void Ingest::add_queued() {
  if (!documents_.empty()) {
    if (wait_for_room()) add(documents_, Promise::visible_soon);
  } else if (!trouble_.text().empty()) {
    trouble_.attempt(counters_, [this] { store_.probe_journal(); });
  }
}

// Requests are answered at once and, where the disk fails, forgotten: their senders know, and may
// come by the thousand.
void Ingest::add_requests(std::vector<Request>& requests) {
  if (requests.empty()) return;
  std::vector<SegmentDocument> documents;
  for (auto& request : requests) {
    std::move(request.documents.begin(), request.documents.end(), std::back_inserter(documents));
  }
  const bool room = wait_for_room();
  std::string failure;
  if (!room) {
    failure = flusher_.trouble();
    if (failure.empty()) failure = "the daemon is stopping";
  } else if (!add(documents, Promise::visible_at_once)) {
    failure = trouble_.text();
  }
  counters_.dropped_store_failed += static_cast<std::int64_t>(documents.size());
  for (auto& request : requests) request.answer.set_value(failure);
}

// Memory is full where documents come faster than the disk takes them. False if it will not soon
// be otherwise.
bool Ingest::wait_for_room() {
  while (!store_.has_room()) {
    if (!flusher_.trouble().empty()) return false;
    flusher_.hurry();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, room_interval, [this] { return stopping_ && Clock::now() >= stop_at_; });
    if (stopping_ && Clock::now() >= stop_at_) return false;
  }
  return true;
}

bool Ingest::add(std::vector<SegmentDocument>& documents, Promise promise) {
  WriteCounts counts;
  const bool well = trouble_.attempt(counters_, [&] { store_.add(documents, counts, promise); });
  counters_.add(counts);
  if (store_.is_crowded()) flusher_.hurry();
  record_maker_.wake();
  return well;
}

void Ingest::count_what_is_left() {
  const std::lock_guard lock(mutex_);
  counters_.dropped_at_stop +=
      static_cast<std::int64_t>(queue_.size()) + static_cast<std::int64_t>(documents_.size());
  queue_.clear();
  queued_bytes_ = 0;
  for (auto& request : std::exchange(requests_, {})) {
    counters_.dropped_at_stop += static_cast<std::int64_t>(request.documents.size());
    request.answer.set_value("the daemon is stopping");
  }
}

}  // namespace xrayd::local
