// Those who gather, flush and ask at the same time.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "store_fixture.hpp"

namespace xrayd::local {
namespace {

class StoreConcurrencyTest : public StoreFixture {};

TEST_F(StoreConcurrencyTest, what_was_added_is_seen_at_once_while_everything_moves) {
  Store store(settings());
  constexpr std::uint64_t traces = 400;
  std::atomic<std::uint64_t> added = 0;
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    WriteCounts counts;
    while (!stop) store.flush(true, counts);
  });
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        const auto before = added.load();
        RecordQuery query = everything();
        const auto listed = store.records(query).records.size();
        EXPECT_GE(listed, before);
        if (before > 0) {
          EXPECT_TRUE(store.trace(test_trace_id(before)));
          EXPECT_TRUE(store.record(test_trace_id(before)));
        }
        const auto graph = store.graph(0, 1e12);
        std::int64_t calls = 0;
        for (const auto& [key, node] : graph.nodes()) {
          if (key.type != "client") calls += node.statistics.total();
        }
        EXPECT_GE(calls, static_cast<std::int64_t>(before));
        EXPECT_LE(calls, static_cast<std::int64_t>(2 * traces));
        EXPECT_GT(store.status().bytes, 0U);
      }
    });
  }
  for (std::uint64_t n = 1; n <= traces; ++n) {
    put(store, {segment_text(test_trace_id(n), 1)});
    added = n;
    // Late, while the trace may be anywhere.
    if (n > 3) put(store, {subsegment_text(test_trace_id(n - 3), 2, 1)});
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  flush(store);
  EXPECT_EQ(count(store), traces);
  EXPECT_EQ(store.status().traces, static_cast<std::int64_t>(traces));
  for (std::uint64_t n = 1; n <= traces - 3; ++n) {
    ASSERT_EQ(store.trace(test_trace_id(n))->documents.size(), 2U) << n;
  }
}

TEST_F(StoreConcurrencyTest, a_reader_meeting_a_removed_file_finds_nothing_and_no_error) {
  Store store(settings());
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    while (!stop) {
      EXPECT_NO_THROW((void)store.records(everything()));
      EXPECT_NO_THROW((void)store.graph_minutes(0, 1e12));
      EXPECT_NO_THROW((void)store.export_page({}));
    }
  });
  for (std::uint64_t n = 0; n < 20; ++n) {
    put_on_disk(store, {segment_text(test_trace_id(n), 1)});
    now_ms_ += 61 * minute_ms / 2;
    store.maintain();
  }
  put_on_disk(store, {segment_text(test_trace_id(100), 1)});
  store.clear();
  stop = true;
  reader.join();
  EXPECT_GE(store.status().expired_traces, 18);
  EXPECT_EQ(count(store), 0U);
}

}  // namespace
}  // namespace xrayd::local
