// Both ends of HTTP with Boost.Beast alone, over real sockets.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <utility>

namespace support {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

inline Request make_request(http::verb method, const std::string& target) {
  Request request(method, target, 11);
  request.set(http::field::host, "shop.example");
  request.set(http::field::user_agent, "test/1");
  return request;
}

inline Response make_response(unsigned status, const std::string& body) {
  Response response(http::int_to_status(status), 11);
  response.body() = body;
  response.prepare_payload();
  return response;
}

/// Sends a request to 127.0.0.1 and returns what came back.
inline Response send_and_receive(std::uint16_t port, const Request& request) {
  boost::asio::io_context context;
  tcp::socket socket(context);
  socket.connect({boost::asio::ip::address_v4::loopback(), port});
  http::write(socket, request);
  boost::beast::flat_buffer buffer;
  Response response;
  http::read(socket, buffer, response);
  return response;
}

/// Answers one request on a free port, on a thread of its own; what the handler throws is answered
/// with 500.
class BeastStandIn {
 public:
  using Handler = std::function<Response(const Request&, const tcp::endpoint&)>;

  explicit BeastStandIn(Handler handler)
      : acceptor_(context_, {boost::asio::ip::address_v4::loopback(), 0}),
        thread_([this, handler = std::move(handler)] { serve(handler); }) {}
  BeastStandIn(const BeastStandIn&) = delete;
  BeastStandIn& operator=(const BeastStandIn&) = delete;
  ~BeastStandIn() { join(); }

  [[nodiscard]] std::uint16_t port() { return acceptor_.local_endpoint().port(); }

  /// Returns when the request is answered.
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  void serve(const Handler& handler) {
    tcp::endpoint peer;
    tcp::socket socket = acceptor_.accept(peer);
    boost::beast::flat_buffer buffer;
    Request request;
    http::read(socket, buffer, request);
    Response response;
    try {
      response = handler(request, peer);
    } catch (const std::exception&) {
      response = make_response(500, "");
    }
    http::write(socket, response);
  }

  boost::asio::io_context context_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

}  // namespace support
