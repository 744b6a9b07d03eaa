// What becomes of a segment that was recorded only to see how it ends.
#pragma once

#include <xray/impl/diagnostics.hpp>
#include <xray/impl/entity.ipp>
#include <xray/impl/record.hpp>
#include <xray/impl/runtime.hpp>
#include <xray/impl/sampling/reservoir.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Why a segment that was not sampled is worth keeping; empty: it isn't.
inline std::string_view reason_to_keep(const Record& record, const KeepUnsampled& keep) noexcept {
  if (keep.per_second == 0) return {};
  if (record.root.flags.fault) return "fault";
  const std::int64_t longest = std::chrono::nanoseconds(keep.slower_than).count();
  return longest > 0 && record.end.steady - record.begin.steady > longest ? "slow" : "";
}

inline void settle_how_it_ended(Record& record) noexcept {
  Runtime& run = *runtime();
  const Settings& settings = run.settings();
  if (record.observed) {
    const UnrecordedScope scope(thread_state);
    settings.sampler->observe({record.sampling_rule.view(), record.root.name.view(),
                               !record.provisional, record.root.flags.fault});
  }
  if (!record.provisional) return;
  const std::string_view reason = reason_to_keep(record, settings.keep);
  if (!reason.empty()) {
    if (run.kept().take(epoch_second(), settings.keep.per_second)) {
      count(counters.segments_kept);
      const std::uint32_t missing = record.missing.load(std::memory_order_relaxed);
      if (missing != 0) say_no_memory(missing);
      annotate_with_text(&record.root, "xray_kept", reason);
      return;
    }
    count(counters.segments_not_kept);
  }
  record.forgotten = true;
}

}  // namespace detail
XRAY_NAMESPACE_END
