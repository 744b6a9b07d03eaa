// What a forwarder does while the service, or the way to it, is not well.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "forwarder_fixture.hpp"

namespace xrayd::forward {
namespace {

using namespace std::chrono_literals;

std::string error_body(const std::string& code) {
  return R"({"__type":"com.amazonaws.xray#)" + code + R"(","message":"the reason"})";
}

/// Answers the first requests with these results, then with success.
FakeService::Handler first(const std::vector<net::HttpResult>& results) {
  auto next = std::make_shared<std::atomic<std::size_t>>(0);
  return [next, results](const SeenRequest& request) {
    if (request.target != "/TraceSegments") return answer(200);
    const std::size_t i = (*next)++;
    return i < results.size() ? results[i] : answer(200);
  };
}

TEST(ForwarderFailures, a_passing_failure_is_retried_with_the_same_invocation_and_a_new_time) {
  Pipeline pipeline(first({answer(503, "")}));
  pipeline.start();
  pipeline.accept(documents(3));
  pipeline.drain();
  const auto seen = pipeline.service.seen();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[1].header("Amz-Sdk-Request"), "attempt=2; max=2");
  EXPECT_EQ(seen[0].header("Amz-Sdk-Invocation-Id"), seen[1].header("Amz-Sdk-Invocation-Id"));
  EXPECT_NE(seen[0].header("X-Amzn-Xray-Timestamp"), seen[1].header("X-Amzn-Xray-Timestamp"));
  EXPECT_EQ(pipeline.count("xrayd_upload_retries_total"), 1);
  EXPECT_EQ(pipeline.count("xrayd_upload_errors_total", "class=\"5xx\""), 1);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 3);
}

TEST(ForwarderFailures, nothing_is_lost_whatever_the_way_to_the_service_does) {
  using aws::RequestEnd;
  for (const RequestEnd end :
       {RequestEnd::refused, RequestEnd::cut, RequestEnd::timed_out, RequestEnd::unknown_host,
        RequestEnd::not_trusted, RequestEnd::malformed_answer}) {
    Pipeline pipeline(first(std::vector<net::HttpResult>(7, no_answer(end))));
    pipeline.start();
    pipeline.accept(documents(120));
    ASSERT_TRUE(pipeline.service.await(8));
    pipeline.drain();
    EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 120);
    EXPECT_EQ(pipeline.count("xrayd_upload_errors_total"), 7);
    EXPECT_TRUE(pipeline.forwarder->trouble().empty());
    pipeline.expect_exact_books();
  }
}

TEST(ForwarderFailures, nothing_is_lost_for_answers_that_others_may_follow) {
  for (const auto& [status, code] :
       std::vector<std::pair<int, std::string>>{{500, ""},
                                                {501, ""},
                                                {302, ""},
                                                {404, ""},
                                                {401, ""},
                                                {407, ""},
                                                {429, ""},
                                                {400, "ThrottledException"},
                                                {403, "AccessDeniedException"},
                                                {403, "UnrecognizedClientException"},
                                                {400, "IncompleteSignature"},
                                                {403, "InvalidSignatureException"}}) {
    Pipeline pipeline(first(std::vector<net::HttpResult>(5, answer(status, error_body(code)))));
    pipeline.start();
    pipeline.accept(documents(70));
    ASSERT_TRUE(pipeline.service.await(6));
    pipeline.drain();
    EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 70) << status << code;
    pipeline.expect_exact_books();
  }
}

TEST(ForwarderFailures, a_service_that_needs_longer_than_the_setting_says_gets_the_time) {
  ForwarderSettings settings = quick_settings();
  settings.request_timeout = std::chrono::milliseconds(100);
  Pipeline pipeline(
      [](const SeenRequest& request) {
        return request.timeout < std::chrono::milliseconds(600)
                   ? no_answer(aws::RequestEnd::timed_out)
                   : answer(200);
      },
      settings);
  pipeline.start();
  pipeline.accept(documents(120));
  ASSERT_TRUE(pipeline.service.await(6));
  pipeline.drain();
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 120);
  for (const SeenRequest& request : pipeline.service.seen()) {
    EXPECT_LE(request.timeout, std::chrono::milliseconds(800));
  }
  pipeline.expect_exact_books();
}

