#include "local/store/flusher.hpp"

#include "local/store/background.hpp"

namespace xrayd::local {
namespace {

using namespace std::chrono_literals;

constexpr auto usual_interval = 100ms;
constexpr auto idle_interval = 1s;
constexpr auto maintenance_interval = 1s;
constexpr auto retry_interval = 500ms;

}  // namespace

Flusher::Flusher(Store& store, IngestCounters& counters) : store_(store), counters_(counters) {
  thread_ = std::thread([this] { run(); });
}

Flusher::~Flusher() {
  if (thread_.joinable()) stop(0ms);
}

void Flusher::hurry() {
  {
    const std::lock_guard lock(mutex_);
    if (hurry_) return;
    hurry_ = true;
  }
  wake_.notify_one();
}

void Flusher::stop(std::chrono::milliseconds deadline) noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    stop_at_ = Clock::now() + deadline;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

// True if there is time left and no end in sight.
bool Flusher::wait(Clock::duration time) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, time, [this] { return stopping_ || hurry_; });
  hurry_ = false;
  return !stopping_;
}

std::size_t Flusher::flush(bool everything) {
  std::size_t moved = 0;
  WriteCounts counts;
  const bool well = trouble_.attempt(counters_, [&] {
    moved = store_.flush(everything, counts);
    // What failed is tried again by writing next to nothing, where there is nothing else.
    if (moved == 0 && !trouble_.text().empty()) store_.probe();
  });
  counters_.add(counts);
  return well ? moved : 0;
}

void Flusher::run() {
  let_others_go_first();
  auto maintained = Clock::now();
  for (;;) {
    const auto moved = flush(false);
    if (Clock::now() - maintained >= maintenance_interval && trouble_.text().empty()) {
      maintained = Clock::now();
      trouble_.attempt(counters_, [this] { store_.maintain(); });
    }
    const auto pause = !trouble_.text().empty() ? Clock::duration(retry_interval)
                       : moved > 0
                           ? Clock::duration(0)
                           : Clock::duration(store_.is_idle() ? idle_interval : usual_interval);
    if (!wait(pause)) break;
  }
  while (Clock::now() < stop_at_) {
    if (flush(true) == 0 && trouble_.text().empty()) break;
    if (!trouble_.text().empty()) std::this_thread::sleep_for(retry_interval / 10);
  }
}

}  // namespace xrayd::local
