// One connection to another machine, with TLS or without, whose every step has a deadline.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "aws/retry_policy.hpp"
#include "net/ip_address.hpp"
#include "net/tls_context.hpp"

namespace xrayd::net {

struct Failure {
  aws::RequestEnd end = aws::RequestEnd::cut;
  /// For people: why, without where.
  std::string cause;
};

/// For one thread at a time. A stop request, from any thread, ends the step in progress and all
/// later ones at once.
class Transport {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Transport(std::stop_token stop);
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  ~Transport();

  /// Tries the addresses in their order, the next one as soon as one fails or takes long, and keeps
  /// the first connection that is there.
  [[nodiscard]] std::optional<Failure> connect(const std::vector<IpAddress>& addresses,
                                               std::uint16_t port, Clock::time_point until);
  /// From here on everything goes through TLS.
  [[nodiscard]] std::optional<Failure> secure(SslPointer ssl, Clock::time_point until);
  /// Writes both texts, one after the other. They are not copied.
  [[nodiscard]] std::optional<Failure> write(const std::array<std::string_view, 2>& texts,
                                             Clock::time_point until);

  struct Read {
    /// 0 where the other side has ended the stream in an orderly way, or with a failure.
    std::size_t size = 0;
    std::optional<Failure> failure = {};
  };
  /// Whatever comes next, at most what fits into `room`.
  [[nodiscard]] Read read(std::span<char> room, Clock::time_point until);

  [[nodiscard]] bool is_open() const;
  /// Open, and nothing waits to be read: neither the stream's end nor what nobody asked for. What
  /// TLS says to itself in between (sessions for later) is taken in.
  [[nodiscard]] bool is_quiet();
  /// Tells the other side where that can be done without waiting.
  void close() noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xrayd::net