TEST(ForwarderFailures, a_good_status_with_a_text_that_is_not_the_services_took_nothing) {
  Pipeline pipeline(first({answer(200, "<html>Please log in.</html>"), answer(200, "[]"),
                           answer(200, "{\"UnprocessedTraceSegments\":"), answer(204, "")}));
  pipeline.start();
  pipeline.accept(documents(30));
  ASSERT_TRUE(pipeline.service.await(4));
  pipeline.drain();
  EXPECT_EQ(pipeline.service.seen().size(), 4U);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 30);
  EXPECT_EQ(pipeline.count("xrayd_upload_errors_total", "class=\"malformed\""), 3);
  pipeline.expect_exact_books();
}

TEST(ForwarderFailures, what_is_throttled_after_an_outage_has_all_its_attempts) {
  std::vector<net::HttpResult> answers(10, no_answer(aws::RequestEnd::refused));
  answers.push_back(answer(200, R"({"UnprocessedTraceSegments":[{"Id":"0000000000000001",)"
                                R"("ErrorCode":"ThrottledException","Message":"later"}]})"));
  Pipeline pipeline(first(answers));
  pipeline.start();
  pipeline.accept(documents(3));
  ASSERT_TRUE(pipeline.service.await(12));
  pipeline.drain();
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 3);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_rejected_total"), 0);
  pipeline.expect_exact_books();
}

TEST(ForwarderFailures, what_can_never_succeed_is_counted_as_lost_once) {
  Pipeline pipeline(first({answer(400, error_body("InvalidRequestException"))}));
  pipeline.start();
  pipeline.accept(documents(9));
  ASSERT_TRUE(pipeline.service.await(1));
  pipeline.drain();
  EXPECT_EQ(pipeline.service.seen().size(), 1U);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_failed_total", "class=\"4xx\""), 9);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 0);
  EXPECT_TRUE(pipeline.forwarder->trouble().empty());
  pipeline.expect_exact_books();
}

TEST(ForwarderFailures, a_request_that_is_too_large_is_sent_in_halves) {
  Pipeline pipeline([](const SeenRequest& request) {
    return request.documents().size() > 12 ? answer(413, "") : answer(200);
  });
  pipeline.start();
  pipeline.accept(documents(50));
  pipeline.drain();
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 50);
  std::vector<std::string> arrived;
  for (const SeenRequest& request : pipeline.service.seen()) {
    const auto some = request.documents();
    if (some.size() <= 12) arrived.insert(arrived.end(), some.begin(), some.end());
  }
  EXPECT_EQ(arrived, documents(50));
  pipeline.expect_exact_books();
}

TEST(ForwarderFailures, one_document_that_is_too_large_is_lost_alone) {
  Pipeline pipeline([](const SeenRequest& request) {
    for (const std::string& text : request.documents()) {
      if (text == document(20)) return answer(413, "");
    }
    return answer(200);
  });
  pipeline.start();
  pipeline.accept(documents(50));
  pipeline.drain();
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 49);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_failed_total"), 1);
  pipeline.expect_exact_books();
}

TEST(ForwarderFailures, a_document_that_the_service_stumbles_over_is_lost_alone_and_counted) {
  Pipeline pipeline([](const SeenRequest& request) {
    for (const std::string& text : request.documents()) {
      if (text == document(20)) return answer(500, "");
    }
    return answer(200);
  });
  pipeline.start();
  pipeline.accept(documents(100));
  // Others follow, by which it is seen that the service is well.
  for (int i = 0; pipeline.count("xrayd_forward_documents_failed_total") == 0 && i < 5000; ++i) {
    pipeline.accept(documents(1, 100 + i));
    ASSERT_TRUE(pipeline.service.await(static_cast<std::size_t>(i)));
  }
  pipeline.drain();
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_failed_total", "class=\"5xx\""), 1);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_waiting"), 0);
  pipeline.expect_exact_books();
}

TEST(ForwarderFailures, several_such_documents_in_a_row_hold_up_nobody) {
  Pipeline pipeline([](const SeenRequest& request) {
    for (const std::string& text : request.documents()) {
      for (const int bad : {0, 1, 2, 30}) {
        if (text == document(bad)) return answer(500, "");
      }
    }
    return answer(200);
  });
  pipeline.start();
  pipeline.accept(documents(100));
  for (std::size_t i = 1; pipeline.count("xrayd_forward_documents_sent_total") < 96 && i < 3000;
       ++i) {
    ASSERT_TRUE(pipeline.service.await(i));
  }
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 96);
  pipeline.drain(std::chrono::milliseconds(0));
  pipeline.expect_exact_books();
}

