#include "local/store.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "temporary_directory.hpp"
#include "test_documents.hpp"

namespace xrayd::local {
namespace {

constexpr std::int64_t minute_ms = 60000;
constexpr std::int64_t hour_ms = 60 * minute_ms;

class StoreTest : public testing::Test {
 protected:
  StoreSettings settings() {
    return {directory_.path() / "data", retention_bytes_, retention_age_,
            [this] { return now_ms_; }};
  }

  static WriteCounts put(Store& store, std::vector<std::string> texts) {
    std::vector<TraceBatch> batches;
    batches.push_back(batch_of(std::move(texts)));
    WriteCounts counts;
    store.write(batches, counts);
    EXPECT_TRUE(batches.empty());
    return counts;
  }

  // Bytes of everything in the folder.
  [[nodiscard]] std::uint64_t bytes_on_disk() const {
    std::uint64_t sum = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path() / "data")) {
      sum += entry.file_size();
    }
    return sum;
  }

  static SummaryQuery everything() { return {0, 1e12, TimeRange::trace_id, {}, 1000}; }

  TemporaryDirectory directory_;
  std::uint64_t retention_bytes_ = std::uint64_t{64} << 20U;
  std::chrono::seconds retention_age_ = std::chrono::hours(1);
  std::int64_t now_ms_ = 1700000000000;
};

TEST_F(StoreTest, what_was_written_is_there_after_reopening) {
  {
    Store store(settings());
    put(store, {segment_text(test_trace_id(1), 1), subsegment_text(test_trace_id(1), 2, 1)});
  }
  Store store(settings());
  const auto trace = store.trace(test_trace_id(1));
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->documents.size(), 2U);
  EXPECT_EQ(trace->documents[0], segment_text(test_trace_id(1), 1));
  EXPECT_EQ(store.summaries(everything()).size(), 1U);
  EXPECT_EQ(store.status().traces, 1);
  EXPECT_FALSE(store.trace(test_trace_id(2)));
}

TEST_F(StoreTest, duplicates_are_ignored_and_in_progress_is_replaced) {
  const auto trace = test_trace_id(1);
  const std::string open = R"({"name":"shop","id":"0000000000000001","trace_id":")" +
                           trace.to_string() + R"(","start_time":1700000000,"in_progress":true})";
  Store store(settings());
  EXPECT_EQ(put(store, {open}).stored, 1);
  EXPECT_EQ(store.trace(trace)->revision, 1);
  EXPECT_EQ(put(store, {segment_text(trace, 1)}).replaced, 1);
  EXPECT_EQ(store.trace(trace)->revision, 2);
  const auto counts = put(store, {segment_text(trace, 1, R"(,"user":"late")"), open});
  EXPECT_EQ(counts.duplicates, 2);
  EXPECT_EQ(counts.stored + counts.replaced, 0);
  const auto stored = store.trace(trace);
  EXPECT_EQ(stored->revision, 2);
  ASSERT_EQ(stored->documents.size(), 1U);
  EXPECT_EQ(stored->documents[0], segment_text(trace, 1));
}

TEST_F(StoreTest, a_trace_without_a_segment_is_not_listed_until_one_comes) {
  Store store(settings());
  put(store, {subsegment_text(test_trace_id(1), 2, 1)});
  EXPECT_TRUE(store.summaries(everything()).empty());
  put(store, {segment_text(test_trace_id(1), 1)});
  EXPECT_EQ(store.summaries(everything()).size(), 1U);
}

TEST_F(StoreTest, a_late_document_goes_to_the_file_that_has_its_trace) {
  Store store(settings());
  put(store, {segment_text(test_trace_id(1), 1)});
  now_ms_ += 10 * minute_ms;  // an eighth of an hour has passed
  put(store, {segment_text(test_trace_id(2), 1)});
  ASSERT_EQ(store.status().partitions, 2);
  put(store, {subsegment_text(test_trace_id(1), 2, 1)});
  EXPECT_EQ(store.trace(test_trace_id(1))->documents.size(), 2U);
  EXPECT_EQ(store.summaries(everything()).size(), 2U);
  EXPECT_EQ(store.status().traces, 2);
}

