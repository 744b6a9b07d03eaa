#include "forward/uploader.hpp"

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "config/log.hpp"

namespace xrayd::forward {
namespace {

using namespace std::chrono_literals;
using Clock = Pace::Clock;

/// How long a thread waits for a batch before it looks around. Nothing depends on it.
constexpr auto batch_patience = 1s;
/// How soon a thread that waits for credentials sees that all is over.
constexpr auto attention = 250ms;

}  // namespace

Uploader::Uploader(const UploadParts& parts, net::ClientFactory clients, int most_threads)
    : parts_(parts),
      clients_(std::move(clients)),
      most_threads_(static_cast<std::size_t>(most_threads)) {
}

Uploader::~Uploader() {
  stop();
}

void Uploader::start() {
  const std::lock_guard lock(mutex_);
  begin_worker();
}

/// With the lock held.
void Uploader::begin_worker() {
  net::ClientSettings settings;
  settings.connect_timeout = parts_.connect_timeout;
  Worker& worker = workers_.emplace_back();
  try {
    worker.client = clients_(settings);
    worker.thread = std::thread([this, &client = *worker.client] { run(client); });
  } catch (...) {
    workers_.pop_back();
    throw;
  }
}

void Uploader::add_worker() noexcept {
  const std::lock_guard lock(mutex_);
  if (stopped_ || workers_.size() >= most_threads_) return;
  try {
    begin_worker();
  } catch (const std::exception& problem) {
    // Those that are there do the work.
    if (throttle_.admit(log::Throttle::Clock::now())) {
      log::warn("No further thread for uploads: " + std::string(problem.what()));
    }
  }
}

bool Uploader::has_credentials() {
  if (parts_.service.credentials.current() == nullptr &&
      parts_.service.credentials.newer_than(nullptr, Clock::now() + attention) == nullptr) {
    parts_.pace.credentials(false);
    return false;
  }
  parts_.pace.credentials(true);
  return true;
}

void Uploader::run(net::HttpClient& client) {
  Delivery delivery(parts_, client);
  while (parts_.pace.await_turn()) {
    // Documents wait in the backlog, which knows what to do with many of them, not here.
    if (!has_credentials()) {
      (void)parts_.pace.end_turn(false);
      continue;
    }
    std::optional<backlog::Batch> batch = parts_.backlog.take(Clock::now() + batch_patience);
    if (parts_.pace.end_turn(batch.has_value())) add_worker();
    if (batch) {
      delivery.deliver(std::move(*batch));
      parts_.pace.finished();
    } else if (parts_.pace.closing()) {
      parts_.pace.await_change();
    }
  }
}

void Uploader::stop() noexcept {
  parts_.pace.end();
  std::list<Worker> workers;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    workers.swap(workers_);
  }
  for (Worker& worker : workers) worker.client->cancel();
  for (Worker& worker : workers) worker.thread.join();
}

}  // namespace xrayd::forward
