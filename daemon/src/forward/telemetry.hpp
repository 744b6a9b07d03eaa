// Sends PutTelemetryRecords at intervals.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "counter_row.hpp"
#include "forward/retries.hpp"
#include "forward/service_call.hpp"
#include "forward/telemetry_record.hpp"
#include "net/http_client.hpp"

namespace xrayd::forward {

/// One record an interval, from the first interval in which something had been received, with the
/// differences to the one before. What can't be sent goes with the next; the 30 newest are kept.
/// Its troubles are told at level debug only: nobody's segments depend on it.
class Telemetry {
 public:
  struct Settings {
    std::chrono::milliseconds interval{60'000};
    std::chrono::milliseconds request_timeout{2000};
    aws::RetryOptions retry;
    /// All counts since the start.
    std::function<TelemetryCounts()> counts;
  };

  Telemetry(Settings settings, TelemetrySender sender, net::ClientFactory clients);
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;
  ~Telemetry();

  /// `service` must outlive this.
  void start(const Service& service);
  void set_instance(const std::string& hostname, const std::string& instance_id);
  /// Ends the thread, then sends what is left and one last record, all within `time`. Once.
  void finish(std::chrono::milliseconds time) noexcept;

  void report(CounterRows& rows) const;

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void add_record();
  /// False if something is left.
  bool send_all(Clock::time_point deadline, bool retry);
  bool send_some(std::size_t count, Clock::time_point deadline, bool retry);

  [[nodiscard]] std::unique_ptr<net::HttpClient> make_client() const;

  Settings settings_;
  net::ClientFactory clients_;
  std::unique_ptr<net::HttpClient> client_;
  Retries retries_;
  const Service* service_ = nullptr;

  mutable std::mutex mutex_;
  std::condition_variable ended_changed_;
  bool ended_ = false;
  bool idle_ = false;  ///< the thread has come to its end
  TelemetrySender sender_;

  // For one thread at a time: the one below, then who calls finish().
  std::deque<TelemetryRecord> records_;
  TelemetryCounts told_;

  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> failures_{0};
  std::thread thread_;
};

}  // namespace xrayd::forward
