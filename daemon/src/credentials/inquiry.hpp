// One round of questions to services, files and programs, which can be called off.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "net/http_client.hpp"

namespace xrayd::credentials {

/// Who asks holds one; whoever loses interest calls it off, and all that the asker waits for ends
/// at once. Used by one asking thread; call_off() and called_off() by any.
class Inquiry {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  /// Nothing in it waits for longer than `limit` from now. Throws std::system_error if the system
  /// has no file descriptor left.
  Inquiry(net::ClientFactory clients, std::chrono::milliseconds limit);
  Inquiry(const Inquiry&) = delete;
  Inquiry& operator=(const Inquiry&) = delete;
  ~Inquiry();

  void call_off() noexcept;
  [[nodiscard]] bool called_off() const noexcept { return called_off_; }
  [[nodiscard]] bool is_over() const noexcept;

  /// A request and its answer, within `timeout` and what is left of the limit.
  [[nodiscard]] net::HttpResult send(net::HttpClient& client, const aws::Endpoint& endpoint,
                                     const net::HttpRequest& request,
                                     std::chrono::milliseconds timeout) const noexcept;

  /// A client that call_off() cancels. Lives as long as the inquiry.
  [[nodiscard]] net::HttpClient& client(const net::ClientSettings& settings);

  /// False if it was called off, or over, in the meantime.
  bool pause(std::chrono::milliseconds time) const noexcept;

  /// Readable from call_off() on: for poll().
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  net::ClientFactory factory_;
  Deadline deadline_;
  int descriptor_ = -1;
  std::atomic<bool> called_off_{false};
  std::mutex mutex_;
  std::vector<std::unique_ptr<net::HttpClient>> clients_;
};

}  // namespace xrayd::credentials
