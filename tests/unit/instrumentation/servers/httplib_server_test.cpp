#include <xray/httplib_server.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <exception>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/documents.hpp"
#include "support/http_block.hpp"
#include "support/httplib_stand_in.hpp"

using support::at;
using support::Capture;
using support::cause_of;
using support::find_subsegment;
using support::flags_of;
using support::http_request_of;
using support::http_response_of;
using support::Listening;
using support::text_of;

#if defined(__SANITIZE_THREAD__)
// Debian's cpp-httplib is built without the sanitizer, which can't see what guards the variables
// inside its functions. Our handlers are seen all the same.
extern "C" __attribute__((visibility("default"))) const char*
__tsan_default_suppressions() {  // NOLINT: the sanitizer's name
  return "race:libcpp-httplib.so";
}
#endif

namespace {

constexpr const char* root = "1-5759e988-bd862e3fe1be46a994272793";
constexpr const char* trace_header = "X-Amzn-Trace-Id";

xray::HttpServerTracing shop() {
  xray::HttpServerTracing tracing;
  tracing.name = "shop";
  return tracing;
}

httplib::Headers usual() {
  return {{"Host", "shop.example"}, {"User-Agent", "test/1"}};
}

/// The one request that was recorded, once the server has stopped.
support::Json recorded(Capture& capture, Listening& listening) {
  listening.stop();
  return capture.document();
}

}  // namespace

TEST(HttplibServer, records_a_request_and_answers_with_the_trace) {
  Capture capture;
  xray::HttplibServer<> server(shop());
  server.Get("/cart/(\\d+)", [](const httplib::Request&, httplib::Response& response) {
    const xray::Subsegment below("below");
    response.set_content("1234567", "text/plain");
  });
  Listening listening(server);
  httplib::Client client(listening.origin());
  auto headers = usual();
  headers.emplace("x-amzn-trace-id",
                  std::string("Root=") + root + ";Parent=53995c3f42cd8ad8;Sampled=?");
  const auto result = client.Get("/cart/7?token=secret", headers);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->get_header_value_count(trace_header), 1U);
  EXPECT_EQ(result->get_header_value(trace_header), std::string("Root=") + root + ";Sampled=1");
  EXPECT_EQ(result->body, "1234567");
  const auto document = recorded(capture, listening);
  EXPECT_EQ(text_of(at(document, "name")), "shop");
  EXPECT_EQ(text_of(at(document, "trace_id")), root);
  EXPECT_EQ(text_of(at(document, "parent_id")), "53995c3f42cd8ad8");
  EXPECT_EQ(http_request_of(document),
            R"({"method":"GET","url":"http://shop.example/cart/7","user_agent":"test/1",)"
            R"("client_ip":"127.0.0.1"})");
  EXPECT_EQ(http_response_of(document), R"({"status":200,"content_length":7})");
  EXPECT_NE(find_subsegment(document, "below"), nullptr);
}

TEST(HttplibServer, records_what_no_route_matches) {
  Capture capture;
  xray::HttplibServer<> server(shop());
  Listening listening(server);
  auto headers = usual();
  headers.emplace("X-Forwarded-For", "203.0.113.7, 10.0.0.1");
  const auto result =
      httplib::Client(listening.origin()).Post("/nowhere", headers, "body", "text/plain");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 404);
  const auto document = recorded(capture, listening);
  EXPECT_EQ(http_request_of(document),
            R"({"method":"POST","url":"http://shop.example/nowhere","user_agent":"test/1",)"
            R"("client_ip":"203.0.113.7","x_forwarded_for":true})");
  EXPECT_EQ(http_response_of(document), R"({"status":404,"content_length":0})");
  EXPECT_EQ(flags_of(document), "error");
}

TEST(HttplibServer, records_an_exception_and_answers_as_the_library_does) {
  const auto throws = [](const httplib::Request&, httplib::Response&) {
    throw std::runtime_error("out\nof stock");
  };
  httplib::Server plain;
  plain.Get("/", throws);
  Listening untraced(plain);
  const auto expected = httplib::Client(untraced.origin()).Get("/");
  ASSERT_TRUE(expected);

  Capture capture;
  xray::HttplibServer<> server(shop());
  server.Get("/", throws);
  Listening listening(server);
  const auto result = httplib::Client(listening.origin()).Get("/");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, expected->status);
  EXPECT_EQ(result->body, expected->body);
  auto headers = result->headers;
  EXPECT_EQ(headers.erase(trace_header), 1U);
  EXPECT_EQ(headers, expected->headers);
  const auto document = recorded(capture, listening);
  EXPECT_EQ(flags_of(document), "fault");
  EXPECT_EQ(cause_of(document), "std::runtime_error: out\nof stock");
  EXPECT_EQ(http_response_of(document), R"({"status":500,"content_length":0})");
}

