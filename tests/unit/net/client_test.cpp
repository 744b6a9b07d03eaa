// Plain HTTP: what the client sends, what it makes of answers, and when it gives up.
#include "net/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "support/test_server.hpp"

namespace xrayd::net {
namespace {

using namespace std::chrono_literals;
using aws::RequestEnd;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

/// Far beyond what anything here takes; tests that wait for a deadline have one of their own.
constexpr auto long_enough = 20s;
constexpr auto soon = 150ms;

aws::Endpoint plain(std::uint16_t port, const std::string& host = "127.0.0.1") {
  return {.tls = false, .host = host, .port = port, .base_path = "", .signing_region = ""};
}

std::unique_ptr<HttpClient> make(const ClientSettings& settings = {}) {
  const Network network{NetworkSettings{}};
  return network.client(settings);
}

HttpResult get(HttpClient& client, std::uint16_t port, std::chrono::milliseconds timeout = 20s) {
  return client.send(plain(port), {.method = "GET", .target = "/"}, timeout);
}

/// A server that sends this text as its answer to everything, and closes.
class Saying : public TestServer {
 public:
  explicit Saying(std::string text)
      : TestServer([text = std::move(text)](ServedConnection& connection) {
          (void)connection.read_request();
          connection.write(text);
        }) {}
};

TEST(Client, sends_the_request_as_it_was_given_and_adds_host_and_length) {
  std::promise<std::string> seen;
  TestServer server([&](ServedConnection& connection) {
    seen.set_value(connection.read_request());
    connection.answer("{}");
  });
  const auto client = make();
  const aws::HeaderView headers[] = {{"Content-Type", "application/json"}, {"X-Amz-Date", "now"}};
  const auto result = client->send(
      plain(server.port()), {.target = "/TraceSegments?a=b", .headers = headers, .body = "[1]"},
      long_enough);
  EXPECT_EQ(result.end, RequestEnd::answered);
  EXPECT_EQ(result.response.status, 200);
  EXPECT_EQ(result.response.body, "{}");
  EXPECT_EQ(result.problem, "");
  EXPECT_EQ(seen.get_future().get(),
            "POST /TraceSegments?a=b HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                "\r\nContent-Type: application/json\r\nX-Amz-Date: now\r\n"
                "Content-Length: 3\r\n\r\n[1]");
}

TEST(Client, gives_status_headers_in_order_and_body_of_any_answer) {
  TestServer server([](ServedConnection& connection) {
    (void)connection.read_request();
    connection.answer("no", "429 Too Many Requests", "Retry-After: 7\r\nX-Two: a\r\nx-two: b\r\n");
  });
  const auto result = get(*make(), server.port());
  ASSERT_EQ(result.end, RequestEnd::answered);
  EXPECT_EQ(result.response.status, 429);
  EXPECT_EQ(result.response.header("retry-after"), "7");
  EXPECT_EQ(result.response.header("X-TWO"), "a");
  EXPECT_EQ(result.response.header("absent"), "");
  ASSERT_EQ(result.response.headers.size(), 4U);
  EXPECT_EQ(result.response.headers[2].name, "x-two");
  EXPECT_EQ(result.response.body, "no");
}

TEST(Client, sends_a_thousand_requests_over_one_connection) {
  TestServer server(&echo);
  const auto client = make();
  for (int i = 0; i < 1000; ++i) {
    const std::string body = "request " + std::to_string(i);
    const auto result = client->send(plain(server.port()), {.body = body}, long_enough);
    ASSERT_EQ(result.end, RequestEnd::answered) << result.problem;
    ASSERT_EQ(result.response.body, body);
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(Client, carries_bodies_of_megabytes_both_ways) {
  TestServer server(&echo);
  std::string body(3U << 20U, 'x');
  for (std::size_t i = 0; i < body.size(); i += 97) body[i] = static_cast<char>('a' + i % 26);
  const auto result = make()->send(plain(server.port()), {.body = body}, long_enough);
  ASSERT_EQ(result.end, RequestEnd::answered) << result.problem;
  EXPECT_TRUE(result.response.body == body);
}

TEST(Client, takes_a_new_connection_where_the_server_closed_the_old_one) {
  TestServer server([](ServedConnection& connection) {
    (void)connection.read_request();
    connection.answer(std::to_string(connection.number()));
  });
  const auto client = make();
  EXPECT_EQ(get(*client, server.port()).response.body, "0");
  // The server closes right after its answer; that may be seen by the next request or be its cut.
  std::string body;
  for (int i = 0; i < 1000 && body.empty(); ++i) body = get(*client, server.port()).response.body;
  EXPECT_EQ(body, "1");
}

TEST(Client, does_not_reuse_what_the_server_wants_closed) {
  TestServer server([](ServedConnection& connection) {
    while (!connection.read_request().empty()) {
      connection.answer(std::to_string(connection.number()), "200 OK", "Connection: close\r\n");
    }
  });
  const auto client = make();
  EXPECT_EQ(get(*client, server.port()).response.body, "0");
  EXPECT_EQ(get(*client, server.port()).response.body, "1");
}

TEST(Client, does_not_reuse_what_was_idle_too_long) {
  TestServer server(&echo);
  const auto client = make({.keep_alive = 0ms});
  EXPECT_EQ(get(*client, server.port()).end, RequestEnd::answered);
  EXPECT_EQ(get(*client, server.port()).end, RequestEnd::answered);
  EXPECT_EQ(server.connections(), 2);
}

TEST(Client, does_not_reuse_a_connection_on_which_something_unasked_came) {
  TestServer server([](ServedConnection& connection) {
    while (!connection.read_request().empty()) {
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" +
                       std::to_string(connection.number()) + "HTTP/1.1 500 forged\r\n\r\n");
    }
  });
  const auto client = make();
  EXPECT_EQ(get(*client, server.port()).response.body, "0");
  EXPECT_EQ(get(*client, server.port()).response.body, "1");
}

TEST(Client, goes_to_another_endpoint_on_another_connection) {
  TestServer first([](ServedConnection& connection) {
    while (!connection.read_request().empty()) connection.answer("first");
  });
  TestServer second([](ServedConnection& connection) {
    while (!connection.read_request().empty()) connection.answer("second");
  });
  const auto client = make();
  EXPECT_EQ(get(*client, first.port()).response.body, "first");
  EXPECT_EQ(get(*client, second.port()).response.body, "second");
}

TEST(Client, reads_chunked_answers_and_goes_on_with_the_connection) {
  TestServer server([](ServedConnection& connection) {
    while (!connection.read_request().empty()) {
      connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n");
      connection.write("5;name=value\r\npedia\r\n0\r\nTrailer: x\r\n\r\n");
    }
  });
  const auto client = make();
  EXPECT_EQ(get(*client, server.port()).response.body, "Wikipedia");
  EXPECT_EQ(get(*client, server.port()).response.body, "Wikipedia");
  EXPECT_EQ(server.connections(), 1);
}

TEST(Client, reads_an_answer_that_ends_with_the_connection) {
  Saying server("HTTP/1.0 200 OK\r\n\r\nall of it");
  EXPECT_EQ(get(*make(), server.port()).response.body, "all of it");
}

TEST(Client, passes_over_interim_answers) {
  Saying server(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
      "HTTP/1.1 204 No Content\r\n\r\n");
  const auto result = get(*make(), server.port());
  EXPECT_EQ(result.end, RequestEnd::answered) << result.problem;
  EXPECT_EQ(result.response.status, 204);
}

TEST(Client, waits_for_no_body_after_HEAD) {
  TestServer server([](ServedConnection& connection) {
    while (!connection.read_request().empty()) {
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    }
  });
  const auto client = make();
  const HttpRequest head{.method = "HEAD", .target = "/"};
  EXPECT_EQ(client->send(plain(server.port()), head, long_enough).response.status, 200);
  EXPECT_EQ(client->send(plain(server.port()), head, long_enough).response.status, 200);
  EXPECT_EQ(server.connections(), 1);
}

TEST(Client, takes_an_early_refusal_of_a_body_that_is_not_read) {
  TestServer server([](ServedConnection& connection) {
    (void)connection.read_some();
    connection.answer("", "413 Content Too Large", "Connection: close\r\n");
    connection.hang();
  });
  const std::string body(8U << 20U, 'x');
  const auto result = make()->send(plain(server.port()), {.body = body}, long_enough);
  EXPECT_EQ(result.response.status, 413) << result.problem;
}

TEST(Client, says_where_nobody_listens) {
  const ClosedPort closed;
  const auto result = get(*make(), closed.port());
  EXPECT_EQ(result.end, RequestEnd::refused);
  EXPECT_EQ(result.problem, "127.0.0.1:" + std::to_string(closed.port()) + ": Connection refused");
}

TEST(Client, calls_a_connection_that_ends_before_or_within_an_answer_cut) {
  Saying nothing("");
  EXPECT_EQ(get(*make(), nothing.port()).end, RequestEnd::cut);
  EXPECT_THAT(get(*make(), nothing.port()).problem, EndsWith("closed before an answer"));
  for (const char* text :
       {"HTTP/1.1 200 OK\r\nConte", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWi"}) {
    Saying half(text);
    const auto result = get(*make(), half.port());
    EXPECT_EQ(result.end, RequestEnd::cut) << text;
    EXPECT_THAT(result.problem, EndsWith("closed within the answer")) << text;
  }
}

TEST(Client, calls_a_reset_connection_cut) {
  TestServer server([](ServedConnection& connection) {
    (void)connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
    connection.reset();
  });
  EXPECT_EQ(get(*make(), server.port()).end, RequestEnd::cut);
}

TEST(Client, calls_what_is_no_HTTP_malformed) {
  for (const char* text : {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 abc\r\n\r\n",
                           "HTTP/1.1 101 Switching Protocols\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    Saying server(text);
    const auto result = get(*make(), server.port());
    EXPECT_EQ(result.end, RequestEnd::malformed_answer) << text << ": " << result.problem;
    EXPECT_THAT(result.problem, HasSubstr("no proper answer: "));
    EXPECT_THAT(result.problem, Not(HasSubstr("SSH")));
  }
}

TEST(Client, reads_no_more_than_the_longest_body_however_it_is_announced) {
  for (const char* header : {"Content-Length: 101\r\n", "Transfer-Encoding: chunked\r\n", ""}) {
    TestServer server([&](ServedConnection& connection) {
      (void)connection.read_request();
      connection.write("HTTP/1.1 200 OK\r\n" + std::string(header) + "\r\n");
      const std::string piece(101, 'x');
      connection.write(
          std::string_view(header).starts_with("T") ? "65\r\n" + piece + "\r\n0\r\n\r\n" : piece);
    });
    const auto result = get(*make({.longest_body = 100}), server.port());
    EXPECT_EQ(result.end, RequestEnd::malformed_answer) << header;
    EXPECT_THAT(result.problem, EndsWith("it is longer than 100 bytes")) << header;
  }
}

TEST(Client, reads_no_endless_header) {
  TestServer server([](ServedConnection& connection) {
    (void)connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 10'000; ++i)
      connection.write("X-Filler: " + std::string(100, 'x') + "\r\n");
  });
  EXPECT_EQ(get(*make(), server.port()).end, RequestEnd::malformed_answer);
}

TEST(Client, ends_with_the_deadline_where_no_answer_comes) {
  TestServer server([](ServedConnection& connection) { connection.hang(); });
  const auto result = get(*make(), server.port(), soon);
  EXPECT_EQ(result.end, RequestEnd::timed_out);
  EXPECT_EQ(result.problem, "127.0.0.1:" + std::to_string(server.port()) + ": no answer in time");
}

TEST(Client, ends_with_the_deadline_where_the_body_is_not_read) {
  std::promise<void> over;
  TestServer server([&](ServedConnection&) { over.get_future().wait(); });
  const std::string body(32U << 20U, 'x');
  const auto result = make()->send(plain(server.port()), {.body = body}, soon);
  over.set_value();
  EXPECT_EQ(result.end, RequestEnd::timed_out);
}

TEST(Client, ends_with_the_deadline_however_slowly_an_answer_drips) {
  std::atomic<bool> over{false};
  TestServer server([&](ServedConnection& connection) {
    (void)connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (!over) {
      connection.write("x");
      std::this_thread::sleep_for(5ms);
    }
  });
  const auto result = get(*make(), server.port(), soon);
  over = true;
  EXPECT_EQ(result.end, RequestEnd::timed_out);
}

TEST(Client, ends_with_the_time_to_connect_where_nobody_answers_at_all) {
  const DeafPort deaf;
  const auto begun = std::chrono::steady_clock::now();
  const auto result = get(*make({.connect_timeout = soon}), deaf.port());
  EXPECT_EQ(result.end, RequestEnd::timed_out);
  EXPECT_THAT(result.problem, EndsWith(": no connection in time"));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

TEST(Client, cannot_be_made_to_send_a_header_of_somebody_else) {
  TestServer server(&echo);
  const auto client = make();
  const aws::HeaderView headers[] = {{"X-Note", "a\r\nX-Forged: b"}};
  const auto result =
      client->send(plain(server.port()), {.target = "/", .headers = headers}, long_enough);
  EXPECT_EQ(result.end, RequestEnd::refused);
  EXPECT_THAT(result.problem, Not(HasSubstr("Forged")));
  EXPECT_EQ(client->send(plain(server.port()), {.target = "/ HTTP/1.1\r\n"}, long_enough).end,
            RequestEnd::refused);
  EXPECT_EQ(client->send(plain(server.port()), {.target = "/"}, long_enough).end,
            RequestEnd::answered);
}

TEST(Client, can_be_cancelled_while_it_waits_for_an_answer) {
  std::promise<void> asked;
  TestServer server([&](ServedConnection& connection) {
    (void)connection.read_request();
    asked.set_value();
    connection.hang();
  });
  const auto client = make();
  auto result =
      std::async(std::launch::async, [&] { return get(*client, server.port(), long_enough); });
  asked.get_future().wait();
  client->cancel();
  EXPECT_EQ(result.get().end, RequestEnd::cut);
  EXPECT_EQ(get(*client, server.port()).end, RequestEnd::cut);
}

TEST(Client, can_be_cancelled_while_it_connects) {
  const DeafPort deaf;
  const auto client = make({.connect_timeout = long_enough});
  auto result = std::async(std::launch::async, [&] { return get(*client, deaf.port()); });
  client->cancel();
  EXPECT_EQ(result.get().end, RequestEnd::cut);
}

/// Names that answer what a test wants.
std::unique_ptr<HttpClient> with_names(Resolver::LookUp look_up,
                                       const ClientSettings& settings = {}) {
  return make_client(std::make_shared<const Shared>(NetworkSettings{}, std::move(look_up)),
                     settings);
}

TEST(Client, says_which_name_does_not_resolve) {
  const auto client = with_names([](const std::string&) {
    return LookUpResult{{}, "Name or service not known"};
  });
  const auto result = client->send(plain(80, "xray.invalid"), {}, long_enough);
  EXPECT_EQ(result.end, RequestEnd::unknown_host);
  EXPECT_EQ(result.problem,
            "xray.invalid:80: the name does not resolve: Name or service not known");
}

TEST(Client, waits_for_a_name_no_longer_than_the_deadline) {
  std::promise<void> over;
  const auto client = with_names([wait = over.get_future().share()](const std::string&) {
    wait.wait();
    return LookUpResult{};
  });
  const auto result = client->send(plain(80, "slow.test"), {}, soon);
  EXPECT_EQ(result.end, RequestEnd::timed_out);
  EXPECT_EQ(result.problem, "slow.test:80: the name was not resolved in time");
  over.set_value();
}

TEST(Client, can_be_cancelled_while_it_waits_for_a_name) {
  std::promise<void> asked;
  std::promise<void> over;
  const auto client = with_names([&, wait = over.get_future().share()](const std::string&) {
    asked.set_value();
    wait.wait();
    return LookUpResult{};
  });
  auto result = std::async(std::launch::async,
                           [&] { return client->send(plain(80, "slow.test"), {}, long_enough); });
  asked.get_future().wait();
  client->cancel();
  EXPECT_EQ(result.get().end, RequestEnd::cut);
  over.set_value();
}

TEST(Client, tries_all_addresses_of_a_name) {
  TestServer server(&echo);
  const auto client = with_names([](const std::string&) {
    return LookUpResult{{*parse_ip("::1"), *parse_ip("127.0.0.2"), *parse_ip("127.0.0.1")}, {}};
  });
  const auto result = client->send(plain(server.port(), "many.test"), {.body = "x"}, long_enough);
  EXPECT_EQ(result.response.body, "x") << result.problem;
}

TEST(Client, is_not_held_up_by_an_address_that_does_not_answer) {
  TestServer server(&echo);
  const DeafPort deaf(server.port(), "127.0.0.2");
  const auto client = with_names([](const std::string&) {
    return LookUpResult{{*parse_ip("127.0.0.2"), *parse_ip("127.0.0.1")}, {}};
  });
  const auto result = client->send(plain(server.port(), "two.test"), {.body = "x"}, long_enough);
  EXPECT_EQ(result.response.body, "x") << result.problem;
}

}  // namespace
}  // namespace xrayd::net
