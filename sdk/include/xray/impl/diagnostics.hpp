// What the SDK counts and says of itself.
#pragma once

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include <xray/config.hpp>
#include <xray/impl/no_cancellation.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

using Counter = std::atomic<std::uint64_t>;

inline void count(Counter& counter, std::uint64_t by = 1) noexcept {
  counter.fetch_add(by, std::memory_order_relaxed);
}

/// The counters behind Statistics, and for each loss whether it was reported.
struct Counters {
  Counter documents_sent{0};
  Counter bytes_sent{0};
  Counter dropped_queue_full{0};
  Counter dropped_too_large{0};
  Counter dropped_no_memory{0};
  Counter dropped_send_failed{0};
  Counter documents_split{0};
  Counter context_missing{0};
  Counter annotations_dropped{0};
  Counter dropped_leaked{0};
  Counter metadata_truncated{0};
  Counter frames_truncated{0};
  Counter metadata_invalid{0};
  Counter names_corrected{0};
  Counter strings_truncated{0};
  Counter plugins_failed{0};
  Counter segments_kept{0};
  Counter segments_not_kept{0};
  Counter sampling_calls_failed{0};
  Counter sampling_rules_skipped{0};
};

XRAY_PROCESS_WIDE inline Counters counters;

/// Set by configure(); null: standard error.
XRAY_PROCESS_WIDE inline std::atomic<void (*)(std::string_view)> log_callback{nullptr};

/// Says one line. Never throws, nor waits, nor raises SIGPIPE: a line that can't be written is
/// lost.
inline void log_line(std::string_view message) noexcept {
  if (auto* const callback = log_callback.load(std::memory_order_acquire)) {
    callback(message);
    return;
  }
  char line[512];
  const std::size_t size = message.copy(line, sizeof line - 1);
  line[size] = '\n';
  // Standard error may be a pipe that nobody reads, full or without another end. One that is ready
  // has room for the line.
  const NoCancellation no_cancellation;
  pollfd watched{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&watched, 1, 0) != 1 || watched.revents != POLLOUT) return;
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line, size + 1);
}

/// A kind of trouble that is worth one line a process.
class ReportOnce {
 public:
  constexpr ReportOnce() noexcept = default;
  void operator()(std::string_view message) noexcept {
    if (is_due()) log_line(message);
  }
  /// True once: for messages that take some making.
  bool is_due() noexcept { return !said_.load(std::memory_order_relaxed) && !said_.exchange(true); }

 private:
  std::atomic<bool> said_{false};
};

struct Reports {
  ReportOnce context_missing;
  ReportOnce queue_full;
  ReportOnce too_large;
  ReportOnce leaked;
  ReportOnce no_memory;
  ReportOnce send_failed;
  ReportOnce annotation;
  ReportOnce metadata;
  ReportOnce name;
  ReportOnce resolve;
  ReportOnce thread;
  ReportOnce configured_late;
  ReportOnce plugins[4];  ///< by Plugin
  ReportOnce not_carried;
  ReportOnce sampling;        ///< a call for central rules or targets
  ReportOnce sampling_rules;  ///< central rules that can't be used
};

XRAY_PROCESS_WIDE inline Reports reports;

}  // namespace detail
XRAY_NAMESPACE_END
