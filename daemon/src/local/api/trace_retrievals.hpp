// Retrievals of traces: asked for once, then read page by page under a token.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "local/document/trace_id.hpp"

namespace xrayd::local::api {

struct TraceRetrieval {
  std::string token;
  /// In the order in which they were asked for.
  std::vector<TraceId> traces;
  bool cancelled = false;
};

/// In memory only: a token is forgotten after an hour, at a restart, and when a hundred newer ones
/// were given. Thread-safe.
class TraceRetrievals {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  static constexpr std::size_t max_kept = 100;
  static constexpr std::chrono::hours max_age{1};

  explicit TraceRetrievals(Clock clock = &std::chrono::steady_clock::now);

  /// Answers the token, which nobody can guess.
  [[nodiscard]] std::string start(std::vector<TraceId> traces);
  /// Nothing for a token that was never given, or is forgotten.
  [[nodiscard]] std::optional<TraceRetrieval> find(std::string_view token) const;
  /// False for such a token.
  [[nodiscard]] bool cancel(std::string_view token);

 private:
  struct Kept {
    TraceRetrieval retrieval;
    std::chrono::steady_clock::time_point since;
  };
  [[nodiscard]] std::list<Kept>::iterator kept(std::string_view token) const;
  void forget_old() const;

  Clock clock_;
  mutable std::mutex mutex_;
  /// Oldest first. Forgetting is no change that anybody sees.
  mutable std::list<Kept> kept_;
};

}  // namespace xrayd::local::api
