#include "net/transport.hpp"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <exception>
#include <functional>
#include <utility>

namespace xrayd::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using aws::RequestEnd;
using boost::system::error_code;

/// An address that does not answer holds up the next one no longer (RFC 8305, 8).
constexpr std::chrono::milliseconds head_start{250};

tcp::endpoint to_endpoint(const IpAddress& address, std::uint16_t port) {
  if (!address.is_v6) {
    asio::ip::address_v4::bytes_type bytes{};
    std::copy_n(address.bytes.begin(), bytes.size(), bytes.begin());
    return {asio::ip::address_v4(bytes), port};
  }
  asio::ip::address_v6::bytes_type bytes{};
  std::copy_n(address.bytes.begin(), bytes.size(), bytes.begin());
  return {asio::ip::address_v6(bytes, address.scope), port};
}

bool is_cut(const error_code& error) {
  return error == asio::error::eof || error == asio::error::connection_reset ||
         error == asio::error::broken_pipe || error == asio::error::connection_aborted ||
         error == asio::ssl::error::stream_truncated;
}

/// What happened to a connection that was there.
Failure failure_of(const error_code& error) {
  if (error == asio::error::timed_out) return {RequestEnd::timed_out, "no answer in time"};
  if (error == asio::error::operation_aborted) return {RequestEnd::cut, "given up"};
  if (is_cut(error)) return {RequestEnd::cut, "the connection was closed"};
  if (error.category() == asio::error::get_ssl_category()) {
    return {RequestEnd::malformed_answer, "TLS: " + error.message()};
  }
  return {RequestEnd::cut, error.message()};
}

}  // namespace

class Transport::Impl {
 public:
  explicit Impl(std::stop_token stop)
      : stop_(std::move(stop)), socket_(io_), wake_(stop_, Wake{io_}) {}

  ~Impl() { close(true); }

  std::optional<Failure> connect(const std::vector<IpAddress>& addresses, std::uint16_t port,
                                 Clock::time_point until) {
    Race race{{}, {}, asio::error::network_unreachable, 0};
    race.sockets.reserve(addresses.size());
    io_.restart();
    for (std::size_t next = 0; !race.winner;) {
      if (race.under_way == 0 && next == addresses.size()) break;
      Clock::time_point patience = until;
      if (next < addresses.size()) {
        start(race, to_endpoint(addresses[next++], port));
        if (next < addresses.size()) patience = std::min(until, Clock::now() + head_start);
      }
      const std::size_t before = race.under_way;
      run_until(patience, [&] { return race.winner || race.under_way < before; });
      if (stop_.stop_requested() || Clock::now() >= until) break;
    }
    if (race.winner) socket_ = std::move(race.sockets[*race.winner]);
    const bool all_failed = race.under_way == 0;
    // The handlers of the others refer to `race`: they are seen through to their end.
    error_code ignored;
    for (tcp::socket& socket : race.sockets) socket.close(ignored);
    io_.restart();
    io_.run();
    if (race.winner) {
      socket_.set_option(tcp::no_delay(true), ignored);
      return std::nullopt;
    }
    if (stop_.stop_requested()) return Failure{RequestEnd::cut, "given up"};
    if (!all_failed) return Failure{RequestEnd::timed_out, "no connection in time"};
    const bool timed_out = race.error == asio::error::timed_out;
    return Failure{timed_out ? RequestEnd::timed_out : RequestEnd::refused, race.error.message()};
  }

  std::optional<Failure> secure(SslPointer ssl, Clock::time_point until) {
    SSL* const handle = ssl.get();
    tls_.emplace(socket_, ssl.release());
    const error_code error = wait_for(until, [&](auto handler) {
      tls_->async_handshake(asio::ssl::stream_base::client, std::move(handler));
    });
    if (!error) return std::nullopt;
    const long verdict = SSL_get_verify_result(handle);
    Failure failure = failure_of(error);
    if (failure.end == RequestEnd::malformed_answer && verdict != X509_V_OK &&
        SSL_get_verify_mode(handle) != SSL_VERIFY_NONE) {
      failure = {RequestEnd::not_trusted, std::string("the certificate is not trusted: ") +
                                              X509_verify_cert_error_string(verdict)};
    }
    close(false);
    return failure;
  }

  std::optional<Failure> write(const std::array<std::string_view, 2>& texts,
                               Clock::time_point until) {
    const std::array<asio::const_buffer, 2> buffers = {asio::buffer(texts[0]),
                                                       asio::buffer(texts[1])};
    const error_code error = wait_for(until, [&](auto handler) {
      if (tls_) {
        asio::async_write(*tls_, buffers, std::move(handler));
      } else {
        asio::async_write(socket_, buffers, std::move(handler));
      }
    });
    return error ? std::optional(failure_of(error)) : std::nullopt;
  }

