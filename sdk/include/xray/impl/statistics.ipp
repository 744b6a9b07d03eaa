#pragma once

#include <algorithm>
#include <chrono>

#include <xray/impl/runtime.ipp>
#include <xray/statistics.hpp>

XRAY_NAMESPACE_BEGIN

namespace detail {
inline std::chrono::milliseconds at_most_a_day(std::chrono::milliseconds timeout) noexcept {
  return std::clamp(timeout, std::chrono::milliseconds(0),
                    std::chrono::milliseconds(std::chrono::hours(24)));
}
}  // namespace detail

XRAY_DECL Statistics statistics() noexcept {
  const auto read = [](const detail::Counter& counter) {
    return counter.load(std::memory_order_relaxed);
  };
  const detail::Counters& from = detail::counters;
  Statistics result;
  result.documents_sent = read(from.documents_sent);
  result.bytes_sent = read(from.bytes_sent);
  result.dropped_queue_full = read(from.dropped_queue_full);
  result.dropped_too_large = read(from.dropped_too_large);
  result.dropped_no_memory = read(from.dropped_no_memory);
  result.dropped_send_failed = read(from.dropped_send_failed);
  result.documents_split = read(from.documents_split);
  result.context_missing = read(from.context_missing);
  result.annotations_dropped = read(from.annotations_dropped);
  result.dropped_leaked = read(from.dropped_leaked);
  result.metadata_truncated = read(from.metadata_truncated);
  result.frames_truncated = read(from.frames_truncated);
  result.metadata_invalid = read(from.metadata_invalid);
  result.names_corrected = read(from.names_corrected);
  result.strings_truncated = read(from.strings_truncated);
  result.plugins_failed = read(from.plugins_failed);
  result.segments_kept = read(from.segments_kept);
  result.segments_not_kept = read(from.segments_not_kept);
  result.sampling_calls_failed = read(from.sampling_calls_failed);
  result.sampling_rules_skipped = read(from.sampling_rules_skipped);
  return result;
}

XRAY_DECL bool flush(std::chrono::milliseconds timeout) noexcept {
  detail::Runtime* const run = detail::runtime_instance.load();
  return run == nullptr || run->flush(detail::at_most_a_day(timeout));
}

XRAY_DECL bool shutdown(std::chrono::milliseconds timeout) noexcept {
  detail::Runtime* const run = detail::runtime_instance.load();
  return run == nullptr || run->shutdown(detail::at_most_a_day(timeout));
}

XRAY_NAMESPACE_END
