#include "local/store/id_filter.hpp"

#include <algorithm>
#include <bit>

namespace xrayd::local {
namespace {

constexpr std::size_t probes = 4;
constexpr std::size_t least_words = 64;

// Steps from one bit to the next; odd, so that four differ.
struct Walk {
  explicit Walk(const TraceId& id) {
    // Keyed, so that nobody can choose ids that fill the filter.
    at = TraceIdHash{}(id);
    step = (at >> 32U) | 1U;
  }
  std::uint64_t at;
  std::uint64_t step;
};

}  // namespace

IdFilter::IdFilter(std::size_t bytes)
    : words_(std::bit_ceil(std::max(bytes / sizeof(std::uint64_t), least_words))),
      mask_(words_.size() * 64 - 1) {
}

void IdFilter::add(const TraceId& id) noexcept {
  Walk walk(id);
  for (std::size_t i = 0; i < probes; ++i, walk.at += walk.step) {
    const std::uint64_t bit = walk.at & mask_;
    words_[bit / 64].fetch_or(std::uint64_t{1} << (bit % 64), std::memory_order_relaxed);
  }
}

bool IdFilter::may_have(const TraceId& id) const noexcept {
  Walk walk(id);
  for (std::size_t i = 0; i < probes; ++i, walk.at += walk.step) {
    const std::uint64_t bit = walk.at & mask_;
    const auto word = words_[bit / 64].load(std::memory_order_relaxed);
    if ((word >> (bit % 64) & 1U) == 0) return false;
  }
  return true;
}

}  // namespace xrayd::local
