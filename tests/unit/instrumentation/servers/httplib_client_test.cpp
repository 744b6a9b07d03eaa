#include <xray/httplib_client.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "support/documents.hpp"
#include "support/http_block.hpp"
#include "support/httplib_stand_in.hpp"

using support::at;
using support::Capture;
using support::cause_of;
using support::flags_of;
using support::http_request_of;
using support::http_response_of;
using support::Listening;
using support::only_subsegment;
using support::text_of;

namespace {

constexpr const char* trace_header = "X-Amzn-Trace-Id";

/// Answers everything with what it was asked, and remembers the last trace header.
class Inventory {
 public:
  Inventory() {
    const auto echo = [this](const httplib::Request& request, httplib::Response& response) {
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        received_ = request.get_header_value(trace_header) +
                    (request.get_header_value_count(trace_header) > 1 ? " twice" : "");
      }
      if (request.path == "/moved") return response.set_redirect("/items");
      if (request.path == "/busy") response.status = 429;
      response.set_content(request.method + " " + request.target + " " + request.body + " " +
                               request.get_header_value("X-Mine"),
                           "text/plain");
    };
    const std::string all = ".*";
    server_.Get(all, echo).Post(all, echo).Put(all, echo).Patch(all, echo);
    server_.Delete(all, echo).Options(all, echo);
    listening_.emplace(server_);
  }

  [[nodiscard]] std::string origin() const { return listening_->origin(); }
  [[nodiscard]] int port() const { return listening_->port(); }
  void stop() { listening_->stop(); }
  std::string received() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return received_;
  }

 private:
  std::mutex mutex_;
  std::string received_;
  httplib::Server server_;
  std::optional<Listening> listening_;
};

/// What a call recorded, and what it returned.
template <typename Call>
std::pair<support::Json, httplib::Result> record(Inventory& inventory, Call call) {
  Capture capture;
  httplib::Result result(nullptr, httplib::Error::Unknown);
  {
    const xray::Segment segment("shop");
    xray::HttplibClient<> client({}, inventory.origin());
    result = call(client);
  }
  return {capture.document(), std::move(result)};
}

}  // namespace

TEST(HttplibClient, records_the_call_and_sends_itself_along) {
  Inventory inventory;
  const auto [document, result] =
      record(inventory, [](auto& client) { return client.Get("/items/7?token=secret"); });
  ASSERT_TRUE(result);
  EXPECT_EQ(result->body, "GET /items/7?token=secret  ");
  const auto& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(call, "name")), "127.0.0.1");
  EXPECT_EQ(text_of(at(call, "namespace")), "remote");
  EXPECT_EQ(http_request_of(call),
            "{\"method\":\"GET\",\"url\":\"" + inventory.origin() + "/items/7\"}");
  EXPECT_EQ(http_response_of(call),
            "{\"status\":200,\"content_length\":" + std::to_string(result->body.size()) + "}");
  EXPECT_EQ(inventory.received(), "Root=" + text_of(at(document, "trace_id")) +
                                      ";Parent=" + text_of(at(call, "id")) + ";Sampled=1");
}

TEST(HttplibClient, has_every_method_with_the_arguments_of_the_library) {
  Inventory inventory;
  const auto said = [&inventory](auto call) {
    const auto [document, result] = record(inventory, call);
    const auto& recorded = only_subsegment(document);
    const auto header = xray::TraceHeader::parse(inventory.received());
    EXPECT_EQ(header.parent_id().to_string(), text_of(at(recorded, "id")));
    const std::string method = text_of(at(at(at(recorded, "http"), "request"), "method"));
    EXPECT_EQ(http_request_of(recorded),
              "{\"method\":\"" + method + "\",\"url\":\"" + inventory.origin() + "/a\"}");
    if (!result) return "nothing: " + httplib::to_string(result.error());
    if (method == "HEAD") return std::string("HEAD");
    EXPECT_EQ(result->body.substr(0, method.size()), method);
    return result->body;
  };
  const httplib::Headers mine{{"X-Mine", "1"}};
  EXPECT_EQ(said([&](auto& c) { return c.Get("/a"); }), "GET /a  ");
  EXPECT_EQ(said([&](auto& c) { return c.Get("/a", mine); }), "GET /a  1");
  EXPECT_EQ(said([&](auto& c) { return c.Get("/a", {{"X-Mine", "2"}}); }), "GET /a  2");
  EXPECT_EQ(
      said([&](auto& c) { return c.Get("/a", [](std::uint64_t, std::uint64_t) { return true; }); }),
      "GET /a  ");
  EXPECT_EQ(said([&](auto& c) {
              return c.Get("/a", httplib::Params{{"q", "7"}}, mine);
            }),
            "GET /a?q=7  1");
  EXPECT_EQ(said([&](auto& c) { return c.Head("/a"); }), "HEAD");
  EXPECT_EQ(said([&](auto& c) { return c.Post("/a"); }), "POST /a  ");
  EXPECT_EQ(said([&](auto& c) { return c.Post("/a", "body", "text/plain"); }), "POST /a body ");
  EXPECT_EQ(said([&](auto& c) { return c.Post("/a", "body", std::size_t{4}, "text/plain"); }),
            "POST /a body ");
  EXPECT_EQ(said([&](auto& c) { return c.Post("/a", mine, "body", "text/plain"); }),
            "POST /a body 1");
  EXPECT_EQ(said([&](auto& c) {
              return c.Post("/a", httplib::Params{{"q", "7"}});
            }),
            "POST /a q=7 ");
  EXPECT_EQ(said([&](auto& c) { return c.Put("/a"); }), "PUT /a  ");
  EXPECT_EQ(said([&](auto& c) { return c.Put("/a", "body", "text/plain"); }), "PUT /a body ");
  EXPECT_EQ(said([&](auto& c) { return c.Patch("/a"); }), "PATCH /a  ");
  EXPECT_EQ(said([&](auto& c) { return c.Patch("/a", mine, "body", "text/plain"); }),
            "PATCH /a body 1");
  EXPECT_EQ(said([&](auto& c) { return c.Delete("/a"); }), "DELETE /a  ");
  EXPECT_EQ(said([&](auto& c) { return c.Delete("/a", mine); }), "DELETE /a  1");
  EXPECT_EQ(said([&](auto& c) { return c.Options("/a"); }), "OPTIONS /a  ");
  EXPECT_EQ(said([&](auto& c) {
              httplib::Request request;
              request.method = "PUT";
              request.path = "/a";
              request.body = "body";
              request.headers = mine;
              return c.send(request);
            }),
            "PUT /a body 1");
}

