#include "forward/telemetry.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "fake_service.hpp"

namespace xrayd::forward {
namespace {

using namespace std::chrono_literals;

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

struct Reporter {
  explicit Reporter(FakeService::Handler handler, std::chrono::milliseconds interval)
      : service(std::move(handler)) {
    Telemetry::Settings settings;
    settings.interval = interval;
    settings.retry.base = 1ms;
    settings.counts = [this] {
      TelemetryCounts counts;
      counts.received = received;
      counts.sent = received / 2;
      return counts;
    };
    telemetry.emplace(std::move(settings), TelemetrySender{"arn", "host", "i-1"},
                      service.clients());
  }
  void start() { telemetry->start(target); }

  FakeService service;
  FakeCredentials credentials;
  AwsClock clock;
  Service target{test_endpoint(), credentials, clock, "test/1"};
  std::atomic<std::uint64_t> received{0};
  std::optional<Telemetry> telemetry;
};

TEST(TelemetryBody, is_what_the_service_knows) {
  TelemetryRecord record;
  record.time = std::chrono::system_clock::time_point(1795360193467ms);
  record.counts = {19, 8, 11, 0, 1, 2, 3, 4, 5, std::uint64_t{1} << 40U};
  EXPECT_EQ(
      telemetry_body({"", "h\"", "i-1"}, {record}, 1),
      R"({"EC2InstanceId":"i-1","Hostname":"h\"","ResourceARN":"","TelemetryRecords":[)"
      R"({"BackendConnectionErrors":{"ConnectionRefusedCount":3,"HTTPCode4XXCount":1,)"
      R"("HTTPCode5XXCount":2,"OtherCount":2147483647,"TimeoutCount":4,"UnknownHostCount":5},)"
      R"("SegmentsReceivedCount":19,"SegmentsRejectedCount":8,"SegmentsSentCount":11,)"
      R"("SegmentsSpilloverCount":0,"Timestamp":1795360193.467}]})");
}

TEST(Telemetry, says_nothing_before_anything_was_received) {
  Reporter reporter([](const SeenRequest&) { return answer(200, "{}"); }, 1h);
  reporter.start();
  reporter.telemetry->finish(1s);
  EXPECT_TRUE(reporter.service.seen("/TelemetryRecords").empty());
}

TEST(Telemetry, tells_each_interval_what_has_changed_since_the_last) {
  Reporter reporter([](const SeenRequest&) { return answer(200, "{}"); }, 2ms);
  reporter.received = 10;
  reporter.start();
  ASSERT_TRUE(reporter.service.await(2, "/TelemetryRecords"));
  const auto seen = reporter.service.seen("/TelemetryRecords");
  EXPECT_EQ(occurrences(seen[0].body, "\"SegmentsReceivedCount\":10,"), 1U) << seen[0].body;
  EXPECT_EQ(occurrences(seen[0].body, "\"SegmentsSentCount\":5,"), 1U);
  EXPECT_EQ(occurrences(seen[1].body, "\"SegmentsReceivedCount\":0,"), 1U) << seen[1].body;
  EXPECT_NE(seen[0].header("Authorization"), "");
}

TEST(Telemetry, what_could_not_be_sent_goes_with_the_next_in_requests_of_ten_and_thirty_are_kept) {
  std::atomic<bool> well{false};
  Reporter reporter(
      [&well](const SeenRequest&) { return well ? answer(200, "{}") : answer(400, "{}"); }, 1ms);
  reporter.received = 1;
  reporter.start();
  // One request an interval, none of them repeated.
  ASSERT_TRUE(reporter.service.await(45, "/TelemetryRecords"));
  const auto before = reporter.service.seen("/TelemetryRecords");
  EXPECT_EQ(occurrences(before[3].body, "Timestamp"), 4U);
  EXPECT_EQ(occurrences(before[44].body, "Timestamp"), 10U);
  // The first record was the only one with anything in it; the oldest are forgotten.
  EXPECT_EQ(occurrences(before[29].body, "\"SegmentsReceivedCount\":1,"), 1U);
  EXPECT_EQ(occurrences(before[44].body, "\"SegmentsReceivedCount\":1,"), 0U);
  well = true;
  reporter.telemetry->finish(20s);
  CounterRows rows;
  reporter.telemetry->report(rows);
  EXPECT_GE(row_sum(rows, "xrayd_telemetry_records_total"), 30);
  // The answer to the last one may have been a good one already.
  EXPECT_GE(row_sum(rows, "xrayd_telemetry_failures_total"), 44);
}

TEST(Telemetry, a_passing_failure_is_retried_once) {
  std::atomic<int> requests{0};
  Reporter reporter(
      [&requests](const SeenRequest&) {
        return ++requests == 1 ? answer(503, "") : answer(200, "{}");
      },
      50ms);
  reporter.received = 1;
  reporter.start();
  ASSERT_TRUE(reporter.service.await(2, "/TelemetryRecords"));
  const auto seen = reporter.service.seen("/TelemetryRecords");
  EXPECT_EQ(seen[0].body, seen[1].body);
  EXPECT_EQ(seen[1].header("Amz-Sdk-Request"), "attempt=2; max=2");
}

TEST(Telemetry, the_last_record_waits_for_no_request_that_hangs) {
  std::atomic<bool> hang{true};
  Reporter reporter(
      [&hang](const SeenRequest&) {
        return hang.exchange(false) ? FakeService::hang() : answer(200, "{}");
      },
      1ms);
  reporter.received = 3;
  reporter.start();
  ASSERT_TRUE(reporter.service.await(1, "/TelemetryRecords"));
  reporter.received = 5;
  reporter.telemetry->finish(1s);
  const auto seen = reporter.service.seen("/TelemetryRecords");
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(occurrences(seen[1].body, "\"SegmentsReceivedCount\":3,"), 1U);
  EXPECT_EQ(occurrences(seen[1].body, "\"SegmentsReceivedCount\":2,"), 1U);
}

}  // namespace
}  // namespace xrayd::forward
