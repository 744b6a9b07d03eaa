#include <xray/asio.hpp>
#include <xray/beast_server.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <future>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/beast_stand_in.hpp"
#include "support/documents.hpp"
#include "support/http_block.hpp"

namespace asio = boost::asio;
using asio::use_awaitable;
using support::at;
using support::Capture;
using support::cause_of;
using support::find_subsegment;
using support::flags_of;
using support::http_request_of;
using support::http_response_of;
using support::make_request;
using support::make_response;
using support::Request;
using support::Response;
using support::send_and_receive;
using support::text_of;
namespace http = support::http;
using support::tcp;

namespace {

constexpr const char* root = "1-5759e988-bd862e3fe1be46a994272793";

xray::HttpServerTracing shop() {
  xray::HttpServerTracing tracing;
  tracing.name = "shop";
  return tracing;
}

std::string header_of(const Response& response) {
  return std::string(response["X-Amzn-Trace-Id"]);
}

asio::awaitable<Response> handle(xray::CoroutineScope& scope) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  const xray::Subsegment subsegment("handle");
  timer.expires_after(std::chrono::milliseconds(1));
  co_await scope.carry(timer.async_wait(use_awaitable));
  co_return make_response(404, "nothing here");
}

/// One connection, as the header's comment says.
asio::awaitable<void> serve(tcp::socket socket, const xray::HttpServerTracing& tracing) {
  xray::CoroutineScope scope;
  const tcp::endpoint peer = socket.remote_endpoint();
  boost::beast::flat_buffer buffer;
  Request request;
  co_await scope.carry(http::async_read(socket, buffer, request, use_awaitable));
  xray::BeastServerSegment segment(tracing, request, peer);
  Response response = co_await handle(scope);
  segment.answer(response);
  co_await scope.carry(http::async_write(socket, response, use_awaitable));
}

asio::awaitable<void> accept(tcp::acceptor& acceptor, const xray::HttpServerTracing& tracing,
                             int connections) {
  for (int i = 0; i < connections; ++i) {
    tcp::socket socket = co_await acceptor.async_accept(use_awaitable);
    co_spawn(acceptor.get_executor(), serve(std::move(socket), tracing), asio::detached);
  }
}

}  // namespace

TEST(BeastServer, records_a_request_and_answers_with_the_trace) {
  Capture capture;
  const auto tracing = shop();
  support::BeastStandIn server([&tracing](const Request& request, const tcp::endpoint& peer) {
    return xray::trace_beast_request(tracing, request, peer, [] {
      const xray::Subsegment below("below");
      return make_response(200, "1234567");
    });
  });
  auto request = make_request(http::verb::get, "/cart/7?token=secret");
  request.set("X-Amzn-Trace-Id",
              std::string("Root=") + root + ";Parent=53995c3f42cd8ad8;Sampled=?");
  const Response response = send_and_receive(server.port(), request);
  server.join();
  EXPECT_EQ(header_of(response), std::string("Root=") + root + ";Sampled=1");
  EXPECT_EQ(response.body(), "1234567");
  const auto document = capture.document();
  EXPECT_EQ(text_of(at(document, "name")), "shop");
  EXPECT_EQ(text_of(at(document, "trace_id")), root);
  EXPECT_EQ(text_of(at(document, "parent_id")), "53995c3f42cd8ad8");
  EXPECT_EQ(http_request_of(document),
            R"({"method":"GET","url":"http://shop.example/cart/7","user_agent":"test/1",)"
            R"("client_ip":"127.0.0.1"})");
  EXPECT_EQ(http_response_of(document), R"({"status":200,"content_length":7})");
  EXPECT_NE(find_subsegment(document, "below"), nullptr);
}