TEST(HttplibClient, replaces_a_trace_header_that_was_given) {
  Inventory inventory;
  const auto [document, result] = record(inventory, [](auto& client) {
    return client.Get("/", {{"x-amzn-trace-id", "of somebody else"}});
  });
  ASSERT_TRUE(result);
  const auto header = xray::TraceHeader::parse(inventory.received());
  EXPECT_EQ(header.trace_id().to_string(), text_of(at(document, "trace_id")));
  EXPECT_EQ(inventory.received().find("twice"), std::string::npos);
}

TEST(HttplibClient, hands_what_is_received_to_the_receiver) {
  Inventory inventory;
  std::string received;
  const auto [document, result] = record(inventory, [&received](auto& client) {
    return client.Get("/items", [&received](const char* data, std::size_t size) {
      received.append(data, size);
      return true;
    });
  });
  ASSERT_TRUE(result);
  EXPECT_EQ(received, "GET /items  ");
  EXPECT_EQ(http_response_of(only_subsegment(document)), R"({"status":200,"content_length":12})");
}

TEST(HttplibClient, counts_redirections_to_the_call) {
  Inventory inventory;
  const auto [document, result] = record(inventory, [](auto& client) {
    client.set_follow_location(true);
    return client.Get("/moved");
  });
  ASSERT_TRUE(result);
  EXPECT_EQ(result->body, "GET /items  ");
  const auto& call = only_subsegment(document);
  EXPECT_EQ(http_response_of(call), R"({"status":200,"content_length":12})");
  EXPECT_EQ(xray::TraceHeader::parse(inventory.received()).parent_id().to_string(),
            text_of(at(call, "id")));
}

TEST(HttplibClient, marks_by_status) {
  Inventory inventory;
  const auto [document, result] =
      record(inventory, [](auto& client) { return client.Get("/busy"); });
  ASSERT_TRUE(result);
  EXPECT_EQ(flags_of(only_subsegment(document)), "error throttle");
}

TEST(HttplibClient, records_why_there_is_no_answer) {
  Inventory inventory;
  inventory.stop();
  const auto [document, result] = record(inventory, [](auto& client) { return client.Get("/"); });
  EXPECT_FALSE(result);
  EXPECT_EQ(result.error(), httplib::Error::Connection);
  const auto& call = only_subsegment(document);
  EXPECT_EQ(flags_of(call), "fault");
  EXPECT_EQ(http_response_of(call), "");
  EXPECT_EQ(cause_of(call), "std::runtime_error: cpp-httplib: Connection");
}

TEST(HttplibClient, records_what_a_callback_throws_and_lets_it_go_on) {
  Inventory inventory;
  Capture capture;
  {
    const xray::Segment segment("shop");
    xray::HttplibClient<> client({}, "127.0.0.1", inventory.port());
    EXPECT_THROW(
        client.Get("/",
                   [](const char*, std::size_t) -> bool { throw std::runtime_error("enough"); }),
        std::runtime_error);
  }
  const auto document = capture.document();
  const auto& call = only_subsegment(document);
  EXPECT_EQ(cause_of(call), "std::runtime_error: enough");
  EXPECT_EQ(http_request_of(call), "{\"method\":\"GET\",\"url\":\"" + inventory.origin() + "/\"}");
}

TEST(HttplibClient, without_a_segment_is_the_library) {
  Inventory inventory;
  Capture capture;
  xray::HttplibClient<> client({}, inventory.origin());
  ASSERT_TRUE(client.Get("/"));
  EXPECT_EQ(inventory.received(), "");
  EXPECT_TRUE(capture.documents().empty());
}

TEST(HttplibClient, knows_its_origin_in_every_form) {
  const auto url = [](const xray::detail::HttplibOrigin& origin) {
    return origin.scheme + "://" + origin.host;
  };
  using xray::detail::HttplibOrigin;
  EXPECT_EQ(url(HttplibOrigin("shop.example", false)), "http://shop.example");
  EXPECT_EQ(url(HttplibOrigin("https://user:secret@shop.example:444/", false)),
            "https://shop.example:444");
  EXPECT_EQ(url(HttplibOrigin("shop.example", 80, false)), "http://shop.example");
  EXPECT_EQ(url(HttplibOrigin("shop.example", 8080, false)), "http://shop.example:8080");
  EXPECT_EQ(url(HttplibOrigin("shop.example", 443, true)), "https://shop.example");
  EXPECT_EQ(url(HttplibOrigin("::1", 8080, false)), "http://[::1]:8080");
}