TEST(ForwarderFailures, requests_that_are_never_in_time_become_shorter) {
  Pipeline pipeline([](const SeenRequest& request) {
    return request.documents().size() > 12 ? no_answer(aws::RequestEnd::timed_out) : answer(200);
  });
  pipeline.start();
  pipeline.accept(documents(50));
  pipeline.drain();
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 50);
  pipeline.expect_exact_books();
}

TEST(ForwarderFailures, an_outage_costs_no_document_however_often_it_is_tried) {
  Pipeline pipeline(first(std::vector<net::HttpResult>(40, answer(500, ""))));
  pipeline.start();
  pipeline.accept(documents(100));
  ASSERT_TRUE(pipeline.service.await(41));
  pipeline.drain();
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 100);
  pipeline.expect_exact_books();
}

TEST(ForwarderFailures, expired_credentials_are_replaced_and_the_request_is_signed_anew) {
  Pipeline pipeline([](const SeenRequest& request) {
    return request.header("Authorization").find("AKIDNEW") == std::string::npos
               ? answer(403, error_body("ExpiredTokenException"))
               : answer(200);
  });
  pipeline.credentials.replace_refused_by("AKIDNEW");
  pipeline.start();
  pipeline.accept(documents(5));
  pipeline.drain();
  EXPECT_EQ(pipeline.service.seen().size(), 2U);
  EXPECT_EQ(pipeline.credentials.refusals(), 1);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 5);
}

TEST(ForwarderFailures, a_wrong_clock_is_corrected_from_the_date_of_the_refusal) {
  const std::string theirs = "Tue, 01 Jan 2030 00:00:00 GMT";
  Pipeline pipeline([&theirs](const SeenRequest& request) {
    return request.header("X-Amz-Date").starts_with("20300101T0000")
               ? answer(200)
               : answer(403, error_body("InvalidSignatureException"), {{"Date", theirs}});
  });
  pipeline.start();
  pipeline.accept(documents(5));
  pipeline.drain();
  ASSERT_EQ(pipeline.service.seen().size(), 2U);
  EXPECT_TRUE(pipeline.service.seen()[1].header("X-Amzn-Xray-Timestamp").starts_with("18934560"));
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 5);
}

TEST(ForwarderFailures, without_even_one_connection_there_is_no_start) {
  ForwarderSettings settings = quick_settings();
  settings.telemetry_interval = std::chrono::milliseconds(0);
  FakeCredentials credentials;
  Forwarder forwarder(settings, [](const net::ClientSettings&) -> std::unique_ptr<net::HttpClient> {
    throw std::runtime_error("no descriptor is left");
  });
  EXPECT_THROW(forwarder.start(test_endpoint(), credentials), std::runtime_error);
  forwarder.drain(std::chrono::milliseconds(0));
}

TEST(ForwarderFailures, documents_wait_for_credentials) {
  Pipeline pipeline([](const SeenRequest&) { return answer(200); });
  FakeCredentials late(nullptr);
  pipeline.forwarder->start(test_endpoint(), late);
  pipeline.accept(documents(60));
  EXPECT_EQ(pipeline.forwarder->trouble(), "there are no credentials");
  EXPECT_TRUE(pipeline.service.seen().empty());
  late.give("AKIDLATE");
  pipeline.drain();
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 60);
  EXPECT_EQ(pipeline.forwarder->trouble(), "");
}

TEST(ForwarderFailures, one_request_at_a_time_asks_whether_the_service_is_back) {
  std::atomic<int> now{0};
  std::atomic<bool> together{false};
  std::atomic<int> requests{0};
  Pipeline pipeline([&](const SeenRequest& request) {
    if (request.target != "/TraceSegments") return answer(200);
    // The first ones were begun before anybody knew.
    if (++now > 1 && requests > 8) together = true;
    std::this_thread::yield();
    --now;
    return ++requests < 20 ? no_answer(aws::RequestEnd::refused) : answer(200);
  });
  pipeline.start();
  for (int i = 0; i < 40; ++i) pipeline.accept(documents(50, i * 50));
  ASSERT_TRUE(pipeline.service.await(19));
  EXPECT_FALSE(together.load());
  pipeline.drain();
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 2000);
  pipeline.expect_exact_books();
}

