// The threads that send what is in the backlog.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "config/log_throttle.hpp"
#include "forward/delivery.hpp"

namespace xrayd::forward {

/// As many threads as there is work for, each with a connection of its own.
class Uploader {
 public:
  Uploader(const UploadParts& parts, net::ClientFactory clients, int most_threads);
  Uploader(const Uploader&) = delete;
  Uploader& operator=(const Uploader&) = delete;
  /// Ends as stop() does.
  ~Uploader();

  /// Throws where not even one thread or connection is to be had.
  void start();
  /// Cuts requests in progress and ends the threads; what they had is back in the backlog. For one
  /// thread.
  void stop() noexcept;

 private:
  struct Worker {
    std::unique_ptr<net::HttpClient> client;
    std::thread thread;
  };

  void begin_worker();
  void add_worker() noexcept;
  void run(net::HttpClient& client);
  [[nodiscard]] bool has_credentials();

  UploadParts parts_;
  net::ClientFactory clients_;
  const std::size_t most_threads_;
  std::mutex mutex_;
  std::list<Worker> workers_;
  bool stopped_ = false;
  log::Throttle throttle_{1};
};

}  // namespace xrayd::forward
