#include <xray/beast_client.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <memory>
#include <string>
#include <utility>

#include "support/beast_stand_in.hpp"
#include "support/documents.hpp"
#include "support/http_block.hpp"

namespace asio = boost::asio;
using support::at;
using support::Capture;
using support::cause_of;
using support::flags_of;
using support::http_request_of;
using support::http_response_of;
using support::make_request;
using support::make_response;
using support::only_subsegment;
using support::Request;
using support::Response;
using support::text_of;
namespace http = support::http;
using support::tcp;

namespace {

std::string header_of(const Request& request) {
  return std::string(request["X-Amzn-Trace-Id"]);
}

/// A call in callbacks, which keeps what records it until it is over.
class Fetch : public std::enable_shared_from_this<Fetch> {
 public:
  Fetch(asio::io_context& context, const xray::Context& parent)
      : socket_(context),
        request_(make_request(http::verb::get, "/items")),
        call_(request_, {}, parent) {}

  void run(std::uint16_t port) {
    socket_.async_connect({asio::ip::address_v4::loopback(), port},
                          [self = shared_from_this()](boost::system::error_code error) {
                            if (error) return self->call_.fail(error);
                            self->write();
                          });
  }

 private:
  void write() {
    http::async_write(socket_, request_,
                      [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                        if (error) return self->call_.fail(error);
                        self->read();
                      });
  }
  void read() {
    http::async_read(socket_, buffer_, response_,
                     [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                       self->call_.complete(error, self->response_);
                     });
  }

  tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
  Request request_;
  Response response_;
  xray::BeastCall call_;
};

/// A port that refuses connections.
std::uint16_t closed_port() {
  asio::io_context context;
  const tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0}, false);
  return acceptor.local_endpoint().port();
}

}  // namespace

TEST(BeastCall, records_the_call_and_sends_itself_along) {
  Capture capture;
  std::string received;
  support::BeastStandIn server([&received](const Request& request, const tcp::endpoint&) {
    received = header_of(request);
    return make_response(200, "1234567");
  });
  std::string trace;
  {
    const xray::Segment segment("shop");
    trace = segment.trace_id().to_string();
    Request request = make_request(http::verb::get, "/items/7?token=secret");
    request.set("X-Amzn-Trace-Id", "of somebody else");
    xray::BeastCall call(request);
    const Response response = support::send_and_receive(server.port(), request);
    call.complete(response);
    EXPECT_EQ(call.subsegment(), nullptr);
  }
  server.join();
  const auto document = capture.document();
  const auto& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(call, "name")), "shop.example");
  EXPECT_EQ(text_of(at(call, "namespace")), "remote");
  EXPECT_EQ(http_request_of(call), R"({"method":"GET","url":"http://shop.example/items/7"})");
  EXPECT_EQ(http_response_of(call), R"({"status":200,"content_length":7})");
  EXPECT_EQ(received, "Root=" + trace + ";Parent=" + text_of(at(call, "id")) + ";Sampled=1");
}

TEST(BeastCall, leaves_the_request_alone_without_a_segment) {
  Capture capture;
  Request request = make_request(http::verb::get, "/");
  xray::BeastCall call(request);
  call.complete(make_response(200, ""));
  EXPECT_EQ(request.find("X-Amzn-Trace-Id"), request.end());
  EXPECT_TRUE(capture.documents().empty());
}

TEST(BeastCall, in_callbacks_has_the_parent_it_was_given) {
  Capture capture;
  std::string received;
  support::BeastStandIn server([&received](const Request& request, const tcp::endpoint&) {
    received = header_of(request);
    return make_response(503, "");
  });
  asio::io_context context;
  {
    const xray::Segment segment("shop");
    std::make_shared<Fetch>(context, segment.context())->run(server.port());
    std::thread([&context] { context.run(); }).join();
  }
  server.join();
  const auto document = capture.document();
  const auto& call = only_subsegment(document);
  EXPECT_EQ(http_response_of(call), R"({"status":503,"content_length":0})");
  EXPECT_EQ(flags_of(call), "fault");
  EXPECT_EQ(xray::TraceHeader::parse(received).parent_id().to_string(), text_of(at(call, "id")));
}

TEST(BeastCall, that_fails_has_the_error_as_its_cause) {
  Capture capture;
  asio::io_context context;
  {
    const xray::Segment segment("shop");
    std::make_shared<Fetch>(context, segment.context())->run(closed_port());
    context.run();
  }
  const auto document = capture.document();
  const auto& call = only_subsegment(document);
  EXPECT_EQ(flags_of(call), "fault");
  EXPECT_EQ(http_response_of(call), "");
  const std::string cause = cause_of(call);
  EXPECT_EQ(cause.rfind("boost::system::system_error: Connection refused", 0), 0U) << cause;
}

TEST(BeastCall, that_is_left_by_an_exception_is_a_fault) {
  Capture capture;
  {
    const xray::Segment segment("shop");
    const auto fetch = [] {
      Request request = make_request(http::verb::get, "/");
      xray::BeastCall call(request);
      call.complete(support::send_and_receive(closed_port(), request));
    };
    EXPECT_THROW(fetch(), boost::system::system_error);
  }
  const auto document = capture.document();
  EXPECT_EQ(flags_of(only_subsegment(document)), "fault");
}