TEST(HttplibServer, calls_the_handlers_of_its_user_inside_the_segment) {
  Capture capture;
  xray::HttplibServer<> server(shop());
  // One thread: the logger of one request runs when its answer has left, and the next one may come.
  server.new_task_queue = [] { return new httplib::ThreadPool(1); };
  std::string called;
  server
      .set_pre_routing_handler([&called](const httplib::Request& request, httplib::Response&) {
        called += xray::current_context() ? "pre " : "pre without a segment ";
        return request.path == "/early" ? httplib::Server::HandlerResponse::Handled
                                        : httplib::Server::HandlerResponse::Unhandled;
      })
      .set_post_routing_handler([&called](const httplib::Request&, httplib::Response& response) {
        called += xray::current_context() ? "post " : "post without a segment ";
        response.set_header("X-Mine", "1");
      })
      .set_exception_handler([&called](const httplib::Request&, httplib::Response& response,
                                       const std::exception_ptr&) {
        called += "exception ";
        response.status = 503;
      })
      .set_logger(
          [&called](const httplib::Request&, const httplib::Response&) { called += "logger "; });
  server.Get("/", [](const httplib::Request&, httplib::Response&) { throw 7; });
  Listening listening(server);
  httplib::Client client(listening.origin());
  const auto result = client.Get("/");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 503);
  EXPECT_EQ(result->get_header_value("X-Mine"), "1");
  EXPECT_FALSE(result->has_header("EXCEPTION_WHAT"));
  ASSERT_TRUE(client.Get("/early"));
  listening.stop();
  EXPECT_EQ(called, "pre exception post logger pre post logger ");
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(flags_of(documents[0]), "fault");
  EXPECT_EQ(http_response_of(documents[0]), R"({"status":503,"content_length":0})");
  EXPECT_EQ(http_response_of(documents[1]), R"({"status":200,"content_length":0})");
}

TEST(HttplibServer, records_a_body_in_pieces_until_it_is_written) {
  Capture capture;
  xray::HttplibServer<> server(shop());
  server.Get("/", [](const httplib::Request&, httplib::Response& response) {
    response.set_chunked_content_provider("text/plain", [](std::size_t, httplib::DataSink& sink) {
      const xray::Subsegment piece("piece");
      sink.write("x", 1);
      sink.done();
      return true;
    });
  });
  Listening listening(server);
  const auto result = httplib::Client(listening.origin()).Get("/");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->body, "x");
  const auto document = recorded(capture, listening);
  EXPECT_EQ(http_response_of(document), R"({"status":200})");
  EXPECT_NE(find_subsegment(document, "piece"), nullptr);
}

TEST(HttplibServer, keeps_apart_what_its_threads_and_connections_do) {
  Capture capture;
  xray::HttplibServer<> server(shop());
  server.Get("/(\\w+)", [](const httplib::Request& request, httplib::Response& response) {
    const xray::Subsegment below(request.matches[1].str());
    response.set_content(request.matches[1].str(), "text/plain");
  });
  Listening listening(server);
  std::vector<std::future<void>> clients;
  clients.reserve(4);
  for (int c = 0; c < 4; ++c) {
    clients.push_back(std::async(std::launch::async, [&listening, c] {
      httplib::Client client(listening.origin());
      client.set_keep_alive(true);
      for (int i = 0; i < 10; ++i) {
        const std::string path = "/r" + std::to_string(c) + "x" + std::to_string(i);
        const auto result = client.Get(path);
        ASSERT_TRUE(result);
        EXPECT_EQ("/" + result->body, path);
      }
    }));
  }
  for (auto& client : clients) client.get();
  listening.stop();
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 40U);
  for (const auto& document : documents) {
    const std::string url = text_of(at(at(at(document, "http"), "request"), "url"));
    const auto& below = support::only_subsegment(document);
    EXPECT_EQ(url, listening.origin() + "/" + text_of(at(below, "name")));
  }
}

TEST(HttplibServer, does_not_record_what_is_excluded_nor_what_is_malformed) {
  Capture capture;
  auto tracing = shop();
  tracing.excluded_paths = {"/healthz"};
  xray::HttplibServer<> server(tracing);
  server.Get("/healthz", [](const httplib::Request&, httplib::Response& response) {
    const xray::Subsegment below("below");
    response.set_content("ok", "text/plain");
  });
  Listening listening(server);
  httplib::Client client(listening.origin());
  const auto healthy = client.Get("/healthz");
  ASSERT_TRUE(healthy);
  EXPECT_EQ(healthy->body, "ok");
  EXPECT_FALSE(healthy->has_header(trace_header));
  const auto malformed = client.Get("/", {{"Range", "bytes=what"}});
  ASSERT_TRUE(malformed);
  EXPECT_EQ(malformed->status, 416);
  EXPECT_FALSE(malformed->has_header(trace_header));
  listening.stop();
  EXPECT_TRUE(capture.documents().empty());
}
