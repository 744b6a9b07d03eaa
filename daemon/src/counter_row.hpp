// One number that a part of the daemon reports: a line of /metrics.
#pragma once

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
};

/// Rows of one name stand together and share one help text.
using CounterRows = std::vector<CounterRow>;

}  // namespace xrayd
