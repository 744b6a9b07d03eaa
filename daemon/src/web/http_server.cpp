#include "web/http_server.hpp"

#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <unordered_set>
#include <utility>

#include "config/log.hpp"
#include "config/log_throttle.hpp"
#include "startup_error.hpp"

namespace xrayd::web {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

/// Errors come as values: on a connection they are everyday things.
constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

constexpr std::uint32_t header_limit = std::uint32_t{16} << 10U;
constexpr std::size_t buffer_limit = std::size_t{64} << 10U;

using Parser = http::request_parser<http::string_body>;

/// A part of the memory for bodies, given back at the end of its scope. For one thread.
class Reservation {
 public:
  explicit Reservation(std::uint64_t& in_use) : in_use_(in_use) {}
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation() { in_use_ -= size_; }

  bool take(std::uint64_t size, std::uint64_t limit) {
    if (size > limit - in_use_) return false;
    in_use_ += size;
    size_ += size;
    return true;
  }

 private:
  std::uint64_t& in_use_;
  std::uint64_t size_ = 0;
};

/// Nothing for what is no proper request of ours.
std::optional<Request> to_request(http::request<http::string_body>&& message) {
  const std::string_view target(message.target().data(), message.target().size());
  const auto hosts = message.count(http::field::host);
  if (!target.starts_with('/') || hosts > 1 || (hosts == 0 && message.version() >= 11)) {
    return std::nullopt;
  }
  const auto header = [&message](http::field name) { return std::string(message[name]); };
  const std::size_t question = std::min(target.find('?'), target.size());
  Request request;
  request.method = std::string(message.method_string());
  request.path = target.substr(0, question);
  request.query = target.substr(std::min(question + 1, target.size()));
  request.host = header(http::field::host);
  request.origin = header(http::field::origin);
  request.authorization = header(http::field::authorization);
  request.cookie = header(http::field::cookie);
  request.if_none_match = header(http::field::if_none_match);
  request.body = std::move(message.body());
  return request;
}

http::response<http::string_body> to_message(Response&& response, bool head, bool keep_alive) {
  http::response<http::string_body> message(static_cast<http::status>(response.status), 11);
  message.keep_alive(keep_alive);
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  if (message.result() == http::status::not_modified) return message;
  message.set(http::field::content_type, response.content_type);
  message.content_length(response.body.size());
  if (!head) message.body() = std::move(response.body);
  return message;
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

/// What to tell the client about a request that can't be read; nothing where it is gone.
std::optional<Response> complaint(const error_code& error) {
  if (error == http::error::end_of_stream || error == http::error::partial_message) {
    return std::nullopt;
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return text_response(431, "the header is too large");
  }
  if (error == http::error::body_limit) return text_response(413, "the body is too large");
  if (error.category() == http::make_error_code(http::error::bad_method).category()) {
    return text_response(400, "this is not HTTP: " + error.message());
  }
  return std::nullopt;
}

}  // namespace

class HttpServer::Impl {
 public:
  explicit Impl(ServerSettings settings)
      : settings_(std::move(settings)), acceptor_(io_), workers_(settings_.workers) {
    listen();
  }

  ~Impl() { stop(std::chrono::milliseconds{0}); }

