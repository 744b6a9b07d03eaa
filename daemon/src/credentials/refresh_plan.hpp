// When credentials are looked for again.
#pragma once

#include <algorithm>
#include <chrono>

namespace xrayd::credentials {

/// How long after they came new ones are looked for, of credentials that last for `life`: five
/// minutes before their end, or a quarter of their life where that is less; earlier by up to half
/// of that, so that a fleet of daemons does not ask at once. `random` is from 0 to 1. A second at
/// least.
[[nodiscard]] inline std::chrono::milliseconds renewal_after(std::chrono::milliseconds life,
                                                             double random) {
  using std::chrono::milliseconds;
  const milliseconds lead = std::min<milliseconds>(std::chrono::minutes(5), life / 4);
  const milliseconds earlier(
      static_cast<milliseconds::rep>(static_cast<double>(lead.count()) * random / 2));
  return std::max<milliseconds>(life - lead - earlier, std::chrono::seconds(1));
}

/// The wait after the n-th look-up in a row that failed, n from 1.
[[nodiscard]] inline std::chrono::milliseconds retry_after(int failures,
                                                           std::chrono::milliseconds first,
                                                           std::chrono::milliseconds longest,
                                                           double random) {
  using std::chrono::milliseconds;
  milliseconds wait = first;
  for (int i = 1; i < failures && wait < longest; ++i) wait *= 2;
  wait = std::min(wait, longest);
  return wait - milliseconds(
                    static_cast<milliseconds::rep>(static_cast<double>(wait.count()) * random / 2));
}

}  // namespace xrayd::credentials
