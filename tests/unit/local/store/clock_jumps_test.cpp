// What somebody who sets the clock, by a year at once, can do to traces: nothing, but that those on
// disk are too old when it is a year later (see retention_test.cpp).
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "store_fixture.hpp"

namespace xrayd::local {
namespace {

constexpr std::int64_t year_ms = 365 * 24 * hour_ms;

class ClockJumpsTest : public StoreFixture, public testing::WithParamInterface<std::int64_t> {
 protected:
  void jump() { now_ms_ += GetParam(); }
  void jump_back() { now_ms_ -= GetParam(); }

  // Requests in the sums of all minutes.
  static std::int64_t requests(const Store& store) {
    std::int64_t sum = 0;
    const auto graph = store.graph(0, 1e11);
    for (const auto& [key, node] : graph.nodes()) {
      if (key.type != "client") sum += node.statistics.total();
    }
    return sum;
  }

  static std::vector<TraceId> traces(std::uint64_t count) {
    std::vector<TraceId> ids;
    for (std::uint64_t n = 1; n <= count; ++n) ids.push_back(test_trace_id(n));
    return ids;
  }

  static std::vector<TraceId> sorted(std::vector<TraceId> ids) {
    std::sort(ids.begin(), ids.end());
    return ids;
  }
};

TEST_P(ClockJumpsTest, live_traces_survive_a_jump_and_are_stored_as_ever) {
  Store store(settings());
  put(store, {open_segment_text(test_trace_id(1), 1)});
  jump();
  store.maintain();
  EXPECT_EQ(store.status().live_traces, 1);
  EXPECT_EQ(put(store, {segment_text(test_trace_id(1), 1)}).replaced, 1);
  flush(store);
  EXPECT_EQ(store.status().live_traces, 0);
  EXPECT_EQ(count(store), 1U);
  EXPECT_EQ(store.trace(test_trace_id(1))->documents.size(), 1U);
}

TEST_P(ClockJumpsTest, a_jump_there_and_back_loses_nothing_and_counts_nothing_twice) {
  {
    Store store(settings());
    put_on_disk(store, {segment_text(test_trace_id(1), 1)});
    put(store, {segment_text(test_trace_id(2), 1)});
    jump();
    put(store, {segment_text(test_trace_id(3), 1)});
    store.maintain();
    jump_back();
    store.maintain();
    put_on_disk(store, {segment_text(test_trace_id(4), 1)});
    EXPECT_EQ(sorted(listed(store, everything())), sorted(traces(4)));
    EXPECT_EQ(requests(store), 4);
  }
  const Store store(settings());
  EXPECT_EQ(sorted(listed(store, everything())), sorted(traces(4)));
  EXPECT_EQ(requests(store), 4);
  EXPECT_EQ(store.status().damaged, 0);
}

TEST_P(ClockJumpsTest, journals_of_before_a_jump_are_read_after_it) {
  {
    Store store(settings());
    put(store, {segment_text(test_trace_id(1), 1), subsegment_text(test_trace_id(1), 2, 1)});
  }
  jump();
  Store store(settings());
  ASSERT_TRUE(store.trace(test_trace_id(1)));
  EXPECT_EQ(store.trace(test_trace_id(1))->documents.size(), 2U);
  put(store, {segment_text(test_trace_id(2), 1)});
  EXPECT_EQ(count(store), 2U);
}

TEST_P(ClockJumpsTest, parts_that_come_after_a_jump_belong_to_their_trace) {
  retention_age_ = std::chrono::hours(24);
  Store store(settings());
  put_on_disk(store, {segment_text(test_trace_id(1), 1)});
  jump();
  put_on_disk(store, {subsegment_text(test_trace_id(1), 2, 1)});
  jump_back();
  put_on_disk(store, {subsegment_text(test_trace_id(1), 3, 1)});
  EXPECT_EQ(store.trace(test_trace_id(1))->documents.size(), 3U);
  EXPECT_EQ(count(store), 1U);
  EXPECT_EQ(requests(store), 1);
}

TEST_P(ClockJumpsTest, documents_of_other_years_are_stored_and_found_by_their_times) {
  Store store(settings());
  const auto seconds = GetParam() / 1000;
  const TraceId other{(static_cast<std::uint64_t>(test_time + seconds) << 32U) + 1, 1};
  put_on_disk(store, {segment_text(other, 1), segment_text(test_trace_id(1), 1)});
  for (const auto range : {TimeRange::trace_id, TimeRange::event, TimeRange::service}) {
    auto query = everything();
    query.range = range;
    query.start = static_cast<double>(test_time + seconds) - 5;
    query.end = static_cast<double>(test_time + seconds) + 5;
    EXPECT_EQ(listed(store, query), std::vector{other});
  }
  EXPECT_EQ(count(store), 2U);
}

INSTANTIATE_TEST_SUITE_P(Years, ClockJumpsTest, testing::Values(year_ms, -year_ms));

}  // namespace
}  // namespace xrayd::local