TEST_F(StoreTest, files_whose_newest_document_is_too_old_are_removed) {
  Store store(settings());
  put(store, {segment_text(test_trace_id(1), 1)});
  now_ms_ += 30 * minute_ms;
  put(store, {segment_text(test_trace_id(2), 1)});
  now_ms_ += 31 * minute_ms;
  store.maintain();
  EXPECT_FALSE(store.trace(test_trace_id(1)));
  EXPECT_TRUE(store.trace(test_trace_id(2)));
  EXPECT_EQ(store.status().expired_traces, 1);
  now_ms_ += 30 * minute_ms;
  store.maintain();
  EXPECT_EQ(store.status().traces, 0);
}

TEST_F(StoreTest, age_is_kept_at_opening_too) {
  {
    Store store(settings());
    put(store, {segment_text(test_trace_id(1), 1)});
  }
  now_ms_ += 61 * minute_ms;
  const Store store(settings());
  EXPECT_FALSE(store.trace(test_trace_id(1)));
}

TEST_F(StoreTest, the_files_stay_below_the_size_and_the_newest_traces_stay) {
  retention_bytes_ = min_retention_bytes;
  Store store(settings());
  const std::string blob(120000, 'x');
  std::uint64_t largest = 0;
  constexpr std::uint64_t traces = 200;  // 24 MB
  for (std::uint64_t n = 0; n < traces; ++n) {
    ++now_ms_;
    put(store, {segment_text(test_trace_id(n), 1, R"(,"metadata":{"a":{"b":")" + blob + "\"}}")});
    if (n % 20 == 0) largest = std::max(largest, bytes_on_disk());
  }
  EXPECT_LT(largest, retention_bytes_);
  EXPECT_LT(store.status().bytes, retention_bytes_);
  EXPECT_TRUE(store.trace(test_trace_id(traces - 1)));
  EXPECT_FALSE(store.trace(test_trace_id(0)));
  const auto kept = store.status().traces;
  EXPECT_GT(kept, 80);
  EXPECT_EQ(kept + store.status().expired_traces, static_cast<std::int64_t>(traces));
  EXPECT_EQ(store.summaries(everything()).size(), static_cast<std::size_t>(kept));
}

TEST_F(StoreTest, a_trace_stops_growing_at_its_limit_and_says_so) {
  Store store(settings());
  const auto trace = test_trace_id(1);
  const std::string blob(900000, 'x');
  WriteCounts counts;
  for (EntityId id = 1; id <= 6; ++id) {
    counts += put(store, {segment_text(trace, id, R"(,"metadata":{"a":{"b":")" + blob + "\"}}")});
  }
  EXPECT_EQ(counts.trace_full, 2);
  EXPECT_EQ(counts.trace_full + counts.stored, 6);
  EXPECT_TRUE(store.trace(trace)->limit_exceeded);
}

TEST_F(StoreTest, summaries_come_newest_first_across_files_and_in_pages) {
  Store store(settings());
  // Every other trace in the second file, so that pages must merge.
  for (std::uint64_t n = 0; n < 40; n += 2) {
    put(store, {segment_text(TraceId{(1700000000 + n) << 32U, n}, 1)});
  }
  now_ms_ += 10 * minute_ms;
  for (std::uint64_t n = 1; n < 40; n += 2) {
    put(store, {segment_text(TraceId{(1700000000 + n) << 32U, n}, 1)});
  }
  ASSERT_EQ(store.status().partitions, 2);

  auto query = everything();
  query.limit = 7;
  std::vector<std::uint64_t> seen;
  for (;;) {
    const auto rows = store.summaries(query);
    for (const auto& row : rows) seen.push_back(row.position.id.low());
    if (rows.size() < query.limit) break;
    query.after = rows.back().position;
  }
  ASSERT_EQ(seen.size(), 40U);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], 39 - i);
}

