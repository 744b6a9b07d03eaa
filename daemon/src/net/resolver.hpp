// Names to addresses, without waiting longer than the caller wants to.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "net/ip_address.hpp"

namespace xrayd::net {

struct LookUpResult {
  /// IPv6 and IPv4 in turns, the system's first choice first; at most `most_addresses`.
  std::vector<IpAddress> addresses;
  /// Why there are none.
  std::string problem;
};

inline constexpr std::size_t most_addresses = 16;

/// Asks the system (getaddrinfo). May take as long as the system likes.
[[nodiscard]] LookUpResult system_look_up(const std::string& host) noexcept;

/// A look-up can be given up but not stopped: each runs on a thread of its own, which is left
/// behind when nobody waits any more and touches nothing but what it shares with its waiters.
/// Whoever asks for a name that is being looked up waits for the same answer. Thread-safe.
class Resolver {
 public:
  using LookUp = std::function<LookUpResult(const std::string& host)>;
  using Clock = std::chrono::steady_clock;

  /// More names than this are not looked up at a time: where the system hangs, threads would pile
  /// up.
  static constexpr std::size_t most_look_ups = 32;

  explicit Resolver(LookUp look_up = &system_look_up);

  enum class End { found, not_found, timed_out, stopped };
  struct Answer {
    End end = End::not_found;
    LookUpResult result;
  };

  /// Addresses are their own answer.
  [[nodiscard]] Answer resolve(const std::string& host, Clock::time_point until,
                               const std::stop_token& stop) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace xrayd::net
