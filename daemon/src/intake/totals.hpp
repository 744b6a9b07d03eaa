// What intake has counted since the start, in two figures.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "intake/datagram.hpp"

namespace xrayd::intake {

struct Totals {
  /// Datagrams and frames that were not empty.
  std::uint64_t received = 0;
  /// Those of them that were refused.
  std::uint64_t refused = 0;

  friend Totals operator+(const Totals& a, const Totals& b) {
    return {a.received + b.received, a.refused + b.refused};
  }
};

/// An empty datagram is no segment: it counts in neither figure, as ever in X-Ray's telemetry.
[[nodiscard]] inline Totals totals_of(
    std::uint64_t arrived, const std::array<std::atomic<std::uint64_t>, refusal_count>& refused) {
  // The receiving thread counts a refusal before the arrival.
  Totals totals{
      arrived - std::min(arrived, refused[static_cast<std::size_t>(Refusal::empty)].load()), 0};
  for (std::size_t i = 0; i < refused.size(); ++i) {
    if (i != static_cast<std::size_t>(Refusal::empty)) totals.refused += refused[i].load();
  }
  return totals;
}

}  // namespace xrayd::intake
