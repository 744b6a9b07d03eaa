// What must hold for every trace, in whichever order its documents come.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "random_traces.hpp"
#include "trace_documents.hpp"

namespace xrayd::local {
namespace {

constexpr std::uint32_t trace_count = 250;
constexpr int shuffles = 5;

void expect_equal(const TraceRecord& a, const TraceRecord& b) {
  ASSERT_EQ(text_of(a), text_of(b));
  ASSERT_EQ(a.nodes, b.nodes);
  ASSERT_EQ(a.segments, b.segments);
  ASSERT_EQ(a.calls, b.calls);
  ASSERT_EQ(a.annotations, b.annotations);
  ASSERT_EQ(a.messages, b.messages);
  ASSERT_EQ(a.fault_causes, b.fault_causes);
  ASSERT_EQ(a.error_causes, b.error_causes);
  ASSERT_EQ(a.response_time_causes, b.response_time_causes);
}

TEST(RecordOrder, every_order_gives_the_same_record) {
  for (std::uint32_t seed = 0; seed < trace_count; ++seed) {
    SCOPED_TRACE(seed);
    auto texts = random_trace(seed);
    const auto expected = record_of(texts);
    std::mt19937 random(seed);
    for (int i = 0; i < shuffles; ++i) {
      std::shuffle(texts.begin(), texts.end(), random);
      ASSERT_NO_FATAL_FAILURE(expect_equal(record_of(texts), expected));
    }
  }
}

TEST(RecordOrder, every_order_gives_the_same_segments) {
  for (std::uint32_t seed = 0; seed < trace_count; ++seed) {
    SCOPED_TRACE(seed);
    auto texts = random_trace(seed);
    const auto expected = compiled(texts);
    std::mt19937 random(seed);
    for (int i = 0; i < shuffles; ++i) {
      std::shuffle(texts.begin(), texts.end(), random);
      const auto actual = compiled(texts);
      ASSERT_EQ(actual.duration, expected.duration);
      ASSERT_EQ(actual.segments.size(), expected.segments.size());
      for (std::size_t n = 0; n < actual.segments.size(); ++n) {
        ASSERT_EQ(actual.segments[n].document, expected.segments[n].document);
      }
    }
  }
}

TEST(RecordOrder, record_and_compiled_trace_are_of_one_mind) {
  for (std::uint32_t seed = 0; seed < trace_count; ++seed) {
    SCOPED_TRACE(seed);
    const auto texts = random_trace(seed);
    const auto record = record_of(texts);
    const auto trace = compiled(texts);
    ASSERT_EQ(record.segments.size(), trace.segments.size());
    for (std::size_t i = 0; i < trace.segments.size(); ++i) {
      ASSERT_EQ(record.segments[i].id, trace.segments[i].id);
    }
    if (record.duration) {
      ASSERT_EQ(record.duration, trace.duration);
    }
  }
}

TEST(RecordOrder, records_are_sound_whatever_is_in_the_documents) {
  for (std::uint32_t seed = 0; seed < 4 * trace_count; ++seed) {
    const auto record = record_of(random_trace(seed));
    ASSERT_EQ(what_is_wrong_with(record, {}), "") << seed;
    ASSERT_FALSE(record.truncated) << seed;
  }
}

TEST(RecordOrder, each_finished_call_has_one_edge_at_least) {
  for (std::uint32_t seed = 0; seed < trace_count; ++seed) {
    const auto record = record_of(random_trace(seed));
    for (RecordIndex i = 0; i < record.segments.size(); ++i) {
      if (!record.segments[i].inferred) continue;
      ASSERT_EQ(std::count_if(record.calls.begin(), record.calls.end(),
                              [&](const RecordCall& call) {
                                return call.kind == CallKind::call && call.target_segment == i;
                              }),
                1)
          << seed;
    }
  }
}

}  // namespace
}  // namespace xrayd::local
