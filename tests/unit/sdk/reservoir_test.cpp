#include <xray/impl/sampling/reservoir.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

using xray::detail::Reservoir;

namespace {

constexpr std::int64_t now = 1'700'000'000;

/// How many of `tries` are given a place.
std::uint32_t taken(Reservoir& reservoir, std::int64_t second, std::uint32_t limit,
                    std::uint32_t tries = 100) {
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < tries; ++i) count += reservoir.take(second, limit) ? 1U : 0U;
  return count;
}

}  // namespace

TEST(Reservoir, gives_so_many_places_a_second_and_the_first_come_get_them) {
  Reservoir reservoir;
  for (const std::int64_t second : {now, now + 1, now + 2, now + 10}) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(reservoir.take(second, 3));
    EXPECT_EQ(taken(reservoir, second, 3), 0U);
  }
}

TEST(Reservoir, saves_nothing_up) {
  Reservoir reservoir;
  EXPECT_EQ(taken(reservoir, now, 5), 5U);
  EXPECT_EQ(taken(reservoir, now + 1000, 5), 5U);
}

TEST(Reservoir, of_no_size_has_no_place) {
  Reservoir reservoir;
  EXPECT_EQ(taken(reservoir, now, 0), 0U);
}

TEST(Reservoir, of_any_size_counts) {
  Reservoir reservoir;
  EXPECT_EQ(taken(reservoir, now, 0xffffffffU), 100U);
  EXPECT_EQ(taken(reservoir, now, 101), 1U);
}

TEST(Reservoir, may_change_its_size_within_a_second) {
  Reservoir reservoir;
  EXPECT_EQ(taken(reservoir, now, 2), 2U);
  EXPECT_EQ(taken(reservoir, now, 5), 3U);
  EXPECT_EQ(taken(reservoir, now, 1), 0U);
}

TEST(Reservoir, begins_at_any_second) {
  for (const std::int64_t second : {std::int64_t{0}, std::int64_t{1}, now, std::int64_t{1} << 31U,
                                    (std::int64_t{1} << 32U) - 1, std::int64_t{1} << 32U}) {
    Reservoir reservoir;
    EXPECT_EQ(taken(reservoir, second, 2), 2U) << second;
    EXPECT_EQ(taken(reservoir, second + 1, 2), 2U) << second;
  }
}

TEST(Reservoir, a_thread_that_was_held_up_takes_a_place_of_the_newest_second) {
  Reservoir reservoir;
  EXPECT_EQ(taken(reservoir, now, 3, 2), 2U);
  EXPECT_TRUE(reservoir.take(now - 1, 3));
  EXPECT_EQ(taken(reservoir, now - 1, 3), 0U);
  EXPECT_EQ(taken(reservoir, now, 3), 0U);
}

// A machine that slept: threads that had read the clock before go on together with others.
TEST(Reservoir, a_thread_that_was_held_up_for_long_opens_no_second_again) {
  Reservoir reservoir;
  EXPECT_EQ(taken(reservoir, now, 3), 3U);
  EXPECT_EQ(taken(reservoir, now - 3600, 3), 0U);
  EXPECT_EQ(taken(reservoir, now - 3599, 3), 0U);
  EXPECT_EQ(taken(reservoir, now, 3), 0U);
  // The next sleep has nothing to do with this one.
  EXPECT_EQ(taken(reservoir, now + 7200, 3), 3U);
  EXPECT_EQ(taken(reservoir, now + 1, 3), 0U);
  EXPECT_EQ(taken(reservoir, now + 7200, 3), 0U);
}

TEST(Reservoir, goes_on_soon_when_the_clock_was_set_back) {
  Reservoir reservoir;
  EXPECT_EQ(taken(reservoir, now, 2), 2U);
  const std::int64_t back = now - 3600;
  EXPECT_EQ(taken(reservoir, back, 2), 0U);
  EXPECT_EQ(taken(reservoir, back + 1, 2), 0U);
  for (std::int64_t second = back + 2; second < back + 10; ++second) {
    EXPECT_EQ(taken(reservoir, second, 2), 2U) << second - back;
  }
}

TEST(Reservoir, goes_on_soon_when_the_clock_was_set_back_twice) {
  Reservoir reservoir;
  EXPECT_EQ(taken(reservoir, now, 2), 2U);
  EXPECT_EQ(taken(reservoir, now - 100, 2), 0U);
  EXPECT_EQ(taken(reservoir, now - 3600, 2), 0U);
  EXPECT_EQ(taken(reservoir, now - 3598, 2), 2U);
}

TEST(Reservoir, goes_on_when_the_clock_was_set_back_a_little) {
  Reservoir reservoir;
  EXPECT_EQ(taken(reservoir, now, 2), 2U);
  EXPECT_EQ(taken(reservoir, now - 4, 2), 0U);
  EXPECT_EQ(taken(reservoir, now + 1, 2), 2U);
}

TEST(Reservoir, eight_threads_get_no_more_than_there_is_and_all_of_it) {
  Reservoir reservoir;
  constexpr std::uint32_t limit = 1000;
  constexpr std::int64_t seconds = 50;
  std::vector<std::atomic<std::uint32_t>> given(seconds);
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (std::int64_t second = 0; second < seconds; ++second) {
        // All of them in the same second, as with one clock.
        ++ready;
        while (ready.load() < 8 * (second + 1)) std::this_thread::yield();
        given[static_cast<std::size_t>(second)] += taken(reservoir, now + second, limit, 400);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::atomic<std::uint32_t>& count : given) EXPECT_EQ(count.load(), limit);
}

// Threads that read the clock and are held up while it runs on, by up to three seconds.
TEST(Reservoir, threads_that_are_behind_get_no_more_than_there_is) {
  Reservoir reservoir;
  constexpr std::uint64_t limit = 7;
  constexpr std::int64_t seconds = 60;
  std::atomic<std::int64_t> clock{now};
  std::atomic<std::int64_t> seen[8] = {};
  std::atomic<std::uint64_t> given{0};
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (std::atomic<std::int64_t>& mine : seen) {
    mine = now;
    threads.emplace_back([&] {
      std::int64_t second = 0;
      while (second < now + seconds - 1) {
        second = clock.load();
        mine.store(second);
        std::this_thread::yield();
        given += taken(reservoir, second, limit, 3);
      }
      mine.store(now + seconds);
    });
  }
  for (std::int64_t second = now + 1; second < now + seconds; ++second) {
    for (const std::atomic<std::int64_t>& theirs : seen) {
      while (theirs.load() < second - 3) std::this_thread::yield();
    }
    clock.store(second);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(given.load(), limit * seconds);
  EXPECT_GE(given.load(), limit);  // at least the last second's
}
