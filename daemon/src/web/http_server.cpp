#include "web/http_server.hpp"

#include <algorithm>
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
#include <boost/beast/http/write.hpp>
#include <boost/system/errc.hpp>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <unordered_set>
#include <utility>

#include "config/log.hpp"
#include "config/log_throttle.hpp"
#include "intake/socket_address.hpp"
#include "startup_error.hpp"
#include "web/http_message.hpp"

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

/// Answers up to this size are not counted against `answer_memory`, so that nobody loses sight of
/// the daemon's health over those that fill it.
constexpr std::size_t small_answer = std::size_t{16} << 10U;

/// A part of a memory of `limit` bytes, given back at the end of its scope. For one thread.
class Reservation {
 public:
  Reservation(std::uint64_t& in_use, std::uint64_t limit) : in_use_(in_use), limit_(limit) {}
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation() { in_use_ -= size_; }

  /// False, and nothing changes, if there isn't as much.
  bool grow_to(std::uint64_t size) {
    const std::uint64_t more = size - std::min(size, size_);
    if (more > limit_ - in_use_) return false;
    in_use_ += more;
    size_ += more;
    return true;
  }

 private:
  std::uint64_t& in_use_;
  std::uint64_t limit_;
  std::uint64_t size_ = 0;
};

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
    quick_worker_.join();
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
    const intake::SocketAddress wanted = intake::resolve(settings_.address);
    tcp::endpoint endpoint;
    endpoint.resize(wanted.size);
    std::memcpy(endpoint.data(), &wanted.storage, wanted.size);
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
    if (parser.content_length().value_or(0) > limit) {
      co_return co_await give_up(connection, http::error::body_limit);
    }
    std::optional<Reservation> body_memory(std::in_place, body_memory_in_use_,
                                           settings_.body_memory);
    if (const error_code problem = co_await read_body(connection, parser, limit, *body_memory)) {
      // Refusing takes a while, and others may need the memory.
      parser.get().body() = {};
      body_memory.reset();
      co_return co_await give_up(connection, problem);
    }

    const bool keep_alive = parser.keep_alive() && !stopping_;
    auto request = to_request(parser.release());
    if (!request) {
      body_memory.reset();
      co_return co_await refuse(connection, text_response(400, "this is no proper request"));
    }
    const bool head = request->method == "HEAD";
    asio::thread_pool& pool = settings_.is_quick(request->path) ? quick_worker_ : workers_;
    Response response = co_await asio::co_spawn(pool, call_handler(*request), asio::use_awaitable);
    request.reset();
    body_memory.reset();

    Reservation answer_memory(answer_memory_in_use_, settings_.answer_memory);
    if (response.body.size() > small_answer && !answer_memory.grow_to(response.body.size())) {
      response = busy_response("too many answers wait for their readers");
    }
    const bool written = co_await write(connection, std::move(response), head, keep_alive);
    co_return written&& keep_alive;
  }

  asio::awaitable<Response> call_handler(const Request& request) { co_return handler_(request); }

  asio::awaitable<error_code> read_body(Connection& connection, Parser& parser, std::uint64_t limit,
                                        Reservation& memory) {
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
      if (!memory.grow_to(parser.get().body().size())) {
        co_return make_error_code(boost::system::errc::not_enough_memory);
      }
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
  std::uint64_t answer_memory_in_use_ = 0;
  bool stopping_ = false;

  // Destroyed in reverse order: what still hangs in io_ may refer to anything above.
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  std::optional<asio::steady_timer> last_one_left_;
  asio::thread_pool workers_;
  asio::thread_pool quick_worker_{1};
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
