#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

#include <xray/impl/clock.hpp>

using xray::detail::ClockMap;
using xray::detail::ClockPair;
using xray::detail::TickRate;

namespace {

constexpr std::int64_t wall = 1'700'000'000'000'000'000;
constexpr std::int64_t wall_microseconds = wall / 1000;
constexpr std::int64_t second = 1'000'000'000;

/// A counter of three ticks a nanosecond, read at a steady time.
ClockPair at(std::int64_t steady) {
  return {static_cast<std::uint64_t>(steady) * 3 + 1000, steady};
}

}  // namespace

TEST(ClockMap, ticks_become_wall_time_by_the_rate_between_the_pairs) {
  const ClockMap map(at(5 * second), wall, at(7 * second));
  EXPECT_EQ(map.microseconds(at(5 * second).ticks), wall_microseconds);
  EXPECT_EQ(map.microseconds(at(6 * second).ticks), wall_microseconds + 1'000'000);
  EXPECT_EQ(map.microseconds(at(7 * second).ticks), wall_microseconds + 2'000'000);
}

TEST(ClockMap, never_runs_backwards) {
  const std::vector<ClockMap> maps = {
      ClockMap(at(5 * second), wall, at(5 * second)),  // no time between the pairs
      ClockMap(at(5 * second), wall, {at(5 * second).ticks - 40, 5 * second}),  // another core's
      ClockMap(at(5 * second), wall, {at(5 * second).ticks + 40, 5 * second - 1}),
      ClockMap(at(5 * second), wall, at(6 * second)),
      ClockMap({0, 0}, wall, {std::numeric_limits<std::uint64_t>::max(), 1}),
      ClockMap({0, std::numeric_limits<std::int64_t>::min()}, wall,
               {1, std::numeric_limits<std::int64_t>::max()}),
  };
  for (const ClockMap& map : maps) {
    std::int64_t before = std::numeric_limits<std::int64_t>::min();
    for (const std::int64_t steady : {0L, 1L, second, 5 * second - 40, 5 * second, 5 * second + 40,
                                      6 * second, 1'000'000 * second}) {
      const std::int64_t now = map.microseconds(at(steady).ticks);
      EXPECT_GE(now, before);
      EXPECT_GE(now, 0);
      before = now;
    }
  }
}

TEST(ClockMap, any_ticks_give_a_time_that_a_document_can_hold) {
  const ClockMap map({std::uint64_t{1} << 63U, 0}, wall, {(std::uint64_t{1} << 63U) + 1, second});
  for (const std::uint64_t ticks : {std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max(),
                                    std::uint64_t{1} << 63U, std::uint64_t{1}}) {
    EXPECT_GE(map.microseconds(ticks), 0);
    EXPECT_LT(map.microseconds(ticks), 100'000'000'000'000'000);
  }
  const ClockMap before_the_epoch({0, 0}, -wall, {1, 1});
  EXPECT_EQ(before_the_epoch.microseconds(0), 0);
}

TEST(ClockMap, a_step_of_the_wall_clock_is_not_seen_inside_a_document) {
  // Whatever the wall clock did after it was read at the begin: only ticks and steady time count.
  const ClockMap map(at(5 * second), wall, at(6 * second));
  EXPECT_EQ(map.microseconds(at(6 * second).ticks) - map.microseconds(at(5 * second).ticks),
            1'000'000);
}

TEST(TickRate, a_pair_that_was_torn_apart_does_not_bend_the_document) {
  TickRate rate;
  rate.observe(at(1 * second));
  rate.observe(at(2 * second));
  // Between the two reads of the first pair the thread lost the processor for 4 ms.
  ClockPair begin = at(3 * second);
  begin.steady -= 4'000'000;
  const ClockPair end = at(3 * second + 1'000'000);
  const ClockMap map(begin, wall, end, rate);
  EXPECT_NEAR(static_cast<double>(map.microseconds(end.ticks) - wall_microseconds), 1000.0, 2.0);

  ClockPair late = end;
  late.ticks += 12'000'000;  // 4 ms
  const ClockMap other(at(3 * second), wall, late, rate);
  EXPECT_NEAR(static_cast<double>(other.microseconds(end.ticks) - wall_microseconds), 1000.0, 2.0);
}

TEST(TickRate, pairs_that_agree_with_it_are_believed) {
  TickRate rate;
  rate.observe(at(1 * second));
  rate.observe(at(2 * second));
  // Slewed by 0.05 %, as time servers do.
  const ClockPair end{at(13 * second).ticks, 13 * second + 5'000'000};
  const ClockMap map(at(3 * second), wall, end, rate);
  EXPECT_EQ(map.microseconds(end.ticks) - wall_microseconds, 10'005'000);
}

TEST(TickRate, nothing_is_known_at_first) {
  TickRate rate;
  EXPECT_EQ(rate.known(), 0.0);
  rate.observe(at(1 * second));
  EXPECT_EQ(rate.known(), 0.0);
  rate.observe(at(1 * second + 1000));  // too close to tell
  EXPECT_EQ(rate.known(), 0.0);
  const ClockMap map(at(3 * second), wall, at(4 * second), rate);
  EXPECT_EQ(map.microseconds(at(4 * second).ticks) - wall_microseconds, 1'000'000);
}

TEST(TickRate, a_frozen_sandbox_bends_nothing) {
  TickRate rate;
  rate.observe(at(1 * second));
  rate.observe(at(2 * second));
  // Both clocks go on while the process stands still for an hour, with a segment open or not.
  const ClockPair begin = at(3 * second);
  const ClockPair end = at(3603 * second);
  rate.observe(at(3603 * second + 500));
  const ClockMap map(begin, wall, end, rate);
  EXPECT_EQ(map.microseconds(end.ticks) - wall_microseconds, 3600 * 1'000'000LL);
  EXPECT_EQ(map.microseconds(at(4 * second).ticks) - wall_microseconds, 1'000'000);
}

TEST(TickRate, a_virtual_machine_that_was_stopped_or_moved_is_noticed_and_learned_anew) {
  TickRate rate;
  rate.observe(at(1 * second));
  rate.observe(at(2 * second));
  // Elsewhere the counter has another value and another speed.
  const auto there = [](std::int64_t steady) {
    return ClockPair{static_cast<std::uint64_t>(steady) * 2, steady};
  };
  rate.observe(there(3 * second));
  EXPECT_EQ(rate.known(), 0.0);
  const ClockMap map(there(3 * second), wall, there(3 * second + 1'000'000), rate);
  EXPECT_EQ(map.microseconds(there(3 * second + 500'000).ticks) - wall_microseconds, 500);
  rate.observe(there(4 * second));
  EXPECT_DOUBLE_EQ(rate.known(), 0.5);
}

TEST(ClockPair, is_read_in_order) {
  ClockPair before = ClockPair::now();
  for (int i = 0; i < 1000; ++i) {
    const ClockPair now = ClockPair::now();
    EXPECT_GE(now.steady, before.steady);
    before = now;
  }
}
