#include "local/store/ingest.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "../otlp/otlp_bytes.hpp"
#include "store_fixture.hpp"

namespace xrayd::local {
namespace {

using namespace std::chrono_literals;

class IngestTest : public StoreFixture {
 protected:
  // A store with its threads, and figures of its own.
  struct Open {
    Open(StoreSettings settings, std::uint64_t queue_bytes)
        : store(std::move(settings)), ingest(store, counters, queue_bytes) {}
    IngestCounters counters;
    Store store;
    Ingest ingest;
  };

  std::unique_ptr<Open> open(std::uint64_t queue_bytes = std::uint64_t{16} << 20U) {
    return std::make_unique<Open>(settings(), queue_bytes);
  }

  static void offer(Open& open, const std::vector<std::string>& texts) {
    const std::vector<std::string_view> bodies(texts.begin(), texts.end());
    open.ingest.offer(bodies);
  }

  static std::int64_t counter(const Open& open, const std::string& name) {
    CounterRows rows;
    open.counters.report(rows);
    for (const auto& row : rows) {
      if ((row.labels.empty() ? row.name : row.name + "{" + row.labels + "}") == name) {
        return row.value;
      }
    }
    ADD_FAILURE() << "no counter " << name;
    return -1;
  }

  // Waits for what happens soon on a machine that does nothing else, up to a minute.
  template <typename Condition>
  static bool comes_true(Condition&& condition) {
    for (int i = 0; i < 6000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }
};

TEST_F(IngestTest, documents_that_were_offered_are_on_disk_after_draining) {
  {
    const auto first = open();
    for (std::uint64_t n = 0; n < 500; ++n) {
      offer(*first, {segment_text(test_trace_id(n), 1), subsegment_text(test_trace_id(n), 2, 1)});
    }
    first->ingest.drain(60s);
    EXPECT_EQ(counter(*first, "xrayd_documents_stored_total"), 1000);
    EXPECT_EQ(first->store.status().live_traces, 0);
    EXPECT_EQ(first->store.status().traces, 500);
  }
  EXPECT_EQ(open()->store.status().traces, 500);
}

TEST_F(IngestTest, without_a_drain_the_end_stores_them_too) {
  offer(*open(), {segment_text(test_trace_id(1), 1)});
  EXPECT_EQ(open()->store.status().traces, 1);
}

TEST_F(IngestTest, documents_are_safe_and_visible_soon_without_any_hurry) {
  const auto opened = open();
  offer(*opened, {segment_text(test_trace_id(1), 1)});
  EXPECT_TRUE(comes_true([&] { return opened->store.trace(test_trace_id(1)).has_value(); }));
  EXPECT_EQ(counter(*opened, "xrayd_documents_stored_total"), 1);
}

TEST_F(IngestTest, traces_that_are_quiet_come_to_disk_by_themselves) {
  auto quick = settings();
  quick.live.quiet = 20ms;
  quick.live.age = 50ms;
  quick.live.patience = 10ms;
  Open opened(quick, 1U << 20U);
  offer(opened, {segment_text(test_trace_id(1), 1), open_segment_text(test_trace_id(2), 1)});
  EXPECT_TRUE(comes_true([&] { return opened.store.trace(test_trace_id(2)).has_value(); }));
  EXPECT_TRUE(comes_true([&] { return opened.store.status().live_traces == 0; }));
  EXPECT_TRUE(opened.store.trace(test_trace_id(1)));
  EXPECT_TRUE(opened.store.trace(test_trace_id(2)));
}

TEST_F(IngestTest, what_was_answered_as_stored_is_seen) {
  const auto opened = open();
  for (std::uint64_t n = 1; n <= 50; ++n) {
    std::vector<SegmentDocument> documents;
    documents.push_back(document_of(segment_text(test_trace_id(n), 1)));
    ASSERT_EQ(opened->ingest.store(std::move(documents)), "");
    ASSERT_TRUE(opened->store.trace(test_trace_id(n)));
    ASSERT_EQ(count(opened->store), n);
  }
}

TEST_F(IngestTest, bad_documents_are_counted_by_reason_and_the_next_one_is_taken) {
  const auto opened = open();
  offer(*opened, {"nonsense", "{}", std::string(32000, '['), "T1Sabc", "\"\xFF\"",
                  segment_text(test_trace_id(1), 1), segment_text(test_trace_id(1), 1)});
  opened->ingest.drain(60s);
  for (const auto* reason : {"not_json", "missing_id", "too_deep", "otlp_payload", "not_utf8"}) {
    EXPECT_EQ(
        counter(*opened, "xrayd_documents_rejected_total{reason=\"" + std::string(reason) + "\"}"),
        1)
        << reason;
  }
  EXPECT_EQ(counter(*opened, "xrayd_documents_received_total"), 7);
  EXPECT_EQ(counter(*opened, "xrayd_documents_stored_total"), 1);
  EXPECT_EQ(counter(*opened, "xrayd_documents_duplicate_total"), 1);
}

TEST_F(IngestTest, spans_in_place_of_a_document_are_stored_each_as_a_document) {
  using namespace otlp_bytes;
  const auto opened = open();
  const std::string good = request({span({"GET /", 2, 1}), span({"query", 3, 2, 1})});
  const std::string half = request({span({"GET /", 2, 0}), span({"work", 1, 3, 1})});
  offer(*opened, {"T1S" + base64(good), "T1S" + base64(half), "T1U" + base64(good)});
  opened->ingest.drain(60s);
  EXPECT_EQ(counter(*opened, "xrayd_documents_received_total"), 5);
  EXPECT_EQ(counter(*opened, "xrayd_documents_stored_total"), 3);
  EXPECT_EQ(counter(*opened, R"(xrayd_documents_rejected_total{reason="otlp_payload"})"), 1);
  const auto trace = opened->store.trace(*parse_trace_id("1-6553f100-0102030405060708090a0b0c"));
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->documents.size(), 3U);
}

TEST_F(IngestTest, a_full_queue_drops_its_oldest_and_counts_them) {
  const auto opened = open(2000);
  std::vector<std::string> burst;
  for (std::uint64_t n = 0; n < 200; ++n) burst.push_back(segment_text(test_trace_id(n), 1));
  offer(*opened, burst);  // one call: the gatherer can't take anything in between
  opened->ingest.drain(60s);
  const auto dropped = counter(*opened, R"(xrayd_documents_dropped_total{reason="queue_full"})");
  const auto stored = counter(*opened, "xrayd_documents_stored_total");
  EXPECT_GT(dropped, 0);
  EXPECT_GT(stored, 0);
  EXPECT_EQ(dropped + stored, 200);
  EXPECT_FALSE(opened->store.trace(test_trace_id(0)));
  EXPECT_TRUE(opened->store.trace(test_trace_id(199)));
}

TEST_F(IngestTest, a_document_larger_than_the_queue_pushes_no_other_out) {
  const auto opened = open(2000);
  offer(*opened, {segment_text(test_trace_id(1), 1), std::string(3000, 'x'),
                  segment_text(test_trace_id(2), 1)});
  opened->ingest.drain(60s);
  EXPECT_EQ(counter(*opened, "xrayd_documents_stored_total"), 2);
  EXPECT_EQ(counter(*opened, R"(xrayd_documents_dropped_total{reason="queue_full"})"), 1);
}

TEST_F(IngestTest, a_drain_without_time_counts_what_is_left_and_journals_keep_the_rest) {
  std::int64_t stored = 0;
  {
    const auto opened = open();
    for (std::uint64_t n = 0; n < 20; ++n) {
      std::vector<std::string> texts;
      for (std::uint64_t i = 0; i < 1000; ++i) {
        texts.push_back(segment_text(test_trace_id(n * 1000 + i), 1));
      }
      offer(*opened, texts);
    }
    opened->ingest.drain(0ms);
    stored = counter(*opened, "xrayd_documents_stored_total");
    EXPECT_EQ(stored + counter(*opened, R"(xrayd_documents_dropped_total{reason="stopped"})"),
              20000);
    EXPECT_EQ(opened->ingest.queued_bytes(), 0U);
  }
  EXPECT_EQ(open()->store.status().traces, stored);
}

TEST_F(IngestTest, memory_that_is_full_makes_the_queue_wait_and_loses_nothing) {
  auto small = settings();
  small.live.bytes = 40000;
  Open opened(small, 16U << 20U);
  for (std::uint64_t n = 0; n < 300; ++n) {
    offer(opened, {open_segment_text(test_trace_id(n), 1), segment_text(test_trace_id(n), 2)});
    ASSERT_LT(opened.store.status().live_bytes, 16U << 20U);
  }
  opened.ingest.drain(60s);
  EXPECT_EQ(counter(opened, "xrayd_documents_stored_total"), 600);
  EXPECT_EQ(count(opened.store), 300U);
}

}  // namespace
}  // namespace xrayd::local
