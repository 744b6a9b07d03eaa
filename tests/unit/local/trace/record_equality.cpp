#include "record_equality.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace xrayd::local {
namespace {

double whole_microseconds(double seconds) {
  const double second = std::floor(seconds);
  return second + std::round((seconds - second) * 1e6) / 1e6;
}

void round_time(double& seconds) {
  seconds = whole_microseconds(seconds);
}

void round_time(std::optional<double>& seconds) {
  if (seconds) seconds = whole_microseconds(*seconds);
}

}  // namespace

void expect_equal(const TraceRecord& actual, const TraceRecord& expected) {
  EXPECT_EQ(actual.id, expected.id);
  EXPECT_EQ(actual.revision, expected.revision);
  EXPECT_EQ(actual.listed_at, expected.listed_at);
  EXPECT_EQ(actual.start, expected.start);
  EXPECT_EQ(actual.end, expected.end);
  EXPECT_EQ(actual.duration, expected.duration);
  EXPECT_EQ(actual.response_time, expected.response_time);
  EXPECT_EQ(actual.outcome, expected.outcome);
  EXPECT_EQ(actual.partial, expected.partial);
  EXPECT_EQ(actual.limit_exceeded, expected.limit_exceeded);
  EXPECT_EQ(actual.truncated, expected.truncated);
  EXPECT_EQ(actual.root_segment, expected.root_segment);
  EXPECT_TRUE(actual.nodes == expected.nodes);
  EXPECT_TRUE(actual.segments == expected.segments);
  EXPECT_TRUE(actual.calls == expected.calls);
  EXPECT_TRUE(actual.annotations == expected.annotations);
  EXPECT_TRUE(actual.messages == expected.messages);
  EXPECT_TRUE(actual.fault_causes == expected.fault_causes);
  EXPECT_TRUE(actual.error_causes == expected.error_causes);
  EXPECT_TRUE(actual.response_time_causes == expected.response_time_causes);
}

TraceRecord rounded(const TraceRecord& record) {
  TraceRecord result;
  result.id = record.id;
  result.revision = record.revision;
  result.listed_at = record.listed_at;
  result.start = record.start;
  result.end = record.end;
  result.duration = record.duration;
  result.response_time = record.response_time;
  result.outcome = record.outcome;
  result.partial = record.partial;
  result.limit_exceeded = record.limit_exceeded;
  result.truncated = record.truncated;
  result.root_segment = record.root_segment;
  result.nodes = record.nodes;
  result.segments = record.segments;
  result.calls = record.calls;
  result.annotations = record.annotations;
  result.messages = record.messages;
  result.fault_causes = record.fault_causes;
  result.error_causes = record.error_causes;
  result.response_time_causes = record.response_time_causes;
  for (auto* time : {&result.listed_at, &result.start, &result.end}) round_time(*time);
  for (auto* time : {&result.duration, &result.response_time}) round_time(*time);
  for (auto& segment : result.segments) {
    round_time(segment.start);
    round_time(segment.end);
    round_time(segment.last_end);
  }
  for (auto& call : result.calls) {
    round_time(call.start);
    round_time(call.end);
    round_time(call.event_age);
  }
  return result;
}

}  // namespace xrayd::local
