// Facets: what the traces of a list have in common, and how many of them.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "local/store/trace_source.hpp"
#include "local/trace/trace_record.hpp"

namespace xrayd::local {

enum class Facet {
  service,
  annotation,
  outcome,
  http_status,
  http_method,
  http_url,
  user,
  resource_arn,
  fault_cause,
  error_cause,
  response_time_cause,
};
inline constexpr std::size_t facet_count = 11;

/// One thing that traces may have. A trace that has it several times counts once.
struct FacetValue {
  /// Of a service its type, empty where it has none; of an annotation its key; of a root cause its
  /// filter; else empty.
  std::string detail;
  /// Of root causes the way from the root to where it began, for people.
  std::string value;
  /// Of the traces that were counted.
  std::int64_t count = 0;
  /// A filter expression that these traces match: each time exactly they, but for a service without
  /// a type, which expressions can't ask for.
  std::string filter;
};

/// Counts. Memory is bounded: of each facet the first max_values different values are told apart,
/// and of all together those whose texts fit max_bytes.
class FacetCounter {
 public:
  static constexpr std::size_t max_values = 10'000;
  static constexpr std::size_t max_bytes = std::size_t{16} << 20U;

  void add(const TraceRecord& record);

  /// The most frequent ones first, then in the order of their texts.
  [[nodiscard]] std::vector<FacetValue> top(Facet facet, std::size_t count) const;
  /// How many different values there are, as far as they are told apart.
  [[nodiscard]] std::size_t values(Facet facet) const noexcept {
    return values_[static_cast<std::size_t>(facet)].size();
  }

 private:
  struct Tally {
    FacetValue value;
    std::uint64_t last_trace = 0;
  };

  template <typename MakeFilter>
  void count(Facet facet, std::string_view detail, std::string_view value,
             const MakeFilter& make_filter);
  void count_outcome(const Outcome& outcome);
  void count_root(const RecordSegment& root);
  void count_causes(Facet facet, std::string_view kind, const std::vector<RootCause>& causes,
                    const TraceRecord& record);

  std::array<std::unordered_map<std::string, Tally>, facet_count> values_;
  std::uint64_t trace_ = 0;
  std::size_t bytes_ = 0;
};

struct FacetsQuery {
  /// Seconds since 1970, `[start, end)`.
  double start = 0;
  double end = 0;
  TimeRange range = TimeRange::trace_id;
  Filter filter;
  /// Traces that are looked at, the newest ones.
  std::size_t scanned = 10'000;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

struct FacetsAnswer {
  FacetCounter counter;
  /// Traces that were looked at, and those of them that match.
  std::uint64_t scanned = 0;
  std::uint64_t matched = 0;
  /// There were no more.
  bool complete = false;
};

/// Throws SqliteError where the store can't be read.
[[nodiscard]] FacetsAnswer count_facets(const TraceSource& traces, const FacetsQuery& query);

}  // namespace xrayd::local
