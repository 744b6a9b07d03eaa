// Traces in memory, compiled whenever somebody asks: slow, plain, and so easy to trust.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "local/store/trace_source.hpp"

namespace xrayd::local {

/// Times of test documents are offsets from it.
inline constexpr double memory_epoch = 1700000000.0;

/// The n-th trace id of a test; its time is memory_epoch.
[[nodiscard]] TraceId memory_trace_id(std::uint64_t n);

/// A segment document; `more` is further members with a comma in front. Without an end (below 0) it
/// is in progress.
[[nodiscard]] std::string segment_document(const TraceId& trace, EntityId id, std::string_view name,
                                           double start, double end, std::string_view more = "");

/// `,"subsegments":[{...}]` with one finished part that called somebody; `more` as above.
[[nodiscard]] std::string calling_part(EntityId id, std::string_view name,
                                       std::string_view name_space, double start, double end,
                                       std::string_view more = "");

class MemoryTraces final : public TraceSource {
 public:
  /// Throws where the document is refused.
  void put(const std::string& document);
  void mark_limit_exceeded(const TraceId& id) { traces_.at(id).limit_exceeded = true; }
  void forget(const TraceId& id) { traces_.erase(id); }
  void clear() { traces_.clear(); }

  /// Each page of records() ends after so many traces that were looked at, as if time were over.
  std::size_t slow_after = static_cast<std::size_t>(-1);

  /// Called once when records() has read, before it answers: what others do meanwhile.
  mutable std::function<void()> meanwhile;

  [[nodiscard]] std::optional<StoredTrace> trace(const TraceId& id) const override;
  [[nodiscard]] std::optional<TraceRecord> record(const TraceId& id) const override;
  [[nodiscard]] RecordPage records(const RecordQuery& query) const override;
  [[nodiscard]] GraphSum graph(double start, double end) const override;
  [[nodiscard]] std::vector<GraphMinute> graph_minutes(double start, double end) const override;

 private:
  std::map<TraceId, StoredTrace> traces_;
};

}  // namespace xrayd::local