TEST(ForwarderFailures, trouble_says_what_is_wrong_while_it_is) {
  Pipeline pipeline([](const SeenRequest&) {
    return answer(503, R"({"__type":"ServiceUnavailable","message":"not\n today"})");
  });
  pipeline.start();
  pipeline.accept(documents(1));
  // The third request is made after the first two were given up.
  ASSERT_TRUE(pipeline.service.await(3));
  EXPECT_EQ(pipeline.forwarder->trouble(),
            "segments can't be sent: the service answered 503 ServiceUnavailable: not\\n today");
  pipeline.drain(0ms);
}

TEST(ForwarderFailures, a_drain_does_not_wait_as_long_as_the_service_asked_before) {
  Pipeline pipeline(first({answer(503, "", {{"Retry-After", "60"}})}));
  pipeline.start();
  pipeline.accept(documents(5));
  ASSERT_TRUE(pipeline.service.await(1));
  pipeline.drain();
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"), 5);
  pipeline.expect_exact_books();
}

TEST(ForwarderFailures, a_drain_ends_at_its_deadline_though_requests_hang_and_counts_what_is_left) {
  Pipeline pipeline([](const SeenRequest& request) {
    return request.target == "/TraceSegments" ? FakeService::hang() : answer(200);
  });
  pipeline.start();
  pipeline.accept(documents(120));
  ASSERT_TRUE(pipeline.service.await(1));
  const auto begun = std::chrono::steady_clock::now();
  pipeline.drain(50ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 15s);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_dropped_total", "reason=\"stop\""), 120);
  EXPECT_EQ(pipeline.count("xrayd_upload_errors_total"), 0);
  pipeline.expect_exact_books();
}

TEST(ForwarderFailures, the_books_are_exact_whatever_happens_on_several_threads) {
  std::mutex mutex;
  std::mt19937 random(7);  // NOLINT(bugprone-random-generator-seed): the same each time
  std::multiset<std::string> taken;
  std::size_t refused = 0;
  Pipeline pipeline([&](const SeenRequest& request) {
    if (request.target != "/TraceSegments") return answer(200);
    const auto documents = request.documents();
    const std::lock_guard lock(mutex);
    switch (random() % 10) {
      case 0:
        return answer(503, "");
      case 1:
        return no_answer(aws::RequestEnd::refused);
      case 2:
        return answer(429, "");
      case 3:
        if (documents.size() > 1) return answer(413, "");
        break;
      case 4: {
        std::string body = "{\"UnprocessedTraceSegments\":[";
        for (std::size_t i = 0; i < documents.size(); ++i) {
          const std::string id = documents[i].substr(documents[i].size() - 18, 16);
          if (i % 7 == 0) {
            if (body.back() == '}') body += ',';
            body += R"({"Id":")" + id + R"(","ErrorCode":"ThrottledException"})";
          } else if (i % 11 == 0) {
            if (body.back() == '}') body += ',';
            body += R"({"Id":")" + id + R"(","ErrorCode":"Bad"})";
            ++refused;
          } else {
            taken.insert(documents[i]);
          }
        }
        return answer(200, body + "]}");
      }
      default:
        break;
    }
    taken.insert(documents.begin(), documents.end());
    return answer(200);
  });
  pipeline.start();
  std::vector<std::thread> senders;
  senders.reserve(3);
  for (int thread = 0; thread < 3; ++thread) {
    senders.emplace_back([&pipeline, thread] {
      for (int i = 0; i < 100; ++i) pipeline.accept(documents(9, thread * 10'000 + i * 9));
    });
  }
  for (std::thread& sender : senders) sender.join();
  pipeline.drain();

  pipeline.expect_exact_books();
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_waiting"), 0);
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_sent_total"),
            static_cast<std::int64_t>(taken.size()));
  EXPECT_EQ(pipeline.count("xrayd_forward_documents_rejected_total", "code=\"Bad\""),
            static_cast<std::int64_t>(refused));
  const std::set<std::string> different(taken.begin(), taken.end());
  EXPECT_EQ(different.size(), taken.size()) << "something was sent twice";
}

}  // namespace
}  // namespace xrayd::forward