  Read read(std::span<char> room, Clock::time_point until) {
    std::size_t size = 0;
    const auto buffer = asio::buffer(room.data(), room.size());
    const error_code error = wait_for(
        until,
        [&](auto handler) {
          if (tls_) {
            tls_->async_read_some(buffer, std::move(handler));
          } else {
            socket_.async_read_some(buffer, std::move(handler));
          }
        },
        &size);
    if (error == asio::error::eof) return {};
    if (error) return {0, failure_of(error)};
    return {size, std::nullopt};
  }

  bool is_open() const { return socket_.is_open(); }

  bool is_quiet() {
    if (!socket_.is_open()) return false;
    // More may come while some is read, but not for ever.
    for (int i = 0; i < 16; ++i) {
      if (nothing_has_come()) return true;
      if (!tls_ || tls_has_something()) return false;
    }
    return false;
  }

  /// Handlers of what is in progress are called before this returns.
  void close(bool orderly) noexcept {
    error_code ignored;
    try {
      if (tls_ && orderly && is_quiet()) {
        // Sends what it can send at once, and waits for nothing.
        tls_->async_shutdown([](const error_code&) {});
        io_.restart();
        io_.poll();
      }
      socket_.close(ignored);
      io_.restart();
      io_.run();
    } catch (const std::exception&) {
      socket_.close(ignored);
    }
    // Otherwise OpenSSL takes the session for broken, too.
    if (tls_) SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    tls_.reset();
  }

 private:
  struct Wake {
    asio::io_context& io;
    void operator()() const noexcept {
      try {
        asio::post(io, [] {});
      } catch (const std::exception&) {
        // The deadline is what is left then.
        (void)io;
      }
    }
  };

  struct Race {
    std::vector<tcp::socket> sockets;
    std::optional<std::size_t> winner;
    error_code error;
    std::size_t under_way;
  };

  bool nothing_has_come() {
    char byte = 0;
    const ssize_t got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  /// Reads what is there; true if it is the stream's end, an error, or meant for us.
  bool tls_has_something() {
    std::optional<error_code> result;
    char byte = 0;
    tls_->async_read_some(asio::buffer(&byte, 1),
                          [&](const error_code& error, std::size_t) { result = error; });
    io_.restart();
    io_.poll();
    if (result) return true;
    // It has read all and waits for more: that is taken back, and has lost nothing.
    while (!result) {
      error_code ignored;
      socket_.cancel(ignored);
      io_.restart();
      io_.poll();
    }
    return *result != asio::error::operation_aborted;
  }

  void start(Race& race, const tcp::endpoint& endpoint) {
    const std::size_t number = race.sockets.size();
    race.sockets.emplace_back(io_);
    ++race.under_way;
    race.sockets.back().async_connect(endpoint, [&race, number](const error_code& error) {
      --race.under_way;
      if (error) {
        race.error = error;
      } else if (!race.winner) {
        race.winner = number;
      }
    });
  }

  template <typename Done>
  void run_until(Clock::time_point until, Done done) {
    while (!done() && !stop_.stop_requested()) {
      if (io_.stopped()) io_.restart();
      if (io_.run_one_until(until) == 0 && Clock::now() >= until) return;
    }
  }

  /// Starts one operation and sees it through: to its end, to the deadline, or to a stop request.
  /// An operation that was given up leaves the connection closed.
  template <typename Start>
  error_code wait_for(Clock::time_point until, Start start_it, std::size_t* size = nullptr) {
    std::optional<error_code> result;
    const auto handler = [&](const error_code& error, std::size_t n = 0) {
      result = error;
      if (size != nullptr) *size = n;
    };
    io_.restart();
    start_it(handler);
    run_until(until, [&] { return result.has_value(); });
    if (result) return *result;
    const bool stopped = stop_.stop_requested();
    error_code ignored;
    socket_.close(ignored);
    io_.restart();
    io_.run();
    return stopped ? asio::error::operation_aborted : asio::error::timed_out;
  }

  std::stop_token stop_;
  asio::io_context io_{1};
  tcp::socket socket_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
  std::stop_callback<Wake> wake_;
};

Transport::Transport(std::stop_token stop) : impl_(std::make_unique<Impl>(std::move(stop))) {
}

Transport::~Transport() = default;

std::optional<Failure> Transport::connect(const std::vector<IpAddress>& addresses,
                                          std::uint16_t port, Clock::time_point until) {
  return impl_->connect(addresses, port, until);
}

std::optional<Failure> Transport::secure(SslPointer ssl, Clock::time_point until) {
  return impl_->secure(std::move(ssl), until);
}

std::optional<Failure> Transport::write(const std::array<std::string_view, 2>& texts,
                                        Clock::time_point until) {
  return impl_->write(texts, until);
}

Transport::Read Transport::read(std::span<char> room, Clock::time_point until) {
  return impl_->read(room, until);
}

bool Transport::is_open() const {
  return impl_->is_open();
}

bool Transport::is_quiet() {
  return impl_->is_quiet();
}

void Transport::close() noexcept {
  impl_->close(true);
}

}  // namespace xrayd::net