TEST(BeastServer, hands_the_handler_the_segment_and_takes_the_client_from_the_header) {
  Capture capture;
  const auto tracing = shop();
  support::BeastStandIn server([&tracing](const Request& request, const tcp::endpoint&) {
    return xray::trace_beast_request(tracing, request, "192.0.2.1", [](xray::Segment& segment) {
      segment.set_user("u-1");
      return make_response(429, "");
    });
  });
  auto request = make_request(http::verb::post, "/orders");
  request.set("x-forwarded-for", "203.0.113.7, 10.0.0.1");
  request.prepare_payload();
  EXPECT_EQ(send_and_receive(server.port(), request).result_int(), 429U);
  server.join();
  const auto document = capture.document();
  EXPECT_EQ(http_request_of(document),
            R"({"method":"POST","url":"http://shop.example/orders","user_agent":"test/1",)"
            R"("client_ip":"203.0.113.7","x_forwarded_for":true})");
  EXPECT_EQ(http_response_of(document), R"({"status":429,"content_length":0})");
  EXPECT_EQ(flags_of(document), "error throttle");
  EXPECT_EQ(text_of(at(document, "user")), "u-1");
}

TEST(BeastServer, records_what_the_handler_throws_and_lets_it_go_on) {
  Capture capture;
  const auto tracing = shop();
  support::BeastStandIn server([&tracing](const Request& request, const tcp::endpoint& peer) {
    return xray::trace_beast_request(
        tracing, request, peer, []() -> Response { throw std::runtime_error("out of stock"); });
  });
  EXPECT_EQ(send_and_receive(server.port(), make_request(http::verb::get, "/")).result_int(), 500U);
  server.join();
  const auto document = capture.document();
  EXPECT_EQ(flags_of(document), "fault");
  EXPECT_EQ(cause_of(document), "std::runtime_error: out of stock");
}

TEST(BeastServer, keeps_the_segment_in_coroutines_on_several_threads) {
  Capture capture;
  const auto tracing = shop();
  constexpr int requests = 20;
  std::vector<std::string> traces;
  {
    asio::thread_pool pool(3);
    tcp::acceptor acceptor(pool, {asio::ip::address_v4::loopback(), 0});
    const std::uint16_t port = acceptor.local_endpoint().port();
    co_spawn(pool, accept(acceptor, tracing, requests), asio::detached);
    std::vector<std::future<std::string>> answers;
    answers.reserve(requests);
    traces.reserve(requests);
    for (int i = 0; i < requests; ++i) {
      answers.push_back(std::async(std::launch::async, [port] {
        return header_of(send_and_receive(port, make_request(http::verb::get, "/")));
      }));
    }
    for (auto& answer : answers) traces.push_back(answer.get());
    pool.join();
  }
  EXPECT_FALSE(xray::current_context());
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), static_cast<std::size_t>(requests));
  for (const auto& document : documents) {
    EXPECT_EQ(http_response_of(document), R"({"status":404,"content_length":12})");
    EXPECT_EQ(flags_of(document), "error");
    EXPECT_NE(find_subsegment(document, "handle"), nullptr);
    EXPECT_EQ(std::count(traces.begin(), traces.end(), "Root=" + text_of(at(document, "trace_id"))),
              1);
  }
}

TEST(BeastServer, has_no_word_in_the_answer_to_what_is_excluded) {
  Capture capture;
  auto tracing = shop();
  tracing.excluded_paths = {"/healthz"};
  support::BeastStandIn server([&tracing](const Request& request, const tcp::endpoint& peer) {
    return xray::trace_beast_request(tracing, request, peer, [] { return make_response(200, ""); });
  });
  EXPECT_EQ(header_of(send_and_receive(server.port(), make_request(http::verb::get, "/healthz"))),
            "");
  server.join();
  EXPECT_TRUE(capture.documents().empty());
}

TEST(BeastServer, knows_the_length_of_answers_without_a_body) {
  Capture capture;
  {
    const Request request = make_request(http::verb::head, "/");
    xray::BeastServerSegment segment(shop(), request, "192.0.2.1");
    http::response<http::empty_body> response(http::status::ok, 11);
    response.content_length(1234);
    segment.answer(response);
  }
  EXPECT_EQ(http_response_of(capture.document()), R"({"status":200,"content_length":1234})");
}
