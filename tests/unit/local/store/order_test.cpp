// A trace is the same trace, however its documents come: in whatever order, in whatever batches,
// moved to the files in between or not.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "../trace/random_traces.hpp"
#include "../trace/trace_documents.hpp"
#include "local/graph/graph_json.hpp"
#include "local/trace/kept_times.hpp"
#include "local/trace/summary_json.hpp"
#include "local/trace/trace_compiler.hpp"
#include "store_fixture.hpp"

namespace xrayd::local {
namespace {

std::string summary_of(TraceRecord record) {
  record.revision = 1;
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  write_trace_summary(writer, record, "");
  return {buffer.GetString(), buffer.GetSize()};
}

// Without the seconds of the first and the last trace: they only ever widen.
std::string graph_of(const GraphSum& sum) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  write_services(writer, sum, "", GraphTimes::none);
  return {buffer.GetString(), buffer.GetSize()};
}

std::vector<std::string> segments_of(const CompiledTrace& trace) {
  std::vector<std::string> texts;
  for (const auto& segment : trace.segments) texts.push_back(segment.document);
  return texts;
}

// With a nanosecond's digits.
std::string exact_segment(double start, double length) {
  const auto text = [](double seconds) {
    std::array<char, 40> digits{};
    std::snprintf(digits.data(), digits.size(), "%.9f", seconds);
    return std::string(digits.data());
  };
  const double began = epoch_of_tests + start;
  return R"({"name":"shop","id":"0000000000000001","trace_id":")" + trace_of_tests.to_string() +
         R"(","start_time":)" + text(began) + R"(,"end_time":)" + text(began + length) + "}";
}

class StoreOrderTest : public StoreFixture {
 protected:
  void expect_as_if_at_once(const Store& store, const std::vector<std::string>& texts) {
    auto expected = record_of(texts);
    keep_microseconds(expected);
    const auto record = store.record(trace_of_tests);
    ASSERT_TRUE(record);
    // Says in how many steps it came.
    EXPECT_GE(record->revision, 1);
    expected.revision = record->revision;
    EXPECT_EQ(text_of(*record), text_of(expected));
    EXPECT_EQ(summary_of(store.record(trace_of_tests).value()), summary_of(record_of(texts)));
    const auto stored = store.trace(trace_of_tests);
    ASSERT_TRUE(stored);
    EXPECT_EQ(segments_of(compiled(stored->documents)), segments_of(compiled(texts)));
    GraphSum sum;
    sum.add(expected);
    expect_same_histograms(store.graph(0, 1e12), sum);
    EXPECT_EQ(graph_of(store.graph(0, 1e12)), graph_of(sum));
  }

  static void expect_same_histograms(const GraphSum& actual, const GraphSum& expected) {
    for (const auto& [key, sum] : expected.nodes()) {
      const auto* node = actual.node(key);
      ASSERT_NE(node, nullptr);
      EXPECT_EQ(node->response_times, sum.response_times);
      EXPECT_EQ(node->durations, sum.durations);
    }
  }

  // Puts the texts in random pieces, flushing now and then.
  static void put_in_pieces(Store& store, const std::vector<std::string>& texts,
                            std::mt19937& random) {
    for (std::size_t at = 0; at < texts.size();) {
      const std::size_t count = std::min<std::size_t>(1 + random() % 3, texts.size() - at);
      const auto begin = texts.begin() + static_cast<std::ptrdiff_t>(at);
      put(store, {begin, begin + static_cast<std::ptrdiff_t>(count)});
      if (random() % 2 == 0) flush(store);
      at += count;
    }
  }
};

TEST_F(StoreOrderTest, every_order_and_every_split_gives_the_same_trace) {
  Store store(settings());
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto texts = random_trace(seed);
    auto shuffled = texts;
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    store.clear();
    put_in_pieces(store, shuffled, random);
    expect_as_if_at_once(store, texts);
    flush(store);
    expect_as_if_at_once(store, texts);
    if (HasFailure()) return;
  }
}

TEST_F(StoreOrderTest, so_does_a_daemon_that_was_started_anew) {
  for (std::uint32_t seed = 1000; seed < 1015; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto texts = random_trace(seed);
    auto shuffled = texts;
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    {
      Store store(settings());
      store.clear();
      put_in_pieces(store, shuffled, random);
    }
    const Store store(settings());
    expect_as_if_at_once(store, texts);
    if (HasFailure()) return;
  }
}

// What was inferred from a call gives way to who answered it, on the map too.
TEST_F(StoreOrderTest, who_answers_late_takes_the_place_of_what_was_inferred) {
  const std::vector<std::string> texts = {
      segment(1, "shop", 0, 2,
              parts({members(2, "stock.example.com", 0.5, 1.5, R"("namespace":"remote")")})),
      called_segment(3, 2, "stock", 0.75, 1.25)};
  Store store(settings());
  put_on_disk(store, {texts[0]});
  EXPECT_NE(graph_of(store.graph(0, 1e12)).find(R"("Type":"remote")"), std::string::npos);
  put(store, {texts[1]});
  expect_as_if_at_once(store, texts);
  flush(store);
  expect_as_if_at_once(store, texts);
  // Nor is the service the root that it was taken for while its caller wasn't known.
  store.clear();
  put_on_disk(store, {texts[1]});
  put_on_disk(store, {texts[0]});
  expect_as_if_at_once(store, texts);
}

// Some send more digits than are kept.
TEST_F(StoreOrderTest, lengths_of_time_below_a_microsecond_leave_no_trace_in_histograms) {
  Store store(settings());
  for (int i = 0; i < 15; ++i) {
    const std::vector<std::string> texts = {
        exact_segment(0.1 + 0.00001234567 * i, 0.0000131 + 0.00000037 * i),
        part(3, 1, "late", 0.1, 0.5)};
    store.clear();
    put_on_disk(store, {texts[0]});
    put_on_disk(store, {texts[1]});
    expect_as_if_at_once(store, texts);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace xrayd::local
