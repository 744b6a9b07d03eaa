// What the uploads have come to.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "aws/retry_policy.hpp"
#include "counter_row.hpp"

namespace xrayd::forward {

/// Why a request failed, as /metrics names it.
enum class FailureClass {
  refused,
  timeout,
  cut,
  unknown_host,
  not_trusted,
  throttled,
  status_4xx,
  status_5xx,
  malformed
};
inline constexpr std::size_t failure_classes = 9;

/// For a request that did not succeed.
[[nodiscard]] FailureClass failure_class(const aws::RequestOutcome& outcome);
[[nodiscard]] std::string_view to_string(FailureClass failure);

/// What telemetry tells AWS; each counts since the start.
struct UploadTotals {
  std::uint64_t sent = 0;
  /// By the service, one by one or with their whole request.
  std::uint64_t rejected = 0;
  std::uint64_t status_4xx = 0;
  std::uint64_t status_5xx = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t refused = 0;
  std::uint64_t unknown_host = 0;
  std::uint64_t other = 0;
};

/// Thread-safe.
class UploadCounters {
 public:
  void sent(std::size_t documents) { sent_ += documents; }
  /// One document that the service named as not processed. Beyond 16 different codes it is `other`.
  void rejected(std::string_view code);
  /// Documents of a request that can never succeed.
  void lost(FailureClass failure, std::size_t documents);
  /// One request, however it ended.
  void request(std::chrono::steady_clock::duration took);
  void retry() { ++retries_; }
  void failure(FailureClass failure) { ++failures_[static_cast<std::size_t>(failure)]; }

  [[nodiscard]] UploadTotals totals() const;
  void report(CounterRows& rows) const;

 private:
  static constexpr std::array<int, 6> bucket_ms = {10, 50, 100, 500, 1000, 2000};
  static constexpr std::size_t most_codes = 16;

  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> requests_{0};
  std::atomic<std::uint64_t> retries_{0};
  std::atomic<std::uint64_t> microseconds_{0};
  std::array<std::atomic<std::uint64_t>, bucket_ms.size()> within_{};
  std::array<std::atomic<std::uint64_t>, failure_classes> failures_{};
  std::array<std::atomic<std::uint64_t>, failure_classes> lost_{};
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> rejected_;
};

}  // namespace xrayd::forward
