// What goes when the store has too much, or too old; and what clocks can't do to it.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "local/store/retention.hpp"
#include "store_fixture.hpp"

namespace xrayd::local {
namespace {

using namespace std::chrono_literals;

class StoreRetentionTest : public StoreFixture {};

TEST_F(StoreRetentionTest, files_whose_newest_document_is_too_old_are_removed) {
  Store store(settings());
  put_on_disk(store, {segment_text(test_trace_id(1), 1)});
  now_ms_ += 30 * minute_ms;
  put_on_disk(store, {segment_text(test_trace_id(2), 1)});
  now_ms_ += 31 * minute_ms;
  store.maintain();
  EXPECT_FALSE(store.trace(test_trace_id(1)));
  EXPECT_TRUE(store.trace(test_trace_id(2)));
  EXPECT_EQ(store.status().expired_traces, 1);
  now_ms_ += 30 * minute_ms;
  store.maintain();
  EXPECT_EQ(store.status().traces, 0);
  EXPECT_EQ(count(store), 0U);
}

TEST_F(StoreRetentionTest, age_is_kept_at_opening_too) {
  {
    Store store(settings());
    put_on_disk(store, {segment_text(test_trace_id(1), 1)});
  }
  now_ms_ += 61 * minute_ms;
  const Store store(settings());
  EXPECT_FALSE(store.trace(test_trace_id(1)));
}

TEST_F(StoreRetentionTest, the_files_stay_below_the_size_and_the_newest_traces_stay) {
  retention_bytes_ = min_retention_bytes;
  Store store(settings());
  std::uint64_t largest = 0;
  constexpr std::uint64_t traces = 400;
  for (std::uint64_t n = 0; n < traces; ++n) {
    ++now_ms_;
    put(store, {segment_text(test_trace_id(n), 1, ballast(120000))});  // half of it on disk
    WriteCounts counts;
    store.flush(false, counts);
    if (n % 10 == 0) largest = std::max(largest, bytes_on_disk());
  }
  flush(store);
  largest = std::max(largest, bytes_on_disk());
  EXPECT_LT(largest, retention_bytes_);
  EXPECT_LT(store.status().bytes, retention_bytes_);
  EXPECT_TRUE(store.trace(test_trace_id(traces - 1)));
  EXPECT_FALSE(store.trace(test_trace_id(0)));
  const auto kept = store.status().traces;
  EXPECT_GT(kept, 80);
  EXPECT_EQ(kept + store.status().expired_traces, static_cast<std::int64_t>(traces));
  EXPECT_EQ(count(store), static_cast<std::size_t>(kept));
}

TEST_F(StoreRetentionTest, a_clock_set_ahead_at_once_leaves_the_newest_file) {
  Store store(settings());
  put_on_disk(store, {segment_text(test_trace_id(1), 1)});
  now_ms_ += 10 * minute_ms;
  put_on_disk(store, {segment_text(test_trace_id(2), 1)});
  now_ms_ += 1000 * hour_ms;
  store.maintain();
  EXPECT_FALSE(store.trace(test_trace_id(1)));
  EXPECT_TRUE(store.trace(test_trace_id(2)));
  // It goes when there is something newer.
  put_on_disk(store, {segment_text(test_trace_id(3), 1)});
  store.maintain();
  EXPECT_FALSE(store.trace(test_trace_id(2)));
  EXPECT_TRUE(store.trace(test_trace_id(3)));
}

TEST_F(StoreRetentionTest, a_clock_set_back_loses_nothing_and_new_traces_are_the_newest) {
  {
    Store store(settings());
    put_on_disk(store, {segment_text(test_trace_id(1), 1)});
    now_ms_ -= 1000 * hour_ms;
    put_on_disk(store, {segment_text(test_trace_id(2), 1)});
    store.maintain();
    EXPECT_EQ(store.status().partitions, 2);
    EXPECT_EQ(count(store), 2U);
  }
  Store store(settings());
  EXPECT_EQ(count(store), 2U);
  put_on_disk(store, {segment_text(test_trace_id(3), 1)});
  EXPECT_EQ(store.status().partitions, 2) << "the newest file isn't the one that takes new traces";
}

TEST(RetentionClock, tells_jumps_from_time_that_has_passed) {
  RetentionClock clock(60s);
  std::chrono::steady_clock::time_point steady{};
  EXPECT_FALSE(clock.ask(1'000'000, steady).jumped);
  steady += 70s;
  const auto later = clock.ask(1'070'000, steady);
  EXPECT_FALSE(later.jumped);
  EXPECT_FALSE(later.spare_newest);
  EXPECT_EQ(later.oldest_ms, 1'010'000);
  steady += 1s;
  EXPECT_TRUE(clock.ask(1'132'001, steady).jumped);
  steady += 60s;
  EXPECT_TRUE(clock.ask(1'192'001, steady).spare_newest);
  steady += 1s;
  EXPECT_FALSE(clock.ask(1'193'001, steady).spare_newest);
  EXPECT_FALSE(clock.ask(1, steady).jumped);
}

}  // namespace
}  // namespace xrayd::local
