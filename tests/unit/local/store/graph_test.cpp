// Sums of the service graph: the same from memory, from files, and after a crash.
#include <gtest/gtest.h>

#include <string>

#include "store_fixture.hpp"

namespace xrayd::local {
namespace {

constexpr double now_seconds = static_cast<double>(test_time);

class StoreGraphTest : public StoreFixture {
 protected:
  static std::int64_t calls(const GraphSum& sum) {
    std::int64_t total = 0;
    for (const auto& [key, node] : sum.nodes()) {
      if (key.name == "shop" && key.type != "client") total += node.statistics.total();
    }
    return total;
  }
  static std::int64_t all_calls(const Store& store) { return calls(store.graph(0, 1e12)); }

  static std::string fault(const TraceId& trace, EntityId id) {
    return segment_text(trace, id, R"(,"fault":true)");
  }
};

TEST_F(StoreGraphTest, traces_count_once_wherever_they_are) {
  Store store(settings());
  put(store, {segment_text(test_trace_id(1), 1)});
  EXPECT_EQ(all_calls(store), 1);
  flush(store);
  EXPECT_EQ(all_calls(store), 1);
  put(store, {segment_text(test_trace_id(2), 1), segment_text(test_trace_id(3), 1)});
  EXPECT_EQ(all_calls(store), 3);
  flush(store);
  EXPECT_EQ(all_calls(store), 3);
}

TEST_F(StoreGraphTest, a_late_document_changes_the_minute_of_its_trace) {
  Store store(settings());
  put_on_disk(store, {open_segment_text(test_trace_id(1), 1)});
  EXPECT_EQ(all_calls(store), 0);
  now_ms_ += 3 * minute_ms;
  put(store, {fault(test_trace_id(1), 1)});
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(all_calls(store), 1);
    EXPECT_EQ(calls(store.graph(now_seconds, now_seconds + 60)), 1);
    EXPECT_EQ(calls(store.graph(now_seconds + 120, now_seconds + 240)), 0);
    flush(store);
  }
}

TEST_F(StoreGraphTest, minutes_are_told_apart_and_sum_up) {
  Store store(settings());
  std::uint64_t n = 0;
  for (int minute = 0; minute < 35; ++minute) {
    for (int i = 0; i <= minute % 3; ++i) put(store, {segment_text(test_trace_id(++n), 1)});
    if (minute % 4 != 0) flush(store);
    now_ms_ += minute_ms;
  }
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(all_calls(store), static_cast<std::int64_t>(n));
    const auto minutes = store.graph_minutes(0, 1e12);
    ASSERT_EQ(minutes.size(), 35U);
    for (std::size_t i = 0; i < minutes.size(); ++i) {
      EXPECT_EQ(minutes[i].minute, test_time / 60 + static_cast<std::int64_t>(i));
      EXPECT_EQ(calls(minutes[i].sum), static_cast<std::int64_t>(i % 3) + 1);
    }
    // Ranges that begin and end within tens of minutes.
    const auto first = static_cast<double>(test_time / 60 * 60);
    for (int from = 0; from < 35; from += 4) {
      for (int to = from + 1; to <= 35; to += 3) {
        std::int64_t expected = 0;
        for (int minute = from; minute < to; ++minute) expected += minute % 3 + 1;
        EXPECT_EQ(calls(store.graph(first + 60 * from, first + 60 * to)), expected)
            << from << ' ' << to;
      }
    }
    flush(store);
  }
}

TEST_F(StoreGraphTest, clearing_empties_the_sums_of_live_traces_too) {
  Store store(settings());
  put_on_disk(store, {open_segment_text(test_trace_id(1), 1)});
  put(store, {fault(test_trace_id(1), 1), segment_text(test_trace_id(2), 1)});
  EXPECT_EQ(all_calls(store), 2);
  store.clear();
  EXPECT_TRUE(store.graph(0, 1e12).empty());
  EXPECT_TRUE(store.graph_minutes(0, 1e12).empty());
  put(store, {segment_text(test_trace_id(1), 1)});
  EXPECT_EQ(all_calls(store), 1);
}

TEST_F(StoreGraphTest, a_trace_that_changes_again_and_again_counts_once) {
  Store store(settings());
  std::int64_t segments = 0;
  for (int round = 0; round < 3; ++round) {
    for (EntityId id = 1; id <= 5; ++id) {
      put(store, {segment_text(test_trace_id(1), static_cast<EntityId>(round) * 10 + id)});
      EXPECT_EQ(all_calls(store), ++segments);
      while (store.make_records() > 0) {
      }
      EXPECT_EQ(all_calls(store), segments);
    }
    flush(store);
    EXPECT_EQ(all_calls(store), segments);
  }
}

TEST_F(StoreGraphTest, a_service_that_was_only_guessed_at_is_not_left_behind) {
  const auto trace = test_trace_id(1);
  const auto times = R"("start_time":)" + std::to_string(test_time) + R"(.5,"end_time":)" +
                     std::to_string(test_time) + ".75}";
  const NodeKey guess{"till", "remote", ""};
  {
    Store store(settings());
    put_on_disk(
        store,
        {segment_text(
            trace, 1,
            R"(,"subsegments":[{"id":"00000000000000aa","name":"till","namespace":"remote",)" +
                times + "]")});
    EXPECT_TRUE(store.graph(0, 1e12).node(guess));
    put(store,
        {R"({"name":"till","origin":"AWS::EC2::Instance","id":"00000000000000bb","parent_id":"00000000000000aa","trace_id":")" +
         trace.to_string() + "\"," + times});
    flush(store);
    EXPECT_FALSE(store.graph(0, 1e12).node(guess));
  }
  const Store store(settings());
  EXPECT_FALSE(store.graph(0, 1e12).node(guess));
  EXPECT_TRUE(store.graph(0, 1e12).node({"till", "AWS::EC2::Instance", ""}));
}

TEST_F(StoreGraphTest, sums_are_the_same_after_reopening) {
  {
    Store store(settings());
    put_on_disk(store, {segment_text(test_trace_id(1), 1), fault(test_trace_id(2), 1)});
    now_ms_ += 2 * minute_ms;
    put_on_disk(store, {segment_text(test_trace_id(3), 1)});
  }
  const Store store(settings());
  EXPECT_EQ(all_calls(store), 3);
  EXPECT_EQ(calls(store.graph(now_seconds, now_seconds + 60)), 2);
}

TEST_F(StoreGraphTest, sums_that_a_crash_took_are_made_again) {
  const auto copy = directory_.path() / "copy";
  {
    Store store(settings());
    put_on_disk(store, {segment_text(test_trace_id(1), 1)});
    now_ms_ += 2 * minute_ms;
    put_on_disk(store, {segment_text(test_trace_id(2), 1), fault(test_trace_id(3), 1)});
    put_on_disk(store, {segment_text(test_trace_id(1), 2)});
    // As a kill would leave them.
    std::filesystem::copy(data(), copy);
  }
  auto crashed = settings();
  crashed.data_dir = copy;
  Store store(crashed);
  EXPECT_EQ(all_calls(store), 4);
  EXPECT_EQ(calls(store.graph(now_seconds, now_seconds + 60)), 2);
  put_on_disk(store, {segment_text(test_trace_id(4), 1)});
  EXPECT_EQ(all_calls(store), 5);
}

}  // namespace
}  // namespace xrayd::local
