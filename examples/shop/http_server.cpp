// The only file that includes Boost.Beast, which is slow to compile.
#include "http_server.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cctype>
#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace shop {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t worker_threads = 8;
constexpr std::uint32_t max_header_bytes = 8'192;
constexpr std::uint64_t max_body_bytes = 65'536;
constexpr std::chrono::seconds idle_limit{30};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

Request to_request(const http::request<http::string_body>& message, std::string client_address) {
  Request request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  request.client_address = std::move(client_address);
  for (const auto& field : message) {
    request.headers.emplace(lower(field.name_string()), std::string(field.value()));
  }
  return request;
}

Response answer(const Handler& handler, const Request& request) {
  try {
    return handler(request);
  } catch (const std::exception& problem) {
    std::cerr << request.method << ' ' << request.target << ": " << problem.what() << std::endl;
    return {500, "Something went wrong.\n", {}};
  }
}

/// Counts the requests in hand, so that the server stops only between requests.
class Gate {
 public:
  explicit Gate(asio::io_context& io) : io_(io) {}

  void enter() { ++inside_; }

  void leave() {
    if (--inside_ == 0 && stopping_) io_.stop();
  }

  void stop() {
    enter();
    stopping_ = true;
    leave();
  }

  bool stopping() const { return stopping_; }

 private:
  asio::io_context& io_;
  std::atomic<int> inside_{0};
  std::atomic<bool> stopping_{false};
};

/// One connection: read a request, answer it, and again while the client keeps the connection.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::ip::tcp::socket socket, const Handler& handler, Gate& gate)
      : stream_(std::move(socket)), handler_(handler), gate_(gate) {
    error_code ignored;
    client_address_ = stream_.socket().remote_endpoint(ignored).address().to_string();
  }

  void read() {
    parser_.emplace();
    parser_->header_limit(max_header_bytes);
    parser_->body_limit(max_body_bytes);
    stream_.expires_after(idle_limit);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code error, std::size_t) {
                       if (!error) self->respond();
                     });
  }

 private:
  void respond() {
    gate_.enter();
    const auto& message = parser_->get();
    Response response = answer(handler_, to_request(message, client_address_));

    reply_ = {static_cast<http::status>(response.status), message.version()};
    reply_.set(http::field::content_type, "text/plain; charset=utf-8");
    for (const auto& [name, value] : response.headers) reply_.set(name, value);
    reply_.body() = std::move(response.body);
    reply_.keep_alive(message.keep_alive() && !gate_.stopping());
    reply_.prepare_payload();
    stream_.expires_after(idle_limit);
    http::async_write(stream_, reply_, [self = shared_from_this()](error_code error, std::size_t) {
      const bool again = !error && self->reply_.keep_alive();
      self->gate_.leave();
      if (again) self->read();
    });
  }

  beast::tcp_stream stream_;
  const Handler& handler_;
  Gate& gate_;
  std::string client_address_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> reply_;
};

void accept_connections(asio::io_context& io, asio::ip::tcp::acceptor& acceptor,
                        const Handler& handler, Gate& gate) {
  acceptor.async_accept(asio::make_strand(io), [&](error_code error, asio::ip::tcp::socket socket) {
    if (!acceptor.is_open()) return;
    if (!error) {
      const auto strand = socket.get_executor();
      auto connection = std::make_shared<Connection>(std::move(socket), handler, gate);
      asio::dispatch(strand, [connection] { connection->read(); });
    }
    accept_connections(io, acceptor, handler, gate);
  });
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

void serve(std::uint16_t port, const Handler& handler) {
  asio::io_context io;
  Gate gate(io);
  asio::ip::tcp::acceptor acceptor(asio::make_strand(io), {asio::ip::address_v4::loopback(), port});
  asio::signal_set signals(acceptor.get_executor(), SIGINT, SIGTERM);
  signals.async_wait([&](error_code, int) {
    acceptor.close();
    gate.stop();
  });
  accept_connections(io, acceptor, handler, gate);
  std::cout << "listening on 127.0.0.1:" << acceptor.local_endpoint().port() << std::endl;

  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < worker_threads; ++i) workers.emplace_back([&io] { io.run(); });
  for (std::thread& worker : workers) worker.join();
}

}  // namespace shop