  void start(Handler handler) {
    handler_ = std::move(handler);
    asio::co_spawn(io_, accept_connections(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }

  void stop(std::chrono::milliseconds deadline) {
    if (!thread_.joinable()) return;
    asio::co_spawn(io_, wind_down(deadline), asio::detached);
    thread_.join();
    workers_.join();
  }

  [[nodiscard]] const config::Address& local_address() const { return local_; }
  [[nodiscard]] bool is_loopback() const { return is_loopback_; }

  void report(CounterRows& rows) const {
    for (std::size_t i = 2; i < responses_.size(); ++i) {
      rows.push_back({"xrayd_http_responses_total", "HTTP responses by class of status.",
                      "class=\"" + std::to_string(i) + "xx\"",
                      static_cast<std::int64_t>(responses_[i].load()), false});
    }
    rows.push_back({"xrayd_http_connections_refused_total",
                    "Connections closed at once because there were too many.", "",
                    static_cast<std::int64_t>(refused_.load()), false});
    rows.push_back({"xrayd_http_timeouts_total", "Connections cut off because they were too slow.",
                    "", static_cast<std::int64_t>(timeouts_.load()), false});
    rows.push_back({"xrayd_http_connections", "Connections that are open.", "",
                    static_cast<std::int64_t>(open_.load()), true});
  }

 private:
  struct Connection {
    explicit Connection(tcp::socket&& socket) : stream(std::move(socket)), buffer(buffer_limit) {}
    beast::tcp_stream stream;
    beast::flat_buffer buffer;
    /// Waits for a request's first byte; may be closed without harm.
    bool idle = true;
  };

  void listen() {
    const std::string text = config::to_string(settings_.address);
    error_code error;
    tcp::endpoint endpoint(tcp::v6(), settings_.address.port);
    if (!settings_.address.host.empty()) {
      tcp::resolver resolver(io_);
      const auto found = resolver.resolve(settings_.address.host, "0", error);
      if (error || found.empty()) throw StartupError("tcp address " + text + " is unknown");
      endpoint = tcp::endpoint(found.begin()->endpoint().address(), settings_.address.port);
    }
    acceptor_.open(endpoint.protocol(), error);
    if (error == asio::error::address_family_not_supported && settings_.address.host.empty()) {
      endpoint = tcp::endpoint(tcp::v4(), settings_.address.port);
      acceptor_.open(endpoint.protocol(), error);
    }
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && endpoint.address().is_v6()) {
      acceptor_.set_option(asio::ip::v6_only(!settings_.address.host.empty()), error);
    }
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    if (error) {
      throw StartupError("tcp address " + text + " can't be used: " + error.message());
    }
    const tcp::endpoint bound = acceptor_.local_endpoint();
    local_ = {bound.address().to_string(), bound.port()};
    is_loopback_ = bound.address().is_loopback();
  }

  asio::awaitable<void> accept_connections() {
    asio::steady_timer pause(io_);
    log::Throttle throttle{1};
    while (!stopping_) {
      auto [error, socket] = co_await acceptor_.async_accept(as_values);
      if (stopping_) break;
      if (error) {
        // Out of file descriptors, most likely: trying on at once would only burn the processor.
        if (throttle.admit(log::Throttle::Clock::now())) {
          log::warn("a connection could not be accepted: " + error.message());
        }
        pause.expires_after(std::chrono::milliseconds{100});
        co_await pause.async_wait(as_values);
      } else if (connections_.size() >= settings_.max_connections) {
        ++refused_;
      } else {
        asio::co_spawn(io_, serve(std::move(socket)), asio::detached);
      }
    }
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    Connection connection(std::move(socket));
    connections_.insert(&connection);
    ++open_;
    try {
      // One co_await a statement: GCC 12 miscompiles them in the operands of &&.
      auto patience = settings_.header_timeout;
      bool open = true;
      while (open && !stopping_) {
        open = co_await await_request(connection, patience);
        if (open) open = co_await exchange(connection);
        patience = settings_.idle_timeout;
      }
    } catch (const std::exception& problem) {
      log::error(std::string("a connection failed: ") + problem.what());
    }
    connections_.erase(&connection);
    --open_;
    if (stopping_ && connections_.empty() && last_one_left_) last_one_left_->cancel();
  }

  /// Waits until the first byte of a request is there; false if there won't be one.
  asio::awaitable<bool> await_request(Connection& connection, std::chrono::milliseconds patience) {
    if (connection.buffer.size() > 0) co_return true;
    connection.idle = true;
    connection.stream.expires_after(patience);
    auto [error, size] =
        co_await connection.stream.async_read_some(connection.buffer.prepare(4096), as_values);
    connection.buffer.commit(size);
    connection.idle = false;
    co_return !error;
  }

  /// Reads one request and answers it; false if the connection is to be closed.
  asio::awaitable<bool> exchange(Connection& connection) {
    Parser parser;
    parser.header_limit(header_limit);
    parser.body_limit(ServerSettings::largest_body);
    connection.stream.expires_after(settings_.header_timeout);
    auto [error, size] =
        co_await http::async_read_header(connection.stream, connection.buffer, parser, as_values);
    if (error) co_return co_await give_up(connection, error);

    const std::uint64_t limit =
        settings_.body_limit(path_of({parser.get().target().data(), parser.get().target().size()}));
    const std::uint64_t announced = parser.content_length().value_or(parser.chunked() ? limit : 0);
    if (announced > limit) co_return co_await give_up(connection, http::error::body_limit);
    Reservation reservation(body_memory_in_use_);
    if (!reservation.take(announced, settings_.body_memory)) {
      co_return co_await refuse(connection, text_response(503, "too busy for this body"));
    }
    if (const error_code problem = co_await read_body(connection, parser, limit)) {
      co_return co_await give_up(connection, problem);
    }

    const bool keep_alive = parser.keep_alive() && !stopping_;
    auto request = to_request(parser.release());
    if (!request) {
      co_return co_await refuse(connection, text_response(400, "this is no proper request"));
    }
    const bool head = request->method == "HEAD";
    Response response =
        co_await asio::co_spawn(workers_, call_handler(*request), asio::use_awaitable);
    const bool written = co_await write(connection, std::move(response), head, keep_alive);
    co_return written&& keep_alive;
  }

  asio::awaitable<Response> call_handler(const Request& request) { co_return handler_(request); }

  asio::awaitable<error_code> read_body(Connection& connection, Parser& parser,
                                        std::uint64_t limit) {
    connection.stream.expires_after(settings_.body_timeout);
    if (beast::iequals(parser.get()[http::field::expect], "100-continue") && !parser.is_done()) {
      constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      auto [error, size] =
          co_await asio::async_write(connection.stream, asio::buffer(go_on), as_values);
      if (error) co_return error;
    }
    while (!parser.is_done()) {
      auto [error, size] =
          co_await http::async_read_some(connection.stream, connection.buffer, parser, as_values);
      if (error) co_return error;
      // The parser's own limit can't depend on the path: it has to be set before the header is
      // read.
      if (parser.get().body().size() > limit) co_return http::error::body_limit;
    }
    co_return error_code{};
  }

  asio::awaitable<bool> give_up(Connection& connection, error_code error) {
    if (error == beast::error::timeout) ++timeouts_;
    auto response = complaint(error);
    if (!response) co_return false;
    co_return co_await refuse(connection, *std::move(response));
  }

  /// Answers and closes. Reads on for a moment, for closing with unread input resets the connection
  /// and the answer might never be seen.
  asio::awaitable<bool> refuse(Connection& connection, Response response) {
    const bool written = co_await write(connection, std::move(response), false, false);
    if (!written) co_return false;
    error_code ignored;
    connection.stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    connection.buffer.clear();
    connection.stream.expires_after(std::chrono::seconds{2});
    bool more = true;
    while (more && !stopping_) {
      auto [error, size] = co_await connection.stream.async_read_some(
          connection.buffer.prepare(buffer_limit), as_values);
      more = !error;
    }
    co_return false;
  }

  asio::awaitable<bool> write(Connection& connection, Response response, bool head,
                              bool keep_alive) {
    const auto status_class = static_cast<std::size_t>(response.status) / 100;
    if (status_class < responses_.size()) ++responses_[status_class];
    const auto message = to_message(std::move(response), head, keep_alive);
    connection.stream.expires_after(settings_.body_timeout);
    auto [error, size] = co_await http::async_write(connection.stream, message, as_values);
    if (error == beast::error::timeout) ++timeouts_;
    co_return !error;
  }

  asio::awaitable<void> wind_down(std::chrono::milliseconds deadline) {
    stopping_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    for (Connection* connection : connections_) {
      if (connection->idle) connection->stream.close();
    }
    last_one_left_.emplace(io_, deadline);
    if (!connections_.empty()) co_await last_one_left_->async_wait(as_values);
    io_.stop();
  }

  ServerSettings settings_;
  Handler handler_;
  config::Address local_;
  bool is_loopback_ = false;

  /// By status / 100.
  std::array<std::atomic<std::uint64_t>, 6> responses_{};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> timeouts_{0};
  std::atomic<std::int64_t> open_{0};

  // For the thread of io_ alone.
  std::unordered_set<Connection*> connections_;
  std::uint64_t body_memory_in_use_ = 0;
  bool stopping_ = false;

  // Destroyed in reverse order: what still hangs in io_ may refer to anything above.
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  std::optional<asio::steady_timer> last_one_left_;
  asio::thread_pool workers_;
  std::thread thread_;
};

HttpServer::HttpServer(ServerSettings settings)
    : impl_(std::make_unique<Impl>(std::move(settings))) {
}

HttpServer::~HttpServer() = default;

void HttpServer::start(Handler handler) {
  impl_->start(std::move(handler));
}

void HttpServer::stop(std::chrono::milliseconds deadline) {
  impl_->stop(deadline);
}

const config::Address& HttpServer::local_address() const noexcept {
  return impl_->local_address();
}

bool HttpServer::is_loopback() const noexcept {
  return impl_->is_loopback();
}

void HttpServer::report(CounterRows& rows) const {
  impl_->report(rows);
}

}  // namespace xrayd::web
