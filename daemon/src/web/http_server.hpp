// HTTP/1.1 on a TCP port. Sockets and the protocol stay behind this; so does their library, which
// is slow to compile.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "config/address.hpp"
#include "counter_row.hpp"
#include "web/router.hpp"

namespace xrayd::web {

struct ServerSettings {
  config::Address address;
  /// Beyond these a new connection is closed at once.
  std::size_t max_connections = 256;
  /// Threads that handlers run on, for handlers may block.
  std::size_t workers = 3;
  /// From a request's first byte to the end of its header.
  std::chrono::milliseconds header_timeout = std::chrono::seconds{10};
  /// For the body, and once more for writing the answer.
  std::chrono::milliseconds body_timeout = std::chrono::seconds{30};
  /// Between two requests on a connection.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds{60};
  /// Bytes that requests' bodies may fill together, from their arrival until their handler is done;
  /// beyond it a request gets 503.
  std::uint64_t body_memory = std::uint64_t{64} << 20U;
  /// Bytes of answers that may wait together for their clients to read them, small ones apart;
  /// beyond it an answer becomes a 503.
  std::uint64_t answer_memory = std::uint64_t{64} << 20U;
  /// Largest body by path, in bytes, of at most `largest_body`; beyond it a request gets 413.
  std::function<std::uint64_t(std::string_view path)> body_limit;

  /// True for paths whose handlers never block: they have a thread of their own, and so don't wait
  /// behind the others.
  std::function<bool(std::string_view path)> is_quick = [](std::string_view) { return false; };

  static constexpr std::uint64_t largest_body = std::uint64_t{16} << 20U;
};

/// A header may have 16 KiB (431 beyond). What isn't HTTP gets 400; who is too slow is cut off.
/// Requests of one connection are answered one after the other, in order.
class HttpServer {
 public:
  /// Binds and listens; throws StartupError naming the address and the cause.
  explicit HttpServer(ServerSettings settings);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  /// Answers from here on, each request by `handler`, which is called from several threads.
  void start(Handler handler);

  /// Takes no more connections or requests, lets those in progress finish for at most `deadline`,
  /// then ends. Nothing happens if it isn't running.
  void stop(std::chrono::milliseconds deadline);

  /// With the port that the system chose if the wanted one was 0.
  [[nodiscard]] const config::Address& local_address() const noexcept;
  [[nodiscard]] bool is_loopback() const noexcept;

  /// From any thread.
  void report(CounterRows& rows) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xrayd::web
