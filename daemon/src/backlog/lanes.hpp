// Which of the batches being filled a document goes to.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "backlog/open_batch.hpp"

namespace xrayd::backlog {

/// Documents of one trace leave in one request more often where several batches are filled at a
/// time and the trace chooses: X-Ray's limits on a trace are kinder then. As many as fill well
/// within a second at the present rate, so that it costs no request more. For one thread at a time.
class Lanes {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t most = 8;

  /// Documents come: decides how many lanes are in use.
  void note(std::size_t documents, Clock::time_point now) noexcept;
  /// Lanes in use, a power of two. Those beyond may still hold a batch.
  [[nodiscard]] std::size_t used() const noexcept { return used_; }
  [[nodiscard]] std::size_t lane_of(std::string_view document) const noexcept;

  [[nodiscard]] OpenBatch& at(std::size_t lane) noexcept { return lanes_[lane]; }
  [[nodiscard]] std::array<OpenBatch, most>& all() noexcept { return lanes_; }
  /// The batch that was begun first; nothing where all are empty.
  [[nodiscard]] OpenBatch* oldest() noexcept;

 private:
  std::array<OpenBatch, most> lanes_;
  std::size_t used_ = 1;
  std::uint64_t in_window_ = 0;
  Clock::time_point window_{};
};

/// The value of the first `"trace_id":"..."` in the document's first half kilobyte, blanks around
/// the colon allowed; empty where there is none. A guess, not a parser.
[[nodiscard]] std::string_view find_trace_id(std::string_view document) noexcept;

}  // namespace xrayd::backlog
