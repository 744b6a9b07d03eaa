#include "forward/client_pool.hpp"

namespace xrayd::forward {

ClientPool::ClientPool(net::ClientFactory clients, net::ClientSettings settings, std::size_t most)
    : factory_(std::move(clients)), settings_(settings), most_(most) {
  // So that giving back never needs memory.
  clients_.reserve(most_);
  free_.reserve(most_);
}

ClientPool::Loan ClientPool::borrow(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return stopped_ || !free_.empty() || clients_.size() < most_; };
  if (!freed_.wait_until(lock, deadline, ready) || stopped_) return {*this, nullptr};
  if (free_.empty()) {
    clients_.push_back(factory_(settings_));
    return {*this, clients_.back().get()};
  }
  net::HttpClient* client = free_.back();
  free_.pop_back();
  return {*this, client};
}

void ClientPool::give_back(net::HttpClient* client) noexcept {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(client);
  }
  freed_.notify_one();
}

void ClientPool::stop() noexcept {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (const auto& client : clients_) client->cancel();
  freed_.notify_all();
}

}  // namespace xrayd::forward
