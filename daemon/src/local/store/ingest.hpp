// The way into the store: a bounded queue and the thread that gathers what is in it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <future>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "config/log_throttle.hpp"
#include "local/store/flusher.hpp"
#include "local/store/ingest_counters.hpp"
#include "local/store/record_maker.hpp"
#include "local/store/store.hpp"
#include "local/store/trouble.hpp"

namespace xrayd::local {

class Ingest {
 public:
  /// `queue_bytes` bounds what waits. Both references must outlive this.
  Ingest(Store& store, IngestCounters& counters, std::uint64_t queue_bytes);
  ~Ingest();
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  /// Queues documents, or OpenTelemetry spans in place of one (see is_otlp_payload()), that nobody
  /// waits for; the oldest make room for them. Safe from the end of
  /// the process a few hundredths of a second later.
  void offer(std::span<const std::string_view> bodies) noexcept;

  /// Stores documents and waits until they are safe and visible. Answers an empty text, or why they
  /// aren't; then they are not kept for another try.
  std::string store(std::vector<SegmentDocument> documents);

  /// Stores what is queued and moves everything to disk, until the deadline; ends the threads.
  /// Nothing may be offered after.
  void drain(std::chrono::milliseconds deadline) noexcept;

  /// Empty, or why the store takes no writes at present; without the names of its files.
  [[nodiscard]] std::string trouble() const;
  [[nodiscard]] std::uint64_t queued_bytes() const;
  /// Half of the queue is free: the other half is for senders that can't be made to wait.
  [[nodiscard]] bool has_room() const { return queued_bytes() < max_queue_bytes_ / 2; }

 private:
  using Clock = std::chrono::steady_clock;

  struct Request {
    std::vector<SegmentDocument> documents;
    std::promise<std::string> answer;
  };

  // What the gatherer works on: taken from the queue, not yet in the store.
  struct Work {
    std::vector<std::string> bodies;
    std::vector<Request> requests;
  };

  void run();
  Work wait_for_work();
  void parse(std::vector<std::string>& bodies);
  bool parse_spans(std::string_view body);
  void parse_document(std::string text);
  void tell_refusal(Reason reason, std::size_t size);
  void add_queued();
  void add_requests(std::vector<Request>& requests);
  bool add(std::vector<SegmentDocument>& documents, Promise promise);
  bool wait_for_room();
  [[nodiscard]] bool is_worth_a_batch() const;
  void drop_oldest(std::uint64_t room_for);
  void count_what_is_left();

  Store& store_;
  IngestCounters& counters_;
  const std::uint64_t max_queue_bytes_;
  Trouble trouble_;
  Flusher flusher_;
  RecordMaker record_maker_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::string> queue_;
  std::uint64_t queued_bytes_ = 0;
  Clock::time_point oldest_queued_;
  std::vector<Request> requests_;
  bool stopping_ = false;
  Clock::time_point stop_at_;

  // The gatherer's own: documents from the queue that the disk may have refused so far.
  std::vector<SegmentDocument> documents_;
  log::Throttle refusals_{5};

  std::thread thread_;
};

}  // namespace xrayd::local
