#include "local/store/record_maker.hpp"

#include "local/store/background.hpp"

namespace xrayd::local {
namespace {

using namespace std::chrono_literals;

constexpr auto usual_interval = 20ms;
constexpr auto idle_interval = 10s;
constexpr auto retry_interval = 500ms;

}  // namespace

RecordMaker::RecordMaker(const Store& store) : store_(store) {
  thread_ = std::thread([this] { run(); });
}

RecordMaker::~RecordMaker() {
  stop();
}

void RecordMaker::wake() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_) return;
    idle_ = false;
  }
  wake_.notify_one();
}

void RecordMaker::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

// False if the end has come.
bool RecordMaker::wait(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  idle_ = time == idle_interval;
  const bool was_idle = idle_;
  wake_.wait_for(lock, time, [&] { return stopping_ || (was_idle && !idle_); });
  idle_ = false;
  return !stopping_;
}

void RecordMaker::run() {
  let_others_go_first();
  for (;;) {
    std::chrono::milliseconds pause = 0ms;
    try {
      if (store_.make_records() == 0) pause = store_.is_idle() ? idle_interval : usual_interval;
    } catch (const SqliteError&) {
      // Whoever asks for that record is told.
      pause = retry_interval;
    }
    if (!wait(pause)) break;
  }
}

}  // namespace xrayd::local
