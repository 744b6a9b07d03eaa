// Figures of nodes and edges as the API shows them.
#pragma once

#include <string>

#include "local/graph/graph_sum.hpp"
#include "local/graph/histogram.hpp"
#include "local/json/json.hpp"

namespace xrayd::local {

/// ServiceStatistics and EdgeStatistics: both are the same.
void write_statistics(JsonWriter& writer, const CallStatistics& statistics);

/// Writes lists of HistogramEntry. Keeps its memory from one to the next; one thread at a time.
class HistogramWriter {
 public:
  /// More entries than clients draw; more buckets than these are put together with neighbours.
  static constexpr std::size_t max_entries = 100;

  /// Sorted by `Value`, which is in seconds, rounded to milliseconds; no two have the same.
  void write(JsonWriter& writer, const Histogram& histogram);

 private:
  std::string text_;
};

}  // namespace xrayd::local
