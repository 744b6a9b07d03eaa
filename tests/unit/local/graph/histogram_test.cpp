#include "local/graph/histogram.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace xrayd::local {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Histogram, a_bucket_s_value_lies_in_it_and_buckets_rise) {
  double last = 0;
  for (int i = 0; i < Histogram::bucket_count; ++i) {
    const auto bucket = static_cast<Histogram::Bucket>(i);
    const double value = Histogram::value_of(bucket);
    EXPECT_GT(value, last);
    EXPECT_EQ(Histogram::bucket_of(value), bucket);
    last = value;
  }
}

TEST(Histogram, every_latency_is_known_to_three_percent) {
  for (double seconds = 1e-6; seconds < 366 * 86400.0; seconds *= 1.0007) {
    EXPECT_NEAR(Histogram::value_of(Histogram::bucket_of(seconds)) / seconds, 1, 0.03);
  }
}

TEST(Histogram, what_lies_beyond_counts_at_the_end) {
  for (const double low : {0.0, -1.0, 1e-9, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(Histogram::bucket_of(low), 0);
  }
  for (const double high : {366 * 86400.0, 1e12, std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(Histogram::bucket_of(high), Histogram::bucket_count - 1);
  }
}

TEST(Histogram, moments_are_within_three_percent) {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> latency(-3, 1);
  Histogram histogram;
  double sum = 0;
  double squares = 0;
  constexpr int calls = 20'000;
  for (int i = 0; i < calls; ++i) {
    const double seconds = latency(random);
    histogram.add(seconds);
    sum += seconds;
    squares += seconds * seconds;
  }
  double sum_of_buckets = 0;
  double squares_of_buckets = 0;
  histogram.each([&](Histogram::Bucket bucket, std::int64_t count) {
    const double value = Histogram::value_of(bucket);
    sum_of_buckets += value * static_cast<double>(count);
    squares_of_buckets += value * value * static_cast<double>(count);
  });
  EXPECT_EQ(histogram.total(), calls);
  EXPECT_NEAR(sum_of_buckets / sum, 1, 0.03);
  EXPECT_NEAR(squares_of_buckets / squares, 1, 0.03);
}

TEST(Histogram, counts_are_sorted_and_none_is_zero) {
  Histogram histogram;
  EXPECT_TRUE(histogram.empty());
  histogram.add_bucket(700, 2);
  histogram.add_bucket(3, 1);
  histogram.add_bucket(701, 5);
  histogram.add_bucket(3, 1);
  EXPECT_THAT(histogram.counts(), ElementsAre(Pair(3, 2), Pair(700, 2), Pair(701, 5)));
  EXPECT_EQ(histogram.total(), 9);
}

TEST(Histogram, a_sum_of_two_is_as_if_counted_together) {
  std::mt19937_64 random(2);
  std::lognormal_distribution<double> latency(0, 5);
  for (int round = 0; round < 100; ++round) {
    Histogram left;
    Histogram right;
    Histogram both;
    for (std::uint64_t i = random() % 30; i > 0; --i) {
      const double seconds = latency(random);
      (i % 2 == 0 ? left : right).add(seconds);
      both.add(seconds);
    }
    left += right;
    EXPECT_EQ(left, both);
  }
}

TEST(Histogram, added_to_itself_it_counts_twice) {
  Histogram histogram;
  histogram.add(0.5, 3);
  histogram += histogram;
  EXPECT_EQ(histogram.total(), 6);
  EXPECT_THAT(histogram.counts(), ElementsAre(Pair(Histogram::bucket_of(0.5), 6)));
}

TEST(Histogram, what_was_subtracted_is_gone_and_nothing_falls_below_nothing) {
  Histogram histogram;
  histogram.add(0.5);
  histogram.add(2);
  histogram.subtract(2);
  histogram.subtract(2);
  histogram.subtract(7);
  EXPECT_THAT(histogram.counts(), ElementsAre(Pair(Histogram::bucket_of(0.5), 1)));
  histogram.subtract(0.5);
  EXPECT_TRUE(histogram.empty());
  EXPECT_EQ(histogram, Histogram());
}

TEST(Histogram, a_filler_adds_in_any_order) {
  Histogram histogram;
  {
    Histogram::Filler filler(histogram);
    for (const int bucket : {900, 1, 2, 899, 1}) {
      filler.add(static_cast<Histogram::Bucket>(bucket), 1);
    }
  }
  EXPECT_EQ(histogram.total(), 5);
  EXPECT_THAT(histogram.counts(), ElementsAre(Pair(1, 2), Pair(2, 1), Pair(899, 1), Pair(900, 1)));
}

}  // namespace
}  // namespace xrayd::local
