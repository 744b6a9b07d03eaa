// Whether a file may have a trace: a Bloom filter over trace ids.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "local/document/trace_id.hpp"

namespace xrayd::local {

/// Thread-safe. What add() was told before is known to every may_have() that synchronises with it.
class IdFilter {
 public:
  /// Takes `bytes` of memory, rounded up to a power of two; good for about as many ids.
  explicit IdFilter(std::size_t bytes);

  void add(const TraceId& id) noexcept;
  /// False only if it was never added.
  [[nodiscard]] bool may_have(const TraceId& id) const noexcept;

 private:
  std::vector<std::atomic<std::uint64_t>> words_;
  std::uint64_t mask_;
};

}  // namespace xrayd::local
