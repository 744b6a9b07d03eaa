// One number that a part of the daemon reports: a line of /metrics.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace xrayd {

/// One counter or gauge. `name` begins with `xrayd_`, counters end in `_total` (Prometheus' habit);
/// `labels` is empty or the inside of the braces, such as `reason="not_json"`.
struct CounterRow {
  std::string name;
  std::string help;
  std::string labels;
  std::int64_t value = 0;
  bool gauge = false;
  /// One of many rows of its name, by names that users give: a line for people has their sum.
  bool summed = false;
  /// For machines alone: too fine for a line for people.
  bool detail = false;
};

/// Rows of one name stand together and share one help text.
using CounterRows = std::vector<CounterRow>;

/// The rows for people: those that are `summed` are one a name, without labels, those that are
/// `detail` are left out.
[[nodiscard]] inline CounterRows with_sums(const CounterRows& rows) {
  CounterRows result;
  for (const CounterRow& row : rows) {
    if (row.detail) continue;
    if (!row.summed) {
      result.push_back(row);
      continue;
    }
    const auto same = std::find_if(result.begin(), result.end(), [&](const CounterRow& other) {
      return other.summed && other.name == row.name;
    });
    if (same != result.end()) {
      same->value += row.value;
    } else {
      result.push_back(row);
      result.back().labels.clear();
    }
  }
  return result;
}

}  // namespace xrayd
