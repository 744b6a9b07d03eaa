// What a forwarder does while the service is well.
#include "forward/forwarder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "forwarder_fixture.hpp"

namespace xrayd::forward {
namespace {

using namespace std::chrono_literals;

std::string unprocessed(const std::vector<std::string>& ids, const std::string& code) {
  std::string body = "{\"UnprocessedTraceSegments\":[";
  for (const std::string& id : ids) {
    if (body.back() == '}') body += ',';
    body += R"({"Id":")" + id + R"(","ErrorCode":")" + code + R"(","Message":"no"})";
  }
  return body + "]}";
}

/// The ids of those documents that end in `end`.
std::vector<std::string> ids_ending_in(char end, const SeenRequest& request) {
  std::vector<std::string> ids;
  for (const std::string& text : request.documents()) {
    const std::string id = text.substr(text.size() - 18, 16);
    if (id.back() == end) ids.push_back(id);
  }
  return ids;
}

TEST(Forwarder, each_document_arrives_once_and_unchanged) {
  Pipeline pipeline([](const SeenRequest&) { return answer(200); });
  pipeline.start();
  std::vector<std::string> sent = documents(320);
  sent.emplace_back("T1S\x01 \"\\ not JSON");
  for (std::size_t i = 0; i < sent.size(); i += 7) {
    pipeline.accept({sent.begin() + static_cast<std::ptrdiff_t>(i),
                     sent.begin() + static_cast<std::ptrdiff_t>(std::min(i + 7, sent.size()))});
  }
  pipeline.drain();
  std::vector<std::string> arrived;
  for (const SeenRequest& request : pipeline.service.seen()) {
    const auto documents = request.documents();
    EXPECT_LE(documents.size(), 50U);
    arrived.insert(arrived.end(), documents.begin(), documents.end());
  }
  std::sort(arrived.begin(), arrived.end());
  std::sort(sent.begin(), sent.end());
  EXPECT_EQ(arrived, sent);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 321);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_waiting"), 0);
  pipeline.expect_exact_books();
}

TEST(Forwarder, a_request_says_who_when_and_the_how_manieth_it_is_and_is_signed) {
  Pipeline pipeline([](const SeenRequest&) { return answer(200); });
  pipeline.start();
  pipeline.accept(documents(1));
  pipeline.drain();
  const auto seen = pipeline.service.seen();
  ASSERT_EQ(seen.size(), 1U);
  const SeenRequest& request = seen[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.header("Content-Type"), "application/json");
  EXPECT_EQ(request.header("User-Agent"), "test/1");
  EXPECT_EQ(request.header("Amz-Sdk-Request"), "attempt=1; max=2");
  EXPECT_EQ(request.header("Amz-Sdk-Invocation-Id").size(), 36U);
  const std::string time = request.header("X-Amzn-Xray-Timestamp");
  ASSERT_EQ(time.find('.'), 10U);
  EXPECT_EQ(time.size(), 20U);
  EXPECT_EQ(request.header("X-Amz-Date").size(), 16U);
  const std::string authorization = request.header("Authorization");
  EXPECT_EQ(authorization.find("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), 0U);
  EXPECT_NE(authorization.find("/us-east-1/xray/aws4_request, "), authorization.npos);
  EXPECT_NE(authorization.find("SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-type;"
                               "host;x-amz-date;x-amzn-xray-timestamp"),
            authorization.npos);
}

TEST(Forwarder, what_the_service_could_not_process_counts_as_rejected_and_not_as_sent) {
  Pipeline pipeline([](const SeenRequest& request) {
    return answer(200, unprocessed(ids_ending_in('3', request), "InvalidSegment"));
  });
  pipeline.start();
  pipeline.accept(documents(40));
  pipeline.drain();
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 36);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_rejected_total", "code=\"InvalidSegment\""), 4);
  pipeline.expect_exact_books();
}

