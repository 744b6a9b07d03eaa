// Connections that many threads share.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "net/http_client.hpp"

namespace xrayd::forward {

/// Lends clients, each to one thread at a time. Thread-safe.
class ClientPool {
 public:
  ClientPool(net::ClientFactory clients, net::ClientSettings settings, std::size_t most);

  /// Gives its client back at its end. Must not outlive the pool.
  class Loan {
   public:
    Loan(ClientPool& pool, net::HttpClient* client) : pool_(&pool), client_(client) {}
    Loan(Loan&& other) noexcept
        : pool_(other.pool_), client_(std::exchange(other.client_, nullptr)) {}
    Loan& operator=(Loan&&) = delete;
    ~Loan() {
      if (client_ != nullptr) pool_->give_back(client_);
    }

    explicit operator bool() const { return client_ != nullptr; }
    net::HttpClient& operator*() const { return *client_; }

   private:
    ClientPool* pool_;
    net::HttpClient* client_;
  };

  /// A client, or none if none is free until `deadline` or after stop(). The one that was given
  /// back last comes first: its connection is the freshest.
  [[nodiscard]] Loan borrow(std::chrono::steady_clock::time_point deadline);

  /// Ends what is in progress and all that follows.
  void stop() noexcept;

 private:
  void give_back(net::HttpClient* client) noexcept;

  net::ClientFactory factory_;
  net::ClientSettings settings_;
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<net::HttpClient>> clients_;
  std::vector<net::HttpClient*> free_;
  bool stopped_ = false;
};

}  // namespace xrayd::forward
