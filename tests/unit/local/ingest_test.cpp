#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "local/backend.hpp"
#include "temporary_directory.hpp"
#include "test_documents.hpp"

namespace xrayd::local {
namespace {

using namespace std::chrono_literals;

class IngestTest : public testing::Test {
 protected:
  std::unique_ptr<Backend> open(std::uint64_t queue_bytes = std::uint64_t{16} << 20U) {
    BackendSettings settings;
    settings.data_dir = directory_.path() / "data";
    settings.queue_bytes = queue_bytes;
    return Backend::open(settings);
  }

  static void accept(Backend& backend, const std::vector<std::string>& texts) {
    const std::vector<std::string_view> bodies(texts.begin(), texts.end());
    backend.accept(bodies);
  }

  TemporaryDirectory directory_;
};

TEST_F(IngestTest, documents_that_were_accepted_are_stored_by_draining) {
  {
    const auto backend = open();
    for (std::uint64_t n = 0; n < 500; ++n) {
      accept(*backend,
             {segment_text(test_trace_id(n), 1), subsegment_text(test_trace_id(n), 2, 1)});
    }
    backend->drain(5s);
    EXPECT_EQ(counter(*backend, "xrayd_documents_stored_total"), 1000);
    EXPECT_EQ(counter(*backend, "xrayd_store_traces"), 500);
  }
  EXPECT_EQ(counter(*open(), "xrayd_store_traces"), 500);
}

TEST_F(IngestTest, without_a_drain_the_end_stores_them_too) {
  accept(*open(), {segment_text(test_trace_id(1), 1)});
  EXPECT_EQ(counter(*open(), "xrayd_store_traces"), 1);
}

TEST_F(IngestTest, documents_are_on_disk_soon_without_any_hurry) {
  const auto backend = open();
  accept(*backend, {segment_text(test_trace_id(1), 1)});
  for (int i = 0; i < 500 && counter(*backend, "xrayd_documents_stored_total") == 0; ++i) {
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_EQ(counter(*backend, "xrayd_documents_stored_total"), 1);
}

TEST_F(IngestTest, bad_documents_are_counted_by_reason_and_the_next_one_is_taken) {
  const auto backend = open();
  accept(*backend, {"nonsense", "{}", std::string(32000, '['), "T1Sabc", "\"\xFF\"",
                    segment_text(test_trace_id(1), 1), segment_text(test_trace_id(1), 1)});
  backend->drain(5s);
  for (const auto* reason : {"not_json", "missing_id", "too_deep", "otlp_payload", "not_utf8"}) {
    EXPECT_EQ(
        counter(*backend, "xrayd_documents_rejected_total{reason=\"" + std::string(reason) + "\"}"),
        1)
        << reason;
  }
  EXPECT_EQ(counter(*backend, "xrayd_documents_received_total"), 7);
  EXPECT_EQ(counter(*backend, "xrayd_documents_stored_total"), 1);
  EXPECT_EQ(counter(*backend, "xrayd_documents_duplicate_total"), 1);
}

TEST_F(IngestTest, a_full_queue_drops_its_oldest_and_counts_them) {
  const auto backend = open(2000);
  std::vector<std::string> burst;
  for (std::uint64_t n = 0; n < 200; ++n) burst.push_back(segment_text(test_trace_id(n), 1));
  accept(*backend, burst);  // one call: the writer can't take anything in between
  backend->drain(5s);
  const auto dropped = counter(*backend, R"(xrayd_documents_dropped_total{reason="queue_full"})");
  const auto stored = counter(*backend, "xrayd_documents_stored_total");
  EXPECT_GT(dropped, 0);
  EXPECT_GT(stored, 0);
  EXPECT_EQ(dropped + stored, 200);
  const auto answer =
      backend->call("/Traces", R"({"TraceIds":[")" + test_trace_id(0).to_string() + R"(",")" +
                                   test_trace_id(199).to_string() + R"("]})");
  EXPECT_EQ(answer.body.find(test_trace_id(0).to_string()), std::string::npos);
  EXPECT_NE(answer.body.find(test_trace_id(199).to_string()), std::string::npos);
}

TEST_F(IngestTest, a_document_larger_than_the_queue_is_dropped_and_counted) {
  const auto backend = open(100);
  accept(*backend, {segment_text(test_trace_id(1), 1)});
  EXPECT_EQ(counter(*backend, R"(xrayd_documents_dropped_total{reason="queue_full"})"), 1);
}

TEST_F(IngestTest, a_document_larger_than_the_queue_pushes_no_other_out) {
  const auto backend = open(2000);
  accept(*backend, {segment_text(test_trace_id(1), 1), std::string(3000, 'x'),
                    segment_text(test_trace_id(2), 1)});
  backend->drain(5s);
  EXPECT_EQ(counter(*backend, "xrayd_documents_stored_total"), 2);
  EXPECT_EQ(counter(*backend, R"(xrayd_documents_dropped_total{reason="queue_full"})"), 1);
}

TEST_F(IngestTest, a_source_that_heeds_the_limits_pushes_no_document_out_of_the_smallest_queue) {
  constexpr std::uint64_t smallest = std::uint64_t{3} << 20U;
  const auto backend = open(smallest);
  // The longest document on a queue that just has room, and the rest of what is read at once.
  EXPECT_LE(smallest / 2 + backend->longest_body() + (std::size_t{256} << 10U), smallest);
}

TEST_F(IngestTest, a_drain_without_time_counts_what_is_left) {
  const auto backend = open();
  for (EntityId burst = 1; burst <= 20; ++burst) {
    std::vector<std::string> texts;
    for (std::uint64_t n = 0; n < 1000; ++n) {
      texts.push_back(segment_text(test_trace_id(n), burst));
    }
    accept(*backend, texts);
  }
  backend->drain(0ms);
  EXPECT_EQ(counter(*backend, "xrayd_documents_stored_total") +
                counter(*backend, R"(xrayd_documents_dropped_total{reason="stopped"})"),
            20000);
  EXPECT_EQ(counter(*backend, "xrayd_store_queue_bytes"), 0);
}

}  // namespace
}  // namespace xrayd::local