TEST(Forwarder, documents_that_are_throttled_are_sent_again_and_those_alone) {
  std::atomic<bool> first{true};
  Pipeline pipeline([&first](const SeenRequest& request) {
    if (!first.exchange(false)) return answer(200);
    return answer(200, unprocessed(ids_ending_in('3', request), "ThrottledException"));
  });
  pipeline.start();
  pipeline.accept(documents(40));
  pipeline.drain();
  const auto seen = pipeline.service.seen();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[1].documents(),
            (std::vector<std::string>{document(3), document(13), document(23), document(33)}));
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 40);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_rejected_total"), 0);
  pipeline.expect_exact_books();
}

TEST(Forwarder, documents_that_are_throttled_for_ever_are_given_up_and_counted) {
  Pipeline pipeline([](const SeenRequest& request) {
    return answer(200, unprocessed(ids_ending_in('3', request), "ThrottledException"));
  });
  pipeline.start();
  pipeline.accept(documents(10));
  ASSERT_TRUE(pipeline.service.await(8));
  pipeline.drain();
  EXPECT_EQ(pipeline.service.seen().size(), 8U);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 9);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_rejected_total", "code=\"ThrottledException\""),
            1);
  pipeline.expect_exact_books();
}

TEST(Forwarder, no_more_requests_are_under_way_than_are_allowed) {
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  Pipeline pipeline([&](const SeenRequest&) {
    const int mine = ++now;
    int seen = most.load();
    while (mine > seen && !most.compare_exchange_weak(seen, mine)) {
    }
    std::this_thread::yield();
    --now;
    return answer(200);
  });
  pipeline.start();
  for (int i = 0; i < 200; ++i) pipeline.accept(documents(50, i * 50));
  pipeline.drain();
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 10'000);
  EXPECT_LE(most.load(), 4);
  EXPECT_EQ(pipeline.count("xrayd_upload_in_flight"), 0);
}

TEST(Forwarder, several_requests_are_under_way_where_one_takes_its_time) {
  std::mutex mutex;
  std::condition_variable changed;
  int under_way = 0;
  bool enough = false;
  Pipeline pipeline([&](const SeenRequest&) {
    std::unique_lock lock(mutex);
    if (++under_way == 2) enough = true;
    changed.notify_all();
    // Each waits until there have been two at a time.
    changed.wait_for(lock, 20s, [&] { return enough; });
    --under_way;
    return answer(200);
  });
  pipeline.start();
  pipeline.accept(documents(50));
  pipeline.accept(documents(50, 50));
  pipeline.drain();
  EXPECT_TRUE(enough);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 100);
}

TEST(Forwarder, what_is_accepted_before_the_start_is_sent_after_it) {
  Pipeline pipeline([](const SeenRequest&) { return answer(200); });
  pipeline.accept(documents(120));
  pipeline.start();
  pipeline.drain();
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 120);
}

TEST(Forwarder, without_a_start_a_drain_counts_what_is_dropped) {
  Pipeline pipeline([](const SeenRequest&) { return answer(200); });
  pipeline.accept(documents(120));
  pipeline.drain(0ms);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_dropped_total"), 120);
  pipeline.expect_exact_books();
}

TEST(Forwarder, telemetry_tells_what_the_drain_has_sent) {
  Pipeline pipeline([](const SeenRequest&) { return answer(200); });
  pipeline.start();
  pipeline.accept(documents(7));
  pipeline.drain();
  const auto records = pipeline.service.seen("/TelemetryRecords");
  ASSERT_EQ(records.size(), 1U);
  EXPECT_NE(records[0].body.find("\"SegmentsReceivedCount\":7,\"SegmentsRejectedCount\":0,"
                                 "\"SegmentsSentCount\":7,\"SegmentsSpilloverCount\":0"),
            std::string::npos)
      << records[0].body;
}

TEST(Forwarder, an_interval_of_nothing_is_no_telemetry) {
  ForwarderSettings settings = quick_settings();
  settings.telemetry_interval = 0ms;
  Pipeline pipeline([](const SeenRequest&) { return answer(200); }, std::move(settings));
  pipeline.start();
  pipeline.forwarder->set_instance("host", "i-1");
  pipeline.accept(documents(7));
  pipeline.drain();
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 7);
  EXPECT_TRUE(pipeline.service.seen("/TelemetryRecords").empty());
}

}  // namespace
}  // namespace xrayd::forward
