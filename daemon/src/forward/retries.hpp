// The retry policy among threads.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <random>

#include "aws/retry_policy.hpp"

namespace xrayd::forward {

/// Thread-safe.
class Retries {
 public:
  explicit Retries(const aws::RetryOptions& options);

  [[nodiscard]] int attempts() const { return options_.attempts; }
  /// As RetryPolicy's.
  [[nodiscard]] std::optional<std::chrono::milliseconds> next_attempt(
      const aws::RequestOutcome& outcome, int attempts_made);
  void succeeded(bool after_a_retry);
  /// How long documents wait that were throttled for the `times`th time, 1 and up.
  [[nodiscard]] std::chrono::milliseconds throttle_pause(int times);
  /// From 0 to 1, 1 excluded.
  [[nodiscard]] double random();

 private:
  aws::RetryOptions options_;
  std::mutex mutex_;
  std::mt19937_64 generator_;
  aws::RetryPolicy policy_;
};

}  // namespace xrayd::forward
