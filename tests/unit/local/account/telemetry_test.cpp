#include "local/account/telemetry.hpp"

#include <map>

#include "account_api_test.hpp"

namespace xrayd::local {
namespace {

constexpr const char* put = "/TelemetryRecords";

std::map<std::string, std::int64_t> figures(const CounterRows& rows) {
  std::map<std::string, std::int64_t> result;
  for (const auto& row : rows) {
    if (row.name.starts_with("xrayd_reported_")) {
      result[row.name.substr(15) + (row.labels.empty() ? "" : "{" + row.labels + "}")] = row.value;
    }
  }
  return result;
}

class TelemetryApiTest : public AccountApiTest {
 protected:
  std::map<std::string, std::int64_t> reported() {
    CounterRows rows;
    backend_->report(rows);
    return figures(rows);
  }
};

TEST_F(TelemetryApiTest, the_largest_record_is_taken_and_its_figures_are_summed) {
  const std::string record =
      R"({"Timestamp":1700000000.5,"SegmentsReceivedCount":2147483647,"SegmentsSentCount":2,)"
      R"("SegmentsSpilloverCount":3,"SegmentsRejectedCount":4,"BackendConnectionErrors":{)"
      R"("TimeoutCount":5,"ConnectionRefusedCount":6,"HTTPCode4XXCount":7,"HTTPCode5XXCount":8,)"
      R"("UnknownHostCount":9,"OtherCount":10}})";
  const std::string body = R"({"TelemetryRecords":[)" + record + "," + record +
                           R"(],"EC2InstanceId":)" + quoted(20) + R"(,"Hostname":)" + quoted(255) +
                           R"(,"ResourceARN":)" + quoted(500) + "}";
  EXPECT_EQ(call(put, body), "{}");
  auto sums = reported();
  EXPECT_EQ(sums["records_total"], 2);
  EXPECT_EQ(sums["hosts"], 1);
  EXPECT_EQ(sums[R"(segments_total{kind="received"})"], 4294967294);
  EXPECT_EQ(sums[R"(segments_total{kind="sent"})"], 4);
  EXPECT_EQ(sums[R"(segments_total{kind="spilled"})"], 6);
  EXPECT_EQ(sums[R"(segments_total{kind="rejected"})"], 8);
  EXPECT_EQ(sums[R"(errors_total{kind="timeout"})"], 10);
  EXPECT_EQ(sums[R"(errors_total{kind="refused"})"], 12);
  EXPECT_EQ(sums[R"(errors_total{kind="http_4xx"})"], 14);
  EXPECT_EQ(sums[R"(errors_total{kind="http_5xx"})"], 16);
  EXPECT_EQ(sums[R"(errors_total{kind="unknown_host"})"], 18);
  EXPECT_EQ(sums[R"(errors_total{kind="other"})"], 20);
}

TEST_F(TelemetryApiTest, the_smallest_requests_are_taken) {
  EXPECT_EQ(call(put, R"({"TelemetryRecords":[]})"), "{}");
  EXPECT_EQ(call(put, R"({"TelemetryRecords":[{"Timestamp":0,"BackendConnectionErrors":{}}],)"
                      R"("Hostname":"","EC2InstanceId":null,"ResourceARN":""})"),
            "{}");
  EXPECT_EQ(reported()["records_total"], 1);
}

TEST_F(TelemetryApiTest, bad_records_are_refused_and_not_counted) {
  expect_violation(put, "{}",
                   "Value null at 'telemetryRecords' failed to satisfy constraint: Member must not "
                   "be null");
  expect_violation(put, R"({"TelemetryRecords":[{"Timestamp":1},{}]})",
                   "Value null at 'telemetryRecords.2.member.timestamp' failed to satisfy "
                   "constraint: Member must not be null");
  expect_violation(put, R"({"TelemetryRecords":[],"Hostname":)" + quoted(256) + "}",
                   "Value '" + std::string(256, 'x') +
                       "' at 'hostname' failed to satisfy constraint: Member must have length less "
                       "than or equal to 255");
  expect_violation(put, R"({"TelemetryRecords":[],"EC2InstanceId":)" + quoted(21) + "}",
                   "Value '" + std::string(21, 'x') +
                       "' at 'eC2InstanceId' failed to satisfy constraint: Member must have length "
                       "less than or equal to 20");
  expect_violation(
      put, R"({"TelemetryRecords":[],"ResourceARN":)" + quoted(501) + "}",
      "Value '" + std::string(256, 'x') +
          "...' at 'resourceARN' failed to satisfy constraint: Member must have length "
          "less than or equal to 500");
  expect_refused(put, R"({"TelemetryRecords":{}})", serialization,
                 "telemetryRecords must be a list");
  expect_refused(put, R"({"TelemetryRecords":[7]})", serialization,
                 "telemetryRecords.1.member must be an object");
  expect_refused(put, R"({"TelemetryRecords":[{"Timestamp":1,"SegmentsSentCount":2147483648}]})",
                 serialization,
                 "telemetryRecords.1.member.segmentsSentCount must be an integer of 32 bits");
  expect_refused(
      put, R"({"TelemetryRecords":[{"Timestamp":1,"BackendConnectionErrors":{"OtherCount":"1"}}]})",
      serialization,
      "telemetryRecords.1.member.backendConnectionErrors.otherCount must be an integer of 32 bits");
  EXPECT_EQ(reported()["records_total"], 0);
}

TelemetryRecord record(double timestamp, std::int64_t received) {
  TelemetryRecord result;
  result.timestamp = timestamp;
  result.figures.received = received;
  return result;
}

std::int64_t received(const Telemetry& telemetry) {
  CounterRows rows;
  telemetry.report(rows);
  return figures(rows)[R"(segments_total{kind="received"})"];
}

TEST(Telemetry, the_latest_hundred_records_of_a_host_are_kept) {
  Telemetry telemetry;
  for (int i = 0; i < 150; ++i) telemetry.add("a", {record(i, 1), record(i + 0.5, 1)});
  const auto kept = telemetry.records("a");
  ASSERT_EQ(kept.size(), Telemetry::max_records_of_host);
  EXPECT_EQ(kept.front().timestamp, 100);
  EXPECT_EQ(kept.back().timestamp, 149.5);
  EXPECT_EQ(received(telemetry), 300);
  EXPECT_TRUE(telemetry.records("b").empty());
}

TEST(Telemetry, the_host_that_was_silent_for_longest_is_forgotten) {
  Telemetry telemetry;
  for (int i = 0; i < 100; ++i) telemetry.add("host-" + std::to_string(i), {record(i, 1)});
  telemetry.add("host-0", {record(100, 1)});
  telemetry.add("new", {record(101, 1)});
  EXPECT_EQ(telemetry.hosts(), Telemetry::max_hosts);
  EXPECT_EQ(telemetry.records("host-0").size(), 2U);
  EXPECT_TRUE(telemetry.records("host-1").empty());
  EXPECT_EQ(telemetry.records("new").size(), 1U);
  EXPECT_EQ(received(telemetry), 102);
}

TEST(Telemetry, figures_below_nothing_count_as_nothing) {
  Telemetry telemetry;
  telemetry.add("a", {record(1, 5), record(2, -3)});
  EXPECT_EQ(received(telemetry), 5);
}

}  // namespace
}  // namespace xrayd::local
