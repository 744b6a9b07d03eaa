#include "intake/nap.hpp"

#include <gtest/gtest.h>

namespace xrayd::intake {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t large = 8U << 20U;
constexpr std::uint64_t small = 416U << 10U;

/// What a steady rate of 1 KB datagrams leaves after a nap of 10 ms.
constexpr Drained at_rate(std::uint64_t per_second) {
  return {per_second / 100, per_second / 100 * 1024, 10ms};
}

TEST(Nap, up_to_ten_thousand_a_second_it_lasts_the_full_ten_milliseconds) {
  EXPECT_EQ(nap_length(at_rate(1'000), large), 10ms);
  EXPECT_EQ(nap_length(at_rate(10'000), large), 10ms);
}

TEST(Nap, it_shrinks_as_load_grows_until_there_is_none) {
  const auto at_100k = nap_length(at_rate(100'000), large);
  const auto at_300k = nap_length(at_rate(300'000), large);
  EXPECT_LT(at_100k, 10ms);
  EXPECT_GT(at_100k, 1ms);
  EXPECT_LT(at_300k, at_100k);
  EXPECT_EQ(nap_length({640'000, 640'000ULL * 1024, 10ms}, large), 0us);
}

TEST(Nap, during_a_nap_at_a_steady_rate_an_eighth_of_the_buffer_is_the_most_that_fills) {
  for (const std::uint64_t rate : {1'000U, 10'000U, 50'000U, 100'000U, 500'000U}) {
    for (const std::uint64_t granted : {small, large}) {
      const auto nap = nap_length(at_rate(rate), granted);
      const auto filled = static_cast<double>(nap.count()) / 1e6 * static_cast<double>(rate) * 2880;
      EXPECT_LE(filled, static_cast<double>(granted) / 8 * 1.01) << rate;
    }
  }
}

TEST(Nap, with_a_small_buffer_it_is_short_at_any_rate) {
  EXPECT_EQ(nap_length(at_rate(100), small), 1ms);
  EXPECT_LE(nap_length(at_rate(10'000), small), 1ms);
}

}  // namespace
}  // namespace xrayd::intake
