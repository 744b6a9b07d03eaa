// The thread that moves traces from memory to disk, and keeps the store's limits.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "local/store/ingest_counters.hpp"
#include "local/store/store.hpp"
#include "local/store/trouble.hpp"

namespace xrayd::local {

class Flusher {
 public:
  /// Both references must outlive this.
  Flusher(Store& store, IngestCounters& counters);
  ~Flusher();
  Flusher(const Flusher&) = delete;
  Flusher& operator=(const Flusher&) = delete;

  /// Memory is scarce: don't wait for the next time.
  void hurry();
  /// Flushes everything, until the deadline, and ends the thread. What is left then is in the
  /// journals.
  void stop(std::chrono::milliseconds deadline) noexcept;

  /// Empty, or why traces can't be written at present.
  [[nodiscard]] std::string trouble() const { return trouble_.text(); }

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  bool wait(Clock::duration time);
  std::size_t flush(bool everything);

  Store& store_;
  IngestCounters& counters_;
  Trouble trouble_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool hurry_ = false;
  bool stopping_ = false;
  Clock::time_point stop_at_;

  std::thread thread_;
};

}  // namespace xrayd::local