TEST_F(StoreTest, ranges_look_at_the_time_that_they_are_named_after) {
  Store store(settings());
  // In the id 1700000000; begins at .25, ends at 1700000001.25.
  put(store, {segment_text(test_trace_id(1), 1)});
  const auto count = [&](TimeRange range, double start, double end) {
    return store.summaries({start, end, range, {}, 10}).size();
  };
  EXPECT_EQ(count(TimeRange::trace_id, 1700000000, 1700000001), 1U);
  EXPECT_EQ(count(TimeRange::trace_id, 1699999999, 1700000000), 0U);
  EXPECT_EQ(count(TimeRange::trace_id, 1700000000.5, 1700000002), 0U);
  EXPECT_EQ(count(TimeRange::event, 1700000001, 1700000005), 1U);
  EXPECT_EQ(count(TimeRange::event, 1700000002, 1700000005), 0U);
  EXPECT_EQ(count(TimeRange::service, 1700000001, 1700000002), 1U);
  EXPECT_EQ(count(TimeRange::service, 1700000000, 1700000001), 0U);
}

TEST_F(StoreTest, readers_and_the_writer_do_not_wait_for_each_other) {
  Store store(settings());
  put(store, {segment_text(test_trace_id(0), 1)});
  std::atomic<bool> stop = false;
  std::atomic<int> reads = 0;
  std::vector<std::thread> readers;
  readers.reserve(3);
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        EXPECT_TRUE(store.trace(test_trace_id(0)));
        EXPECT_FALSE(store.summaries({0, 1e12, TimeRange::trace_id, {}, 10}).empty());
        EXPECT_GT(store.status().bytes, 0U);
        ++reads;
      }
    });
  }
  for (std::uint64_t n = 1; n < 200; ++n) put(store, {segment_text(test_trace_id(n), 1)});
  while (reads < 20) std::this_thread::yield();
  stop = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(store.status().traces, 200);
}

TEST_F(StoreTest, a_reader_meeting_a_removed_file_finds_nothing_and_no_error) {
  Store store(settings());
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    while (!stop) EXPECT_NO_THROW((void)store.summaries({0, 1e12, TimeRange::trace_id, {}, 10}));
  });
  for (std::uint64_t n = 0; n < 20; ++n) {
    put(store, {segment_text(test_trace_id(n), 1)});
    now_ms_ += 2 * hour_ms;
    store.maintain();
  }
  stop = true;
  reader.join();
  EXPECT_EQ(store.status().expired_traces, 20);
}

TEST_F(StoreTest, the_folder_is_for_its_owners_eyes_only) {
  const Store store(settings());
  const auto permissions = std::filesystem::status(directory_.path() / "data").permissions();
  EXPECT_EQ(permissions & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
            std::filesystem::perms::none);
}

TEST_F(StoreTest, a_trace_at_its_limit_costs_nothing_more) {
  Store store(settings());
  const auto trace = test_trace_id(1);
  const std::string blob(900000, 'x');
  for (EntityId id = 1; id <= 5; ++id) {
    put(store, {segment_text(trace, id, R"(,"metadata":{"a":{"b":")" + blob + "\"}}")});
  }
  // Small enough for what is left, but the trace is closed; also for what came before.
  EXPECT_EQ(put(store, {segment_text(trace, 6), segment_text(trace, 1)}).trace_full, 2);
  EXPECT_EQ(store.trace(trace)->documents.size(), 4U);
}

TEST_F(StoreTest, duplicates_for_a_large_trace_are_counted) {
  Store store(settings());
  const auto trace = test_trace_id(1);
  std::string numbers = "1";
  for (int i = 0; i < 400000; ++i) numbers += ",1";
  for (EntityId id = 1; id <= 4; ++id) {
    put(store, {segment_text(trace, id, R"(,"metadata":{"a":{"b":[)" + numbers + "]}}")});
  }
  put(store, {segment_text(trace, 5)});
  WriteCounts counts;
  for (int i = 0; i < 50; ++i) counts += put(store, {segment_text(trace, 5)});
  EXPECT_EQ(counts.duplicates, 50);
}

TEST_F(StoreTest, a_folder_may_be_named_with_a_slash_at_its_end) {
  auto slashed = settings();
  slashed.data_dir = directory_.path() / "new" / "";
  {
    const Store store(slashed);
    const auto permissions = std::filesystem::status(directory_.path() / "new").permissions();
    EXPECT_EQ(permissions, std::filesystem::perms::owner_all);
  }
  const Store again(slashed);
}

}  // namespace
}  // namespace xrayd::local
