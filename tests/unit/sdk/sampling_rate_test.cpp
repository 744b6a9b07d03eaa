#include <xray/impl/sampling/sampling_rate.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

using xray::detail::always_threshold;
using xray::detail::is_below;
using xray::detail::rate_threshold;

namespace {

constexpr std::uint64_t all_ones = ~std::uint64_t{0};

}  // namespace

TEST(SamplingRate, zero_is_never_whatever_chance_says) {
  for (const std::uint64_t bits : {std::uint64_t{0}, std::uint64_t{1}, all_ones}) {
    EXPECT_FALSE(is_below(bits, rate_threshold(0.0)));
    EXPECT_FALSE(is_below(bits, rate_threshold(-0.0)));
  }
}

TEST(SamplingRate, one_is_always_whatever_chance_says) {
  for (const std::uint64_t bits : {std::uint64_t{0}, all_ones - 1, all_ones}) {
    EXPECT_TRUE(is_below(bits, rate_threshold(1.0)));
  }
}

TEST(SamplingRate, a_rate_just_below_one_is_not_always) {
  const double rate = std::nextafter(1.0, 0.0);
  EXPECT_NE(rate_threshold(rate), always_threshold);
  EXPECT_FALSE(is_below(all_ones, rate_threshold(rate)));
  EXPECT_TRUE(is_below(all_ones - 4096, rate_threshold(rate)));
}

TEST(SamplingRate, a_tiny_rate_is_not_never) {
  EXPECT_EQ(rate_threshold(1e-18), 18U);  // of 2^64
  EXPECT_TRUE(is_below(17, rate_threshold(1e-18)));
  EXPECT_FALSE(is_below(18, rate_threshold(1e-18)));
}

TEST(SamplingRate, what_is_beyond_the_ends_counts_as_the_nearer_one_and_nan_as_never) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(rate_threshold(std::numeric_limits<double>::quiet_NaN()), 0U);
  EXPECT_EQ(rate_threshold(-1), 0U);
  EXPECT_EQ(rate_threshold(-infinity), 0U);
  EXPECT_EQ(rate_threshold(2), always_threshold);
  EXPECT_EQ(rate_threshold(infinity), always_threshold);
}

TEST(SamplingRate, half_is_the_upper_bit) {
  EXPECT_TRUE(is_below((std::uint64_t{1} << 63U) - 1, rate_threshold(0.5)));
  EXPECT_FALSE(is_below(std::uint64_t{1} << 63U, rate_threshold(0.5)));
}

// The generator is fixed, and so is what comes out. The bound is five standard deviations.
TEST(SamplingRate, five_percent_of_many_are_five_percent) {
  constexpr int rounds = 1'000'000;
  constexpr double rate = 0.05;
  std::mt19937_64 generator(20'260'101);
  int sampled = 0;
  for (int i = 0; i < rounds; ++i) sampled += is_below(generator(), rate_threshold(rate)) ? 1 : 0;
  EXPECT_NEAR(sampled, rounds * rate, 5 * std::sqrt(rounds * rate * (1 - rate)));
}
