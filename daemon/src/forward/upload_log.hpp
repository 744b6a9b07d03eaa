// What the log says of uploads: in the words that scripts know, and bounded.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "config/log_throttle.hpp"
#include "forward/unprocessed.hpp"

namespace xrayd::forward {

/// Thread-safe. Nothing that users have sent gets into a line but ids.
class UploadLog {
 public:
  using Duration = std::chrono::steady_clock::duration;

  /// `Successfully sent batch of 50 segments (0.005 seconds)`. At most 20 lines a second; the next
  /// line after that says how many batches had none.
  void sent(std::size_t documents, Duration took);
  /// `Sent batch of 50 segments but had 2 Unprocessed segments (0.005 seconds)`.
  void sent_but(std::size_t documents, std::size_t unprocessed, Duration took);
  /// `Unprocessed trace 1-..., segment ...: ThrottledException: message`.
  void unprocessed(std::string_view trace_id, const UnprocessedEntry& entry);
  /// `Sending segment batch failed with: ...`: these documents are lost.
  void lost(const std::string& why, std::size_t documents);
  /// The same of a batch that is kept.
  void failing(const std::string& why, std::uint64_t waiting);
  void recovered(Duration after, std::uint64_t waiting);
  /// Says what has been left out and not been said yet.
  void flush();

 private:
  std::mutex mutex_;
  log::Throttle successes_{20};
  log::Throttle partial_{5};
  log::Throttle entries_{10};
  log::Throttle losses_{2};
  log::Throttle failures_{1};
  std::uint64_t unsaid_batches_ = 0;
  std::uint64_t unsaid_documents_ = 0;
};

}  // namespace xrayd::forward
