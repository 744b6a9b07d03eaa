// How long intake sleeps after it emptied the socket.
#pragma once

#include <chrono>
#include <cstdint>

namespace xrayd::intake {

struct Drained {
  std::uint64_t datagrams = 0;
  std::uint64_t bytes = 0;
  /// Since the socket was found empty the time before.
  std::chrono::nanoseconds elapsed{0};
};

/// A nap lets datagrams gather, so that one wake-up serves many. It is at most 10 ms, and no longer
/// than the present rate needs to fill an eighth of the `granted` bytes of socket buffer; 0 means
/// don't sleep. A small buffer can't hold a burst, so there the limit is 1 ms.
[[nodiscard]] constexpr std::chrono::microseconds nap_length(const Drained& drained,
                                                             std::uint64_t granted) {
  using std::chrono::microseconds;
  constexpr std::uint64_t small_buffer = std::uint64_t{2} << 20U;
  constexpr std::uint64_t shortest_us = 100;
  // The kernel charges a datagram for about twice its size and its own bookkeeping.
  constexpr std::uint64_t overhead = 832;
  const std::uint64_t longest_us = granted < small_buffer ? 1'000 : 10'000;
  const std::uint64_t charged = 2 * drained.bytes + overhead * drained.datagrams;
  const auto elapsed_us =
      static_cast<std::uint64_t>(std::chrono::duration_cast<microseconds>(drained.elapsed).count());
  if (charged == 0) return microseconds(longest_us);
  const std::uint64_t fill_us = granted / 8 * (elapsed_us + 1) / charged;
  if (fill_us < shortest_us) return microseconds(0);
  return microseconds(fill_us < longest_us ? fill_us : longest_us);
}

}  // namespace xrayd::intake
